import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limitFill, marketFillPrice, stopFill } from '../../../src/domain/fills/fill-model.ts';
import { onTick, protectionLevels } from '../../../src/domain/fills/protection.ts';

const candle = { open: 100, high: 110, low: 90 };

describe('market orders', () => {
  test('pay slippage against themselves', () => {
    expect(marketFillPrice(100, 'BUY', 50)).toBeCloseTo(100.5, 12);
    expect(marketFillPrice(100, 'SELL', 50)).toBeCloseTo(99.5, 12);
  });
  test('without slippage fill at exactly the price', () =>
    expect(marketFillPrice(0.1 + 0.2, 'BUY', 0)).toBe(0.1 + 0.2));
});

test.each([
  ['BUY', 105, 100],
  ['BUY', 95, 95],
  ['BUY', 90, 90],
  ['BUY', 89.99, null],
  ['SELL', 95, 100],
  ['SELL', 110, 110],
  ['SELL', 110.01, null],
] as const)('a %s limit at %d fills at %s', (side, limit, price) => {
  expect(limitFill({ side, limit }, candle)).toBe(price);
});

test.each([
  ['SELL', 105, 100],
  ['SELL', 95, 95],
  ['SELL', 90, 90],
  ['SELL', 89.99, null],
  ['BUY', 95, 100],
  ['BUY', 110, 110],
  ['BUY', 110.01, null],
] as const)('a %s stop at %d triggers at %s', (side, stop, price) => {
  expect(stopFill({ side, stop }, candle)).toBe(price);
});

test('a fill is within the candle, a limit no worse and a stop no better than its level', () => {
  const price = fc.integer({ min: 1, max: 1_000 });
  fc.assert(
    fc.property(
      price,
      price,
      price,
      price,
      fc.constantFrom('BUY' as const, 'SELL' as const),
      (a, b, c, level, side) => {
        const [low, open, high] = [a, b, c].toSorted((x, y) => x - y) as [number, number, number];
        const limited = limitFill({ side, limit: level }, { open, high, low });
        const stopped = stopFill({ side, stop: level }, { open, high, low });
        const sign = side === 'BUY' ? 1 : -1;
        for (const fill of [limited, stopped]) {
          if (fill !== null) expect(fill >= low && fill <= high).toBe(true);
        }
        if (limited !== null) expect(sign * (limited - level)).toBeLessThanOrEqual(0);
        if (stopped !== null) expect(sign * (stopped - level)).toBeGreaterThanOrEqual(0);
      },
    ),
  );
});

describe('protection', () => {
  const risk = { side: 'LONG', stop_loss_pct: 5, take_profit_pct: 10, trailing_stop_pct: 5 } as const;
  test('starts at the entry and the tighter stop counts', () => {
    expect(protectionLevels(risk, 100, 100)).toEqual({
      stop: 95,
      stopReason: 'stop_loss',
      target: expect.closeTo(110, 9),
    });
    expect(protectionLevels(risk, 100, 120)).toMatchObject({ stop: 114, stopReason: 'trailing_stop' });
  });
  test('is mirrored for a SHORT', () => {
    expect(protectionLevels({ ...risk, side: 'SHORT' }, 100, 80)).toMatchObject({
      stop: 84,
      stopReason: 'trailing_stop',
      target: 90,
    });
  });
  test('is none where nothing is asked', () => {
    expect(protectionLevels({ side: 'LONG' }, 100, 100)).toMatchObject({ stop: null, target: null });
  });
  test.each([
    [98.765, 0.01, 98.77],
    [98.764, 0.01, 98.76],
    [98.76, 0.5, 99],
    [17.3, 5, 15],
    [1.23456, 0, 1.23456],
  ])('%d on a tick of %d is %d', (price, tick, fitted) => expect(onTick(price, tick)).toBe(fitted));
});
