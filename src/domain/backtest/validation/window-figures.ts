import { dayMs, intervalMs } from '../../market/interval.ts';
import type { BacktestRun } from '../backtest-run.ts';
import { dailyEquity } from '../daily-equity.ts';
import { maxDrawdownPct, sharpeRatio, simpleReturns } from '../statistics.ts';

/** How a run did over the bars that it traded on, warm-up bars left out. As `backtest_results` where the names are the same. */
export interface WindowFigures {
  readonly bars: number;
  /** Open time of the first bar, ISO 8601. */
  readonly start_date: string;
  /** Close time of the last bar, ISO 8601. */
  readonly end_date: string;
  readonly total_return_pct: number;
  /** Compounded: what every day would have to return to come to the same. */
  readonly return_pct_per_day: number;
  readonly sharpe_ratio: number | null;
  readonly max_drawdown_pct: number;
  readonly total_trades: number;
}

export const windowFigures = (run: BacktestRun): WindowFigures => {
  const { columns, capital, definition, firstBar = 0 } = run.input;
  const time = columns.time.subarray(firstBar);
  const equity = run.equity.subarray(firstBar);
  const days = dailyEquity(time, equity).map((day) => day.equity);
  const start = time[0]!;
  const end = time[time.length - 1]! + intervalMs[definition.interval];
  const factor = run.finalEquity / capital;
  return {
    bars: time.length,
    start_date: new Date(start).toISOString(),
    end_date: new Date(end).toISOString(),
    total_return_pct: (factor - 1) * 100,
    return_pct_per_day: returnPctPerDay(factor, daysBetween(start, end)),
    sharpe_ratio: sharpeRatio(simpleReturns([capital, ...days])),
    max_drawdown_pct: maxDrawdownPct(capital, equity),
    total_trades: run.trades.length,
  };
};

const daysBetween = (start: number, end: number): number => (end - start) / dayMs;

/** (factor^(1 / days) − 1) · 100; −100 where nothing is left. */
export const returnPctPerDay = (factor: number, days: number): number =>
  factor <= 0 ? -100 : (factor ** (1 / days) - 1) * 100;

/** What several windows come to one after the other: how the capital is multiplied, and in how many days. */
export const joined = (windows: readonly WindowFigures[]): { readonly factor: number; readonly days: number } => {
  let factor = 1;
  let days = 0;
  for (const { total_return_pct, start_date, end_date } of windows) {
    factor *= 1 + total_return_pct / 100;
    days += daysBetween(Date.parse(start_date), Date.parse(end_date));
  }
  return { factor, days };
};

/** Out-of-sample return a day as a fraction of that in sample; null where nothing was earned in sample. */
export const efficiency = (inSample: number, outOfSample: number): number | null =>
  inSample > 0 ? outOfSample / inSample : null;
