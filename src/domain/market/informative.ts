import type { CandleColumns } from './candle.ts';
import { sliceColumns } from './columns.ts';
import { closeTimeOf, intervalMs } from './interval.ts';
import type { Interval } from './interval.ts';

export interface MarketName {
  readonly symbol: string;
  readonly interval: Interval;
}

/** Candles of other markets by `marketKey`. */
export type InformativeMarkets = Readonly<Record<string, CandleColumns>>;

/** `BTCUSDT:1h`: how the candles of one market and interval are named beside others. */
export const marketKey = ({ symbol, interval }: MarketName): string => `${symbol}:${interval}`;

/**
 * For each bar of one market, the bar of another that was the last to close at or before this bar's own close; −1 where that candle
 * is missing (before the first, after the last, in a gap). An older candle never stands in for it.
 * @param time open times of the market that is traded, ascending, epoch ms
 * @param interval its interval
 */
export const lastClosedBars = (
  time: Float64Array,
  interval: Interval,
  other: CandleColumns,
  of: Interval,
): Int32Array => {
  const bars = new Int32Array(time.length);
  const own = intervalMs[interval];
  const length = intervalMs[of];
  let next = 0;
  for (let i = 0; i < time.length; i += 1) {
    const close = time[i]! + own;
    const wanted = close - (close % length) - length;
    while (next < other.length && other.time[next]! < wanted) next += 1;
    bars[i] = other.time[next] === wanted ? next : -1;
  }
  return bars;
};

/** The candles of a market that had closed by `time`, epoch ms. */
export const closedBy = (columns: CandleColumns, interval: Interval, time: number): CandleColumns => {
  let { length } = columns;
  while (length > 0 && closeTimeOf(columns.time[length - 1]!, interval) > time) length -= 1;
  return length === columns.length ? columns : sliceColumns(columns, 0, length);
};

/** The other market's values as of each bar; NaN where there is none. */
export const asOf = (values: Float64Array, bars: Int32Array): Float64Array => {
  const aligned = new Float64Array(bars.length);
  for (let i = 0; i < bars.length; i += 1) aligned[i] = bars[i]! < 0 ? Number.NaN : values[bars[i]!]!;
  return aligned;
};
