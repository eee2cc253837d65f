import { firstAtOrAfter } from '../market/columns.ts';
import { dayMs } from '../market/interval.ts';

/** Equity at the end of one UTC day. `day` is its start in epoch ms. */
export interface DailyEquity {
  readonly day: number;
  readonly equity: number;
}

/** A UTC day by its start in epoch ms, and the last bar that opened on it or before. */
export interface DayEnds {
  readonly days: readonly number[];
  readonly bars: Int32Array;
}

/** All UTC days from that of bar `from` to the last bar's, by the bars' open times. */
export const dayEnds = (time: Float64Array, from = 0): DayEnds => {
  const days: number[] = [];
  const bars: number[] = [];
  const last = time.length - 1;
  if (last < from) return { days, bars: new Int32Array(0) };
  let bar = -1;
  for (let day = time[from]! - (time[from]! % dayMs); bar < last; day += dayMs) {
    bar = firstAtOrAfter(time, day + dayMs, Math.max(bar, from)) - 1;
    days.push(day);
    bars.push(bar);
  }
  return { days, bars: Int32Array.from(bars) };
};

/**
 * The last equity of each UTC day from that of bar `from` to the last bar's, by the bars' open times; a day without a bar
 * carries the value before it.
 */
export const dailyEquity = (time: Float64Array, equity: Float64Array, from = 0): readonly DailyEquity[] => {
  const { days, bars } = dayEnds(time, from);
  return days.map((day, index) => ({ day, equity: equity[bars[index]!]! }));
};

export interface MonthlyReturn {
  /** `YYYY-MM` */
  readonly month: string;
  readonly return_pct: number;
}

/** Return of each UTC month on the month before it; of the first on the starting capital. */
export const monthlyReturns = (capital: number, days: readonly DailyEquity[]): readonly MonthlyReturn[] => {
  const months: MonthlyReturn[] = [];
  let before = capital;
  days.forEach(({ day, equity }, index) => {
    const month = monthOf(day);
    const following = days[index + 1];
    if (following !== undefined && monthOf(following.day) === month) return;
    months.push({ month, return_pct: (equity / before - 1) * 100 });
    before = equity;
  });
  return months;
};

const monthOf = (time: number): string => new Date(time).toISOString().slice(0, 7);
