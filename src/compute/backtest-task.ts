import { backtestMetrics } from '../domain/backtest/metrics.ts';
import type { BacktestMetrics } from '../domain/backtest/metrics.ts';
import type { BacktestInput } from '../domain/backtest/backtest-run.ts';
import { runBacktest } from '../domain/backtest/engine.ts';
import { validateBacktest, withValidation } from '../domain/backtest/validation/validate-backtest.ts';

/** A finished backtest: what `backtest_results` keeps, and how long it took. */
export interface BacktestOutcome {
  /** With `metadata.validation` unless that was left out. */
  readonly metrics: BacktestMetrics;
  readonly bars: number;
  /** Wall time of the run and its metrics, without loading or validation; not part of the result's bytes. */
  readonly seconds: number;
  /** Wall time of the validation; null where it was left out. */
  readonly validationSeconds: number | null;
}

/**
 * Runs a backtest on the calling thread, and validates it unless that is left out.
 * @throws as `runBacktest`
 */
export const backtestTask = (
  input: BacktestInput,
  { validates = true }: { readonly validates?: boolean } = {},
): BacktestOutcome => {
  const started = performance.now();
  const run = runBacktest(input);
  const metrics = backtestMetrics(run);
  const done = performance.now();
  const bars = input.columns.length;
  const seconds = (done - started) / 1000;
  if (!validates) return { metrics, bars, seconds, validationSeconds: null };
  const validated = withValidation(metrics, validateBacktest(run));
  return { metrics: validated, bars, seconds, validationSeconds: (performance.now() - done) / 1000 };
};
