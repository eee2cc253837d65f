import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ema, sma, wma } from '../../../src/domain/indicators/averages.ts';
import { rollingExtreme } from '../../../src/domain/indicators/extremes.ts';
import { decimalsOf, tickGrid } from '../../../src/domain/indicators/tick-grid.ts';

const cents = (least: number, most: number) =>
  fc.array(fc.integer({ min: 1, max: 9_000_000 }), { minLength: least, maxLength: most });

describe('averages on a tick grid', () => {
  test('windows of the same prices in another order have equal averages', () => {
    fc.assert(
      fc.property(cents(2, 60), fc.constantFrom(1, 10, 100, 1_000, 1e8), (ticks, scale) => {
        const prices = ticks.map((tick) => tick / scale);
        const other = prices.toReversed();
        expect(sma(Float64Array.from(other), other.length).at(-1)).toBe(
          sma(Float64Array.from(prices), prices.length).at(-1),
        );
      }),
    );
  });

  test('averages of different periods that are equal as fractions are equal as numbers', () => {
    fc.assert(
      fc.property(cents(1, 20), fc.integer({ min: 2, max: 5 }), (ticks, times) => {
        const prices = Float64Array.from(Array(times).fill(ticks).flat(), (tick: number) => tick / 100);
        expect(sma(prices, prices.length).at(-1)).toBe(sma(prices, ticks.length).at(-1));
      }),
    );
  });

  test('a plain running sum would not do: the tie that it loses is kept', () => {
    const prices = Float64Array.of(1000.3, 0.1, 0.2, 0.3, 0.3, 0.2, 0.1);
    const average = sma(prices, 3);
    expect(average[3]).toBe(average[6]);
    let running = 1000.3 + 0.1 + 0.2;
    const lost = [];
    for (let i = 3; i < 7; i += 1) {
      running = running + prices[i]! - prices[i - 3]!;
      lost.push(running);
    }
    expect(lost[0]).not.toBe(lost[3]);
  });

  test('more decimals later change nothing before', () => {
    const prices = [100.1, 100.2, 100.3, 100.2, 100.4, 99.9];
    const before = sma(Float64Array.from(prices), 3);
    for (const next of [100.123_456_78, Math.PI, 1e15, Number.NaN]) {
      expect([...sma(Float64Array.from([...prices, next]), 3).subarray(0, 6)]).toEqual([...before]);
    }
  });

  test.each([
    [17_212.12, 2],
    [110.660_42, 5],
    [1e-8, 8],
    [46_319, 0],
    [Math.PI, -1],
    [Number.NaN, -1],
    [1e300, -1],
  ])('%d has %d decimals', (value, decimals) => expect(decimalsOf(value)).toBe(decimals));

  test('a grid is found with as few decimals as hold all values', () => {
    expect(tickGrid(Float64Array.of(1, 2.5, 3.25))).toEqual({ decimals: 2, scale: 100, maxAbs: 325 });
    expect(tickGrid(Float64Array.of(1, Math.E))).toBeNull();
  });
});

test('values are those of each window by itself', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 1, max: 1e5, noNaN: true }), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 12 }),
      (values, period) => {
        const column = Float64Array.from(values);
        const [mean, weighted, top] = [sma(column, period), wma(column, period), rollingExtreme(column, period, 1)];
        for (let i = 0; i < values.length; i += 1) {
          const window = values.slice(i - period + 1, i + 1);
          if (i < period - 1) {
            expect([mean[i], weighted[i], top[i]]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
            continue;
          }
          expect(top[i]).toBe(Math.max(...window));
          expect(mean[i]! / (window.reduce((a, b) => a + b) / period)).toBeCloseTo(1, 12);
          const weights = window.reduce((total, value, k) => total + value * (k + 1), 0);
          expect(weighted[i]! / (weights / ((period * (period + 1)) / 2))).toBeCloseTo(1, 12);
        }
      },
    ),
  );
});

test('an exponential average is seeded with the simple one and moves by 2/(n+1)', () => {
  expect([...ema(Float64Array.of(1, 2, 3, 7), 3)]).toEqual([Number.NaN, Number.NaN, 2, 4.5]);
});
