import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dec, sum, text } from '../../../src/domain/decimal.ts';
import { paperOutcome } from '../../../src/domain/fills/paper-fills.ts';
import type { PaperOrder } from '../../../src/domain/fills/paper-order.ts';
import { walks } from '../backtest/markets.ts';
import { candlesOf, minute } from './minute-candles.ts';
import { rowsOf } from './parity.ts';

const order = (over: Partial<PaperOrder> = {}): PaperOrder => ({
  clientOrderId: 'id',
  side: 'SELL',
  type: 'MARKET',
  quantity: '10',
  price: null,
  budget: null,
  stepSize: '0.1',
  reduceOnly: true,
  from: 0,
  cancelledAt: null,
  ...over,
});

const costs = { maker: '0.001', taker: '0.002', slippageBps: 100, quote: 'USDT' };
const halfOf = { ...costs, volumeShare: 0.5 };

/** `quantity at price, fee, bar` of each fill. */
const said = (fills: ReturnType<typeof paperOutcome>['fills']): readonly string[] =>
  fills.map(
    ({ quantity, price, commission, executedAt }) =>
      `${quantity} at ${price}, fee ${commission}, bar ${executedAt / minute}`,
  );

describe('a stop loss', () => {
  const stop = order({ type: 'STOP_LOSS', stopPrice: '95' });
  test('waits for its level, fills there as a market order does, with slippage and the taker fee', () => {
    const candles = candlesOf([
      [100, 101, 96, 97, 1],
      [97, 97, 94, 96, 1],
    ]);
    expect(paperOutcome(stop, candles.slice(0, 1), costs)).toEqual({ status: 'open', fills: [] });
    const { status, fills } = paperOutcome(stop, candles, costs);
    expect([status, ...said(fills)]).toEqual(['filled', '10 at 94.05, fee 1.881, bar 1']);
  });
  test('fills at an open beyond its level', () => {
    const { fills } = paperOutcome(stop, candlesOf([[90, 91, 89, 90, 1]]), costs);
    expect(said(fills)).toEqual(['10 at 89.1, fee 1.782, bar 0']);
  });
  test('counts from its first candle on, not before', () => {
    const candles = candlesOf([
      [100, 100, 90, 100, 1],
      [100, 100, 99, 100, 1],
    ]);
    expect(paperOutcome({ ...stop, from: minute }, candles, costs).status).toBe('open');
  });
  test('that was triggered sells at the next opens what the volume left of it, wherever the price goes', () => {
    const candles = candlesOf([
      [97, 97, 94, 96, 8],
      [99, 99, 98, 99, 0],
      [98, 98, 97, 98, 7],
      [100, 100, 99, 100, 50],
    ]);
    const { status, fills } = paperOutcome(stop, candles, halfOf);
    expect(status).toBe('filled');
    expect(said(fills)).toEqual([
      '4 at 94.05, fee 0.7524, bar 0',
      '3.5 at 97.02, fee 0.67914, bar 2',
      '2.5 at 99, fee 0.495, bar 3',
    ]);
    expect(fills.map(({ tradeId }) => tradeId)).toEqual(['id-1', 'id-2', 'id-3']);
  });
  test('buys a SHORT back above', () => {
    const cover = order({ side: 'BUY', type: 'STOP_LOSS', stopPrice: '105' });
    const { fills } = paperOutcome(cover, candlesOf([[100, 106, 100, 104, 1]]), costs);
    expect(said(fills)).toEqual(['10 at 106.05, fee 2.121, bar 0']);
  });
});

describe('a take profit', () => {
  const target = order({ type: 'TAKE_PROFIT', price: '110' });
  test('is a limit order: its level without slippage, the maker fee', () => {
    const { status, fills } = paperOutcome(target, candlesOf([[100, 110, 99, 105, 1]]), costs);
    expect([status, ...said(fills)]).toEqual(['filled', '10 at 110, fee 1.1, bar 0']);
  });
  test('goes on only on candles that reach it', () => {
    const candles = candlesOf([
      [100, 111, 99, 105, 8],
      [105, 106, 104, 105, 50],
      [112, 113, 111, 112, 50],
    ]);
    expect(paperOutcome(target, candles.slice(0, 2), halfOf).status).toBe('partially_filled');
    expect(said(paperOutcome(target, candles, halfOf).fills)).toEqual([
      '4 at 110, fee 0.44, bar 0',
      '6 at 112, fee 0.672, bar 2',
    ]);
  });
});

describe('a take profit that waits for its price', () => {
  const target = order({ type: 'TAKE_PROFIT', stopPrice: '110' });
  test('leaves there as a market order does, at an open beyond it where the market gapped', () => {
    const { status, fills } = paperOutcome(target, candlesOf([[100, 111, 99, 105, 1]]), costs);
    expect([status, ...said(fills)]).toEqual(['filled', '10 at 108.9, fee 2.178, bar 0']);
    const gap = paperOutcome(target, candlesOf([[115, 116, 114, 115, 1]]), costs);
    expect(said(gap.fills)).toEqual(['10 at 113.85, fee 2.277, bar 0']);
  });
  test('buys lower', () => {
    const { fills } = paperOutcome(
      { ...target, side: 'BUY', stopPrice: '95' },
      candlesOf([[100, 101, 94, 96, 1]]),
      costs,
    );
    expect(said(fills)).toEqual(['10 at 95.95, fee 1.919, bar 0']);
  });
});

describe('an order with a trigger and a limit', () => {
  const stop = order({ type: 'STOP_LOSS', stopPrice: '95', price: '94.5' });
  test('takes at once what is within its limit, and slips no further than that', () => {
    const { status, fills } = paperOutcome(stop, candlesOf([[100, 101, 94, 96, 1]]), costs);
    expect([status, ...said(fills)]).toEqual(['filled', '10 at 94.5, fee 1.89, bar 0']);
    const wide = paperOutcome({ ...stop, price: '90' }, candlesOf([[100, 101, 94, 96, 1]]), costs);
    expect(said(wide.fills)).toEqual(['10 at 94.05, fee 1.881, bar 0']);
  });
  test('rests at its limit after a gap beyond it, from the next candle on, as a maker', () => {
    const candles = candlesOf([
      [90, 96, 89, 91, 1],
      [91, 94, 90, 93, 1],
      [93, 95, 92, 94, 1],
    ]);
    expect(paperOutcome(stop, candles.slice(0, 2), costs)).toEqual({ status: 'open', fills: [] });
    const { status, fills } = paperOutcome(stop, candles, costs);
    expect([status, ...said(fills)]).toEqual(['filled', '10 at 94.5, fee 0.945, bar 2']);
  });
  test('sells the rest at its limit alone, not at the next opens', () => {
    const candles = candlesOf([
      [100, 101, 94, 96, 8],
      [92, 93, 91, 92, 50],
      [93, 95, 92, 94, 50],
    ]);
    const { status, fills } = paperOutcome(stop, candles, halfOf);
    expect([status, ...said(fills)]).toEqual(['filled', '4 at 94.5, fee 0.756, bar 0', '6 at 94.5, fee 0.567, bar 2']);
  });
});

describe('IOC and FOK', () => {
  const buy = order({ side: 'BUY', type: 'LIMIT', price: '100.5', timeInForce: 'IOC', reduceOnly: false });
  const candles = candlesOf([
    [100, 101, 99, 100, 8],
    [100, 101, 99, 100, 50],
  ]);
  test('take at the first open what is within the limit, as a taker, and the rest expires', () => {
    const { status, fills } = paperOutcome(buy, candles, halfOf);
    expect([status, ...said(fills)]).toEqual(['expired', '4 at 100.5, fee 0.804, bar 0']);
  });
  test('expire where the open is beyond the limit, though the candle comes to it', () => {
    expect(paperOutcome({ ...buy, price: '99.5' }, candles, halfOf)).toEqual({ status: 'expired', fills: [] });
  });
  test('FOK fills whole or not at all', () => {
    expect(paperOutcome({ ...buy, timeInForce: 'FOK' }, candles, halfOf)).toEqual({ status: 'expired', fills: [] });
    expect(paperOutcome({ ...buy, timeInForce: 'FOK' }, candles, costs).status).toBe('filled');
  });
});

test('a limit that stays in the book goes on where an entry would expire; a market order does not', () => {
  const candles = candlesOf([
    [100, 101, 99, 100, 8],
    [102, 103, 101, 102, 50],
    [100, 101, 99, 100, 50],
  ]);
  const buy = order({ side: 'BUY', type: 'LIMIT', price: '100', reduceOnly: false, staysInBook: true });
  const { status, fills } = paperOutcome(buy, candles, halfOf);
  expect([status, ...said(fills)]).toEqual(['filled', '4 at 100, fee 0.4, bar 0', '6 at 100, fee 0.6, bar 2']);
  expect(paperOutcome({ ...buy, staysInBook: false }, candles, halfOf).status).toBe('expired');
  const market = { ...buy, type: 'MARKET', price: null } as const;
  expect(paperOutcome(market, candles, halfOf)).toMatchObject({ status: 'expired', fills: [{ quantity: '4' }] });
});

describe('an entry under a volume limit', () => {
  const buy = order({ side: 'BUY', reduceOnly: false });
  test('takes what its first candle gives, floored to the step, and the rest expires', () => {
    const candles = candlesOf([
      [100, 100, 100, 100, 7.3],
      [100, 100, 100, 100, 50],
    ]);
    const { status, fills } = paperOutcome(buy, candles, halfOf);
    expect([status, ...said(fills)]).toEqual(['expired', '3.6 at 101, fee 0.7272, bar 0']);
  });
  test('expires where a candle gives nothing, or less than the market takes', () => {
    const candles = candlesOf([[100, 100, 100, 100, 1]]);
    const minimum = { quantity: '0.1', notional: '60' };
    expect(paperOutcome({ ...buy, minimum }, candles, halfOf)).toEqual({ status: 'expired', fills: [] });
    expect(paperOutcome(buy, candlesOf([[100, 100, 100, 100, 0]]), halfOf)).toEqual({ status: 'expired', fills: [] });
  });
});

describe('time in force', () => {
  const limit = order({ side: 'BUY', reduceOnly: false, type: 'LIMIT', price: '95', expireBars: 2 });
  const candles = candlesOf([
    [100, 100, 99, 100, 1],
    [100, 100, 96, 97, 1],
    [97, 97, 90, 91, 1],
  ]);
  test('ends with the last of its candles, whether or not it was looked at then', () => {
    expect(paperOutcome(limit, candles.slice(0, 1), costs).status).toBe('open');
    expect(paperOutcome(limit, candles.slice(0, 2), costs)).toEqual({ status: 'expired', fills: [] });
    expect(paperOutcome(limit, candles, costs)).toEqual({ status: 'expired', fills: [] });
    expect(paperOutcome({ ...limit, expireBars: 3 }, candles, costs).status).toBe('filled');
  });
  test('keeps what was sold of an exit by then', () => {
    const part = order({ type: 'TAKE_PROFIT', price: '99', expireBars: 2 });
    const { status, fills } = paperOutcome(part, candles, halfOf);
    expect([status, ...said(fills)]).toEqual(['expired', '0.5 at 100, fee 0.05, bar 0', '0.5 at 100, fee 0.05, bar 1']);
  });
});

test('a cancel ends an exit that has sold a part', () => {
  const candles = candlesOf([
    [100, 100, 100, 100, 8],
    [100, 100, 100, 100, 50],
  ]);
  const { status, fills } = paperOutcome(order({ cancelledAt: minute }), candles, halfOf);
  expect([status, fills.length]).toEqual(['cancelled', 1]);
});

/** What each shape of an order waits for: a limit, a trigger, or a trigger and then a limit. */
const shapes = [
  ['MARKET', false, false],
  ['LIMIT', true, false],
  ['STOP_LOSS', false, true],
  ['STOP_LOSS', true, true],
  ['TAKE_PROFIT', true, false],
  ['TAKE_PROFIT', false, true],
  ['TAKE_PROFIT', true, true],
] as const;

const hundredths = (value: number): string => text(dec(value).div('100'));

const orders = fc
  .record({
    side: fc.constantFrom('BUY' as const, 'SELL' as const),
    shape: fc.constantFrom(...shapes),
    level: fc.integer({ min: 9_800, max: 10_200 }),
    limitAway: fc.integer({ min: -30, max: 30 }),
    quantity: fc.integer({ min: 1, max: 400 }),
    budget: fc.option(fc.integer({ min: 10, max: 4_000 })),
    reduceOnly: fc.boolean(),
    staysInBook: fc.boolean(),
    timeInForce: fc.constantFrom(null, 'GTC' as const, 'IOC' as const, 'FOK' as const),
    from: fc.nat(10),
    expireBars: fc.option(fc.integer({ min: 1, max: 10 })),
  })
  .map(({ shape: [type, hasLimit, hasTrigger], level, limitAway, quantity, budget, from, timeInForce, ...rest }) =>
    order({
      ...rest,
      type,
      quantity: text(dec(quantity).div('10')),
      price: hasLimit ? hundredths(level + (hasTrigger ? limitAway : 0)) : null,
      stopPrice: hasTrigger ? hundredths(level) : null,
      timeInForce: hasLimit ? timeInForce : null,
      budget: budget === null || rest.reduceOnly || (hasLimit && rest.staysInBook) ? null : String(budget),
      from: Date.UTC(2024, 0, 1) + from * minute,
    }),
  );

test('more candles add fills and change none; an end is an end; nothing is filled beyond the order, its limit, its budget or the volume', () => {
  fc.assert(
    fc.property(orders, walks(60, 20, 0), fc.nat(), fc.constantFrom(null, 0.5), (asked, columns, cut, volumeShare) => {
      const candles = rowsOf(columns);
      const paid = { ...costs, volumeShare };
      const whole = paperOutcome(asked, candles, paid);
      expect(paperOutcome(asked, candles, paid)).toEqual(whole);
      const part = paperOutcome(asked, candles.slice(0, cut % candles.length), paid);
      expect(whole.fills.slice(0, part.fills.length)).toEqual(part.fills);
      if (part.status !== 'open' && part.status !== 'partially_filled') expect(part).toEqual(whole);

      const filled = sum(whole.fills.map(({ quantity }) => dec(quantity)));
      expect(filled.lte(asked.quantity)).toBe(true);
      expect(whole.status === 'filled').toBe(filled.eq(asked.quantity));
      const spent = sum(whole.fills.map(({ quantity, price }) => dec(quantity).times(price).times('1.001')));
      if (asked.budget !== null && asked.side === 'BUY') expect(spent.lte(asked.budget)).toBe(true);
      for (const { price, quantity, executedAt } of whole.fills) {
        if (asked.price !== null)
          expect(asked.side === 'BUY' ? dec(price).lte(asked.price) : dec(price).gte(asked.price)).toBe(true);
        if (asked.timeInForce === 'FOK') expect(whole.status).toBe('filled');
        expect(dec(quantity).mod(asked.stepSize).eq('0')).toBe(true);
        if (volumeShare === null) continue;
        const { volume } = candles.find(({ time }) => time === executedAt)!;
        expect(dec(quantity).lte(dec(volume).times('0.5'))).toBe(true);
      }
    }),
  );
});
