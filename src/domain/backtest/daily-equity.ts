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
  let day = Math.floor(time[0]! / dayMs);
  for (let i = 0; i < time.length; i += 1) {
    const next = i + 1 < time.length ? Math.floor(time[i + 1]! / dayMs) : day + 1;
    for (; day < next; day += 1) days.push({ day: day * dayMs, equity: equity[i]! });
  }
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
