import { maxDrawdownPct } from '../backtest/statistics.ts';
import { dayMs, openTimeOf } from '../market/interval.ts';

/** The equity index at one market time, epoch ms. */
export interface IndexPoint {
  readonly at: number;
  readonly index: number;
}

export interface DailyReturn {
  /** Start of the UTC day, epoch ms. */
  readonly day: number;
  /** Fraction. */
  readonly value: number;
}

/** What the index begins with. */
export const startIndex = 1;

const dayOf = (time: number): number => openTimeOf(time, '1d');

/**
 * Returns by UTC day of market time: the last index of a day on that of the day before, of the first day on the index's beginning.
 * A day without a reading carries the value before it. After a day that ended with nothing there is no return.
 * @param points the oldest first
 */
export const dailyReturns = (points: readonly IndexPoint[]): readonly DailyReturn[] => {
  const last = new Map<number, number>();
  for (const { at, index } of points) last.set(dayOf(at), index);
  const first = points[0];
  const end = points.at(-1);
  if (!first || !end) return [];
  const returns: DailyReturn[] = [];
  let before = startIndex;
  for (let day = dayOf(first.at); day <= dayOf(end.at); day += dayMs) {
    const index = last.get(day) ?? before;
    if (before > 0) returns.push({ day, value: index / before - 1 });
    before = index;
  }
  return returns;
};

/** Greatest fall of the index from a peak, per cent, positive; its beginning is the first peak. @param points the oldest first */
export const indexDrawdownPct = (points: readonly IndexPoint[]): number =>
  maxDrawdownPct(
    startIndex,
    points.map(({ index }) => index),
  );
