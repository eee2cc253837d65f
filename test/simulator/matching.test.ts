import { expect, test } from 'vitest';
import { dec, type Decimal, text } from '../../src/domain/decimal.ts';
import type { Candle } from '../../src/domain/market/candle.ts';
import { priceWithin, sliceOf } from '../../src/simulator/candle-path.ts';
import { defaultRules, restingFills, type RestingOrder } from '../../src/simulator/matching.ts';

const minute = 60_000;
const tick = dec('0.01');
const rising: Candle = { time: 0, open: '100', high: '110', low: '90', close: '105', volume: '60' };
const falling: Candle = { ...rising, open: '105', close: '100' };
const plainSlice = ({ low, high, volume }: { low: Decimal; high: Decimal; volume: Decimal }) =>
  [low, high, volume].map(text);

const resting = (orderId: number, side: 'BUY' | 'SELL', price: string, remaining: string): RestingOrder => ({
  orderId,
  side,
  price: dec(price),
  remaining: dec(remaining),
});
const fillsOf = (orders: readonly RestingOrder[], low: string, high: string, volume: string) =>
  restingFills(orders, { low: dec(low), high: dec(high), volume: dec(volume) }, defaultRules, dec('0.01')).map(
    ({ orderId, quantity }) => [orderId, text(quantity)],
  );

test('a rising candle dips first and a falling one rises first', () => {
  const at = (candle: Candle) =>
    [0, 10_000, 20_000, 40_000, 60_000].map((elapsed) => text(priceWithin(candle, elapsed, minute, tick)));
  expect(at(rising)).toEqual(['100', '95', '90', '110', '105']);
  expect(at(falling)).toEqual(['105', '107.5', '110', '90', '100']);
});

test('a slice of a candle has the prices and the share of the volume of its time', () => {
  expect(plainSlice(sliceOf(rising, 0, minute, minute, tick))).toEqual(['90', '110', '60']);
  expect(plainSlice(sliceOf(rising, 10_000, 30_000, minute, tick))).toEqual(['90', '100', '20']);
  expect(plainSlice(sliceOf(rising, 45_000, 50_000, minute, tick))).toEqual(['107.5', '108.75', '5']);
});

test('an order fills when the market trades through its limit, not when it touches it', () => {
  const orders = [resting(1, 'BUY', '95', '1'), resting(2, 'SELL', '105', '1')];
  expect(fillsOf(orders, '95', '105', '1000')).toEqual([]);
  expect(fillsOf(orders, '94.99', '105', '1000')).toEqual([[1, '1']]);
  expect(fillsOf(orders, '95', '105.01', '1000')).toEqual([[2, '1']]);
});

test('orders of one side share the volume by price, then by age, in whole steps', () => {
  const buys = [resting(1, 'BUY', '96', '2'), resting(2, 'BUY', '97', '2'), resting(3, 'BUY', '96', '2')];
  const sell = resting(4, 'SELL', '101', '9');
  expect(fillsOf([...buys, sell], '90', '110', '35.55')).toEqual([
    [2, '2'],
    [1, '1.55'],
    [4, '3.55'],
  ]);
});
