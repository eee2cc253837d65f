import type { MonthlyReturn } from '../../domain/backtest/daily-equity.ts';

/** One year of monthly returns, per cent; null where the backtest has no such month. */
export interface YearOfReturns {
  readonly year: string;
  /** January first, twelve entries. */
  readonly months: readonly (number | null)[];
  /** The months compounded, per cent. */
  readonly total: number;
}

/** Monthly returns as rows of years, the oldest first. */
export const heatMap = (returns: readonly MonthlyReturn[]): readonly YearOfReturns[] => {
  const years = Map.groupBy(returns, ({ month }) => month.slice(0, 4));
  return [...years]
    .map(([year, months]) => ({
      year,
      months: Array.from({ length: 12 }, (_, index) => {
        const name = `${year}-${String(index + 1).padStart(2, '0')}`;
        return months.find(({ month }) => month === name)?.return_pct ?? null;
      }),
      total: (months.reduce((product, { return_pct: pct }) => product * (1 + pct / 100), 1) - 1) * 100,
    }))
    .sort((a, b) => a.year.localeCompare(b.year));
};
