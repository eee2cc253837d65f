import { backtestMetrics } from '../domain/backtest/metrics.ts';
import type { BacktestMetrics } from '../domain/backtest/metrics.ts';
import type { BacktestInput } from '../domain/backtest/backtest-run.ts';
import { runBacktest } from '../domain/backtest/engine.ts';

/** A finished backtest: what `backtest_results` keeps, and how long the run alone took. */
export interface BacktestOutcome {
  readonly metrics: BacktestMetrics;
  readonly bars: number;
  /** Wall time of the run and its metrics, without loading; not part of the result's bytes. */
  readonly seconds: number;
}

/** Runs a backtest on the calling thread. @throws as `runBacktest` */
export const backtestTask = (input: BacktestInput): BacktestOutcome => {
  const started = performance.now();
  const metrics = backtestMetrics(runBacktest(input));
  return { metrics, bars: input.columns.length, seconds: (performance.now() - started) / 1000 };
};
