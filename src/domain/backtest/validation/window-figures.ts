import { dayMs, intervalMs } from '../../market/interval.ts';
import type { JournaledRun } from '../backtest-run.ts';
import { backtestFigures } from '../metrics.ts';
import type { BacktestFigures } from '../metrics.ts';

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

/** @param figures those of the run, where they are known already */
export const windowFigures = (run: JournaledRun, figures: BacktestFigures = backtestFigures(run)): WindowFigures => {
  const { columns, capital, definition, firstBar = 0 } = run.input;
  const { total_return_pct, sharpe_ratio, max_drawdown_pct, total_trades } = figures;
  const start = columns.time[firstBar]!;
  const end = columns.time[columns.length - 1]! + intervalMs[definition.interval];
  return {
    bars: columns.length - firstBar,
    start_date: new Date(start).toISOString(),
    end_date: new Date(end).toISOString(),
    total_return_pct,
    return_pct_per_day: returnPctPerDay(run.finalEquity / capital, daysBetween(start, end)),
    sharpe_ratio,
    max_drawdown_pct,
    total_trades,
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
