import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CandleColumns } from '../../../src/domain/market/candle.ts';
import { emptyColumns } from '../../../src/domain/market/columns.ts';
import { asOf, closedBy, lastClosedBars } from '../../../src/domain/market/informative.ts';
import type { Interval } from '../../../src/domain/market/interval.ts';
import { intervalMs } from '../../../src/domain/market/interval.ts';

const day = Date.UTC(2024, 0, 1);
const at = (clock: string): number => Date.parse(`2024-01-01T${clock}:00Z`);
const candlesAt = (times: readonly number[]): CandleColumns => {
  const columns = emptyColumns(times.length);
  columns.time.set(times);
  return columns;
};
/** The open times of the other market's candles that the bars see; null where they see none. */
const seen = (bars: readonly number[], interval: Interval, others: readonly number[], of: Interval) =>
  [...lastClosedBars(Float64Array.from(bars), interval, candlesAt(others), of)].map((bar) => others[bar] ?? null);

describe('another market is seen as of its last closed candle', () => {
  const hours = ['08:00', '09:00', '10:00', '11:00'].map(at);

  test('an hour counts from the close of its last minute, not a minute earlier and not before it is over', () => {
    expect(seen(['10:58', '10:59', '11:00', '11:58', '11:59'].map(at), '1m', hours, '1h')).toEqual(
      ['09:00', '10:00', '10:00', '10:00', '11:00'].map(at),
    );
  });

  test('in a gap, before the first and after the last candle there is none, and no older one stands in', () => {
    const others = ['08:00', '10:00'].map(at);
    expect(seen(['08:58', '08:59', '09:58', '09:59', '10:59', '11:59'].map(at), '1m', others, '1h')).toEqual(
      [null, '08:00', '08:00', null, '10:00', null].map((clock) => (clock === null ? null : at(clock))),
    );
    expect(seen([at('10:00')], '1m', [], '1h')).toEqual([null]);
  });

  test('a shorter interval is seen by its newest candle, one that closes with the bar', () => {
    const minutes = Array.from({ length: 180 }, (_, i) => at('08:00') + i * 60_000);
    expect(seen(['08:00', '09:00'].map(at), '1h', minutes, '1m')).toEqual(['08:59', '09:59'].map(at));
  });

  test('the same interval of another symbol is seen bar by bar', () => {
    expect(seen(hours, '1h', hours, '1h')).toEqual(hours);
  });
});

const intervals = fc.constantFrom<Interval>('1m', '3m', '5m', '15m', '30m', '1h', '2h', '1d');

/** Open times of an interval with gaps, from somewhere in the first day on. */
const times = (interval: Interval): fc.Arbitrary<readonly number[]> =>
  fc
    .tuple(fc.nat(40), fc.array(fc.constantFrom(1, 1, 1, 1, 2, 5), { maxLength: 60 }))
    .map(([first, steps]) =>
      steps.reduce(
        (all, step) => [...all, all.at(-1)! + step * intervalMs[interval]],
        [day + first * intervalMs[interval]],
      ),
    );

const twoMarkets = fc
  .tuple(intervals, intervals)
  .chain(([own, other]) =>
    fc.record({ own: fc.constant(own), other: fc.constant(other), bars: times(own), others: times(other) }),
  );

test('whatever the gaps: the candle seen closes last at or before the bar does, and less than one candle before', () => {
  fc.assert(
    fc.property(twoMarkets, ({ own, other, bars, others }) => {
      const expected = bars.map((bar) => {
        const close = bar + intervalMs[own];
        const closed = others.filter((time) => time + intervalMs[other] <= close).at(-1);
        return closed !== undefined && closed + 2 * intervalMs[other] > close ? closed : null;
      });
      expect(seen(bars, own, others, other)).toEqual(expected);
    }),
  );
});

test('candles that close later change nothing', () => {
  fc.assert(
    fc.property(twoMarkets, fc.nat(), ({ own, other, bars, others }, cut) => {
      const length = 1 + (cut % bars.length);
      const close = bars[length - 1]! + intervalMs[own];
      const before = closedBy(candlesAt(others), other, close);
      expect([...before.time]).toEqual(others.filter((time) => time + intervalMs[other] <= close));
      expect(seen(bars.slice(0, length), own, [...before.time], other)).toEqual(
        seen(bars, own, others, other).slice(0, length),
      );
    }),
  );
});

test('values are read where a candle is seen, and undefined elsewhere', () => {
  expect([...asOf(Float64Array.of(5, 6), Int32Array.of(-1, 1, 0, -1))]).toEqual([Number.NaN, 6, 5, Number.NaN]);
});
