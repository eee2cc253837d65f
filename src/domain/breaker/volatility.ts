import { sampleDeviation } from '../backtest/statistics.ts';
import { type Interval, intervalMs, intervals } from '../market/interval.ts';
import { leastWindows } from './check-policy.ts';

/** A window is at least so many candles long. */
const leastCandles = 4;

/** The intervals by which a window can be measured, shortest first: a whole number of candles, four at least. */
export const fittingIntervals = (windowMs: number): readonly Interval[] =>
  intervals.filter(
    (interval) => windowMs % intervalMs[interval] === 0 && windowMs / intervalMs[interval] >= leastCandles,
  );

export interface VolatilityQuestion {
  /** Open times, epoch ms, ascending, and closes of one market's candles. */
  readonly times: ArrayLike<number>;
  readonly closes: ArrayLike<number>;
  /** Length of a candle, of a window and of the history before the newest one, ms. */
  readonly candleMs: number;
  readonly windowMs: number;
  readonly historyMs: number;
  /** Candles that opened before do not count as news, epoch ms; null: all do. */
  readonly since: number | null;
}

export type VolatilityAnswer =
  | { readonly ratio: number; readonly windows: number }
  /** Why it is not defined. */
  | { readonly ratio: null; readonly reason: string };

/** Log returns between neighbouring candles, by window counted back from the newest close: 0 is the newest. */
const returnsByWindow = ({ times, closes, candleMs, windowMs }: VolatilityQuestion): ReadonlyMap<number, number[]> => {
  const newest = times[times.length - 1]!;
  const byWindow = new Map<number, number[]>();
  for (let i = 1; i < times.length; i += 1) {
    const [before, close] = [closes[i - 1]!, closes[i]!];
    if (times[i]! - times[i - 1]! !== candleMs || before <= 0 || close <= 0) continue;
    const nth = Math.floor((newest - times[i]!) / windowMs);
    const returns = byWindow.get(nth);
    if (returns) returns.push(Math.log(close / before));
    else byWindow.set(nth, [Math.log(close / before)]);
  }
  return byWindow;
};

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/**
 * Realised volatility now as a multiple of its own history: the standard deviation (ddof 1) of the log returns of the newest window,
 * divided by the median of those of the windows before it, which are of the same length and do not overlap. A return is one between
 * neighbouring candles; a window counts with at least half of its returns. Not defined under 20 earlier windows, where their
 * median is zero, and where the newest window has too few returns or reaches back before `since`.
 */
export const volatilityRatio = (question: VolatilityQuestion): VolatilityAnswer => {
  const { times, candleMs, windowMs, historyMs, since } = question;
  const newest = times[times.length - 1];
  if (newest === undefined) return { ratio: null, reason: 'there are no candles' };
  if (since !== null && newest + candleMs - windowMs < since)
    return { ratio: null, reason: 'the newest window reaches back before the last incident was resolved' };
  const least = Math.max(2, Math.ceil(windowMs / candleMs / 2));
  const byWindow = returnsByWindow(question);
  const now = byWindow.get(0) ?? [];
  if (now.length < least) return { ratio: null, reason: 'the newest window has too few candles' };
  const most = Math.floor(historyMs / windowMs);
  const earlier = [...byWindow].filter(([nth, returns]) => nth >= 1 && nth <= most && returns.length >= least);
  if (earlier.length < leastWindows)
    return { ratio: null, reason: `${earlier.length} earlier windows, ${leastWindows} are needed` };
  const usual = median(earlier.map(([, returns]) => sampleDeviation(returns)));
  if (!(usual > 0)) return { ratio: null, reason: 'the market did not move in most of the earlier windows' };
  return { ratio: sampleDeviation(now) / usual, windows: earlier.length };
};
