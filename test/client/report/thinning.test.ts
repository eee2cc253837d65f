import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { candleBuckets } from '../../../src/client/report/candle-buckets.ts';
import { thinLine } from '../../../src/client/report/thin-line.ts';
import type { CandleColumns } from '../../../src/domain/market/candle.ts';
import { walks } from '../../domain/backtest/markets.ts';

const minute = 60_000;
const timesOf = (length: number): Float64Array => Float64Array.from({ length }, (_, bar) => bar * minute);
const numbers = (values: readonly (number | null)[]): readonly number[] => values.filter((value) => value !== null);

describe('a thinned line', () => {
  const series = fc.array(fc.oneof(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constant(Number.NaN)), {
    maxLength: 300,
  });

  it('keeps the lowest and the highest value, its times in order, and no more points than asked for', () => {
    fc.assert(
      fc.property(series, fc.integer({ min: 2, max: 60 }), (list, most) => {
        const values = Float64Array.from(list);
        const known = list.filter((value) => !Number.isNaN(value));
        const line = thinLine(timesOf(list.length), values, most);
        expect(line.value.length).toBeLessThanOrEqual(Math.max(most, 2));
        expect(line.time).toHaveLength(line.value.length);
        expect(line.time).toEqual([...new Set(line.time)].toSorted((a, b) => a - b));
        expect(Math.max(...numbers(line.value))).toBe(Math.max(...known));
        expect(Math.min(...numbers(line.value))).toBe(Math.min(...known));
        line.value.forEach((value, index) => {
          if (value !== null) expect(value).toBe(values[line.time[index]! / minute]);
        });
      }),
    );
  });

  it('is the series itself where that is short enough, a run of NaN one gap', () => {
    const line = thinLine(timesOf(5), Float64Array.of(1, Number.NaN, Number.NaN, 4, 3), 5);
    expect(line).toEqual({ time: [0, minute, 3 * minute, 4 * minute], value: [1, null, 4, 3] });
  });
});

describe('candles put together', () => {
  const withGaps = ({ length, time, ...rest }: CandleColumns, gap: number): CandleColumns => ({
    length,
    ...rest,
    time: time.map((each, bar) => each + (bar > length / 2 ? gap * minute : 0)),
  });

  it('keep first open, last close, extremes and volume, and number no more than asked for', () => {
    fc.assert(
      fc.property(walks(150), fc.nat(500), fc.integer({ min: 3, max: 60 }), (walk, gap, most) => {
        const columns = withGaps(walk, gap);
        const buckets = candleBuckets(columns, '1m', most);
        expect(buckets.time.length).toBeLessThanOrEqual(most + 1);
        expect(buckets.open[0]).toBe(columns.open[0]);
        expect(buckets.close.at(-1)).toBe(columns.close.at(-1));
        expect(Math.max(...buckets.high)).toBe(Math.max(...columns.high));
        expect(Math.min(...buckets.low)).toBe(Math.min(...columns.low));
        const total = (values: Iterable<number>): number => [...values].reduce((sum, value) => sum + value, 0);
        expect(total(buckets.volume)).toBeCloseTo(total(columns.volume), 6);
        expect(buckets.time).toEqual([...new Set(buckets.time)].toSorted((a, b) => a - b));
      }),
    );
  });

  it('span an interval that people know, or whole days', () => {
    const long = { ...walkOf(1_000), length: 1_000 };
    expect(candleBuckets(long, '1m', 100)).toMatchObject({ label: '15m', spanMs: 15 * minute, aggregated: true });
    const days = { ...long, time: long.time.map((_, bar) => bar * 1_440 * minute) };
    expect(candleBuckets(days, '1d', 400)).toMatchObject({ label: '3d', aggregated: true });
    expect(candleBuckets(long, '1m', 1_000)).toMatchObject({ label: '1m', aggregated: false });
  });
});

const walkOf = (length: number): CandleColumns => {
  const column = (): Float64Array => new Float64Array(length).fill(100);
  return {
    length,
    time: timesOf(length),
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volume: column(),
  };
};
