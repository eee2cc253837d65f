import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { intervalMs, intervals } from '../../src/domain/market/interval.ts';
import { generateCandles } from '../../src/simulator/generator.ts';

const start = Date.UTC(2024, 0, 1);
const base = { seed: 7, interval: '1m', start } as const;

test('the same seed gives the same candles, another seed others', () => {
  expect(generateCandles({ ...base, count: 3 })).toMatchInlineSnapshot(`
    [
      {
        "close": "29736.72",
        "high": "29746.67",
        "low": "29717.92",
        "open": "29730.87",
        "time": 1704067200000,
        "volume": "11.54295",
      },
      {
        "close": "29737.74",
        "high": "29747.91",
        "low": "29728.83",
        "open": "29736.72",
        "time": 1704067260000,
        "volume": "23.41348",
      },
      {
        "close": "29738.77",
        "high": "29744.03",
        "low": "29736.94",
        "open": "29737.74",
        "time": 1704067320000,
        "volume": "45.76334",
      },
    ]
  `);
  expect(generateCandles({ ...base, seed: 8, count: 3 })).not.toEqual(generateCandles({ ...base, count: 3 }));
});

test('a range is the same wherever the generation began', () => {
  const long = generateCandles({ ...base, count: 500 });
  expect(generateCandles({ ...base, start: start + 400 * 60_000, count: 100 })).toEqual(long.slice(400));
});

test('candles are aligned, whole and continuous in every interval and at every price', () => {
  const options = fc.record({
    seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    interval: fc.constantFrom(...intervals),
    start: fc.integer({ min: Date.UTC(2018, 0, 1), max: Date.UTC(2030, 0, 1) }),
    count: fc.constant(20),
    basePrice: fc.constantFrom(1, 100, 30_000),
    priceScale: fc.constantFrom(2, 4),
  });
  fc.assert(
    fc.property(options, (given) => {
      const candles = generateCandles(given);
      for (const [index, candle] of candles.entries()) {
        const [open, high, low, close] = [candle.open, candle.high, candle.low, candle.close].map(Number);
        expect(candle.time % intervalMs[given.interval]).toBe(0);
        expect(high).toBeGreaterThanOrEqual(Math.max(open ?? Infinity, close ?? Infinity));
        expect(low).toBeLessThanOrEqual(Math.min(open ?? 0, close ?? 0));
        expect(low).toBeGreaterThan(0);
        expect(Number(candle.volume)).toBeGreaterThan(0);
        const next = candles[index + 1];
        if (next === undefined) continue;
        expect(next.time).toBe(candle.time + intervalMs[given.interval]);
        expect(next.open).toBe(candle.close);
      }
    }),
  );
});

test('trends form and turn: a fast and a slow average cross many times in a day of minutes', () => {
  const closes = generateCandles({ ...base, count: 1440 }).map(({ close }) => Number(close));
  const average = (end: number, length: number): number =>
    closes.slice(end - length, end).reduce((total, close) => total + close, 0) / length;
  let crossings = 0;
  let above = false;
  for (let end = 50; end <= closes.length; end += 1) {
    const isAbove = average(end, 10) > average(end, 50);
    if (end > 50 && isAbove !== above) crossings += 1;
    above = isAbove;
  }
  expect(crossings).toBeGreaterThan(10);
  expect(crossings).toBeLessThan(200);
});
