import { dayMs } from '../market/interval.ts';

/** Equity at the end of one UTC day. `day` is its start in epoch ms. */
export interface DailyEquity {
  readonly day: number;
  readonly equity: number;
}

/**
 * The last equity of each UTC day from the first bar's to the last bar's, by the bars' open times; a day without a bar
 * carries the value before it.
 */
export const dailyEquity = (time: Float64Array, equity: Float64Array): readonly DailyEquity[] => {
  const days: DailyEquity[] = [];
  if (time.length === 0) return days;
  const last = time.length - 1;
  let day = time[0]! - (time[0]! % dayMs);
  for (let i = 0; i < last; i += 1) {
    for (; time[i + 1]! >= day + dayMs; day += dayMs) days.push({ day, equity: equity[i]! });
  }
  days.push({ day, equity: equity[last]! });
  return days;
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
