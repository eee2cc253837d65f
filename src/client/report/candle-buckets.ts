import type { CandleColumns } from '../../domain/market/candle.ts';
import { dayMs, intervalMs, intervals } from '../../domain/market/interval.ts';
import type { Interval } from '../../domain/market/interval.ts';

/** Candles put together so that a page can hold them. */
export interface CandleBuckets {
  /** What one candle spans: `15m`, `1d`, `3d`. */
  readonly label: string;
  readonly spanMs: number;
  /** True where one candle stands for several. */
  readonly aggregated: boolean;
  /** Open times of the spans, epoch ms. */
  readonly time: readonly number[];
  readonly open: readonly number[];
  readonly high: readonly number[];
  readonly low: readonly number[];
  readonly close: readonly number[];
  readonly volume: readonly number[];
}

/** The shortest span, an interval of candles or whole days, of which `range` ms hold at most `most`. */
const spanOf = (
  interval: Interval,
  range: number,
  most: number,
): { readonly label: string; readonly spanMs: number } => {
  const least = Math.max(intervalMs[interval], range / most);
  const fitting = intervals.find((each) => intervalMs[each] >= least);
  if (fitting !== undefined) return { label: fitting, spanMs: intervalMs[fitting] };
  const days = Math.ceil(least / dayMs);
  return { label: `${days}d`, spanMs: days * dayMs };
};

/**
 * Puts candles together by spans of time until there are at most `most` + 1: the first open, the highest high, the lowest low, the last
 * close, the sum of volumes. Spans without a candle are left out. Few enough candles come out as they are.
 */
export const candleBuckets = (columns: CandleColumns, interval: Interval, most: number): CandleBuckets => {
  const { length, time } = columns;
  const range = length === 0 ? 0 : time[length - 1]! + intervalMs[interval] - time[0]!;
  const { label, spanMs } =
    length <= most ? { label: interval, spanMs: intervalMs[interval] } : spanOf(interval, range, most);
  const column = (): number[] => [];
  const buckets = { time: column(), open: column(), high: column(), low: column(), close: column(), volume: column() };
  let at = -1;
  for (let i = 0; i < length; i += 1) {
    const start = time[i]! - (time[i]! % spanMs);
    if (at < 0 || start !== buckets.time[at]) {
      at += 1;
      buckets.time.push(start);
      buckets.open.push(columns.open[i]!);
      buckets.high.push(columns.high[i]!);
      buckets.low.push(columns.low[i]!);
      buckets.close.push(columns.close[i]!);
      buckets.volume.push(columns.volume[i]!);
      continue;
    }
    buckets.high[at] = Math.max(buckets.high[at]!, columns.high[i]!);
    buckets.low[at] = Math.min(buckets.low[at]!, columns.low[i]!);
    buckets.close[at] = columns.close[i]!;
    buckets.volume[at]! += columns.volume[i]!;
  }
  return { label, spanMs, aggregated: spanMs > intervalMs[interval], ...buckets };
};
