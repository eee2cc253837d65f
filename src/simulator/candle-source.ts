import type { Candle } from '../domain/market/candle.ts';
import { DomainError } from '../domain/errors.ts';
import { type Interval, intervalMs, openTimeOf } from '../domain/market/interval.ts';
import { type GeneratorOptions, generatedCandle } from './generator.ts';

/** Which candles to read: open time from `from` to `to` (epoch ms, both included), at most `limit` of them. */
export interface CandleQuery {
  readonly from: number;
  readonly to: number;
  readonly limit: number;
  /** Which end to keep where more than `limit` match. */
  readonly keep: 'first' | 'last';
}

/** The whole candles of one market, future ones included: what the clock hides is the market's business. */
export interface CandleSource {
  readonly interval: Interval;
  /** Open time of the first candle. */
  readonly first: number;
  /** Open time of the last candle; null where it never ends. */
  readonly last: number | null;
  at(openTime: number): Candle | undefined;
  /** Oldest first. */
  read(query: CandleQuery): Candle[];
}

/** Index of the first candle that opens at or after `time`. */
const lowerBound = (candles: readonly Candle[], time: number): number => {
  let low = 0;
  let high = candles.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((candles[middle]?.time ?? Infinity) < time) low = middle + 1;
    else high = middle;
  }
  return low;
};

/**
 * Candles that were recorded. Gaps stay gaps.
 * @throws DomainError `BadCandleFile` where there are none, or one is misaligned, repeated or out of order.
 */
export const replaySource = (candles: readonly Candle[], interval: Interval): CandleSource => {
  const next = 'send candles of one interval, oldest first, each once';
  const [first] = candles;
  const last = candles.at(-1);
  if (first === undefined || last === undefined) {
    throw new DomainError('BadCandleFile', 'the replay has no candles', { next });
  }
  for (const [index, candle] of candles.entries()) {
    const before = candles[index - 1];
    if (openTimeOf(candle.time, interval) !== candle.time || (before !== undefined && before.time >= candle.time)) {
      throw new DomainError('BadCandleFile', `candle ${index} at ${candle.time} is misaligned, repeated or unordered`, {
        next,
      });
    }
  }
  return {
    interval,
    first: first.time,
    last: last.time,
    at(openTime) {
      const candle = candles[lowerBound(candles, openTime)];
      return candle?.time === openTime ? candle : undefined;
    },
    read({ from, to, limit, keep }) {
      const start = lowerBound(candles, from);
      const end = lowerBound(candles, to + 1);
      return keep === 'first'
        ? candles.slice(start, Math.min(end, start + limit))
        : candles.slice(Math.max(start, end - limit), end);
    },
  };
};

/** When the generated market was listed: it has no candles before. */
export const listedAt = Date.UTC(2017, 7, 17);

/** A seeded market that never ends. */
export const generatorSource = (options: GeneratorOptions): CandleSource => {
  const { interval } = options;
  const step = intervalMs[interval];
  return {
    interval,
    first: openTimeOf(listedAt, interval),
    last: null,
    at: (openTime) =>
      openTime < listedAt || openTimeOf(openTime, interval) !== openTime
        ? undefined
        : generatedCandle(options, openTime),
    read({ from, to, limit, keep }) {
      const earliest = Math.ceil(Math.max(from, listedAt) / step) * step;
      const latest = openTimeOf(to, interval);
      const available = Math.max(0, (latest - earliest) / step + 1);
      const count = Math.min(available, limit);
      const start = keep === 'first' ? earliest : latest - (count - 1) * step;
      return Array.from({ length: count }, (_, offset) => generatedCandle(options, start + offset * step));
    },
  };
};
