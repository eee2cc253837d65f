import { backtestMetrics } from '../domain/backtest/metrics.ts';
import type { BacktestMetrics } from '../domain/backtest/metrics.ts';
import type { BacktestInput } from '../domain/backtest/backtest-run.ts';
import { runBacktest } from '../domain/backtest/engine.ts';
import { validateBacktest, validationChecks, withValidation } from '../domain/backtest/validation/validate-backtest.ts';

/** A finished backtest: what `backtest_results` keeps, and how long it took. */
export interface BacktestOutcome {
  /** With `metadata.validation` unless that was left out. */
  readonly metrics: BacktestMetrics;
  readonly bars: number;
  /** Wall time of the run up to its final equity, without loading, metrics and validation; not part of the result's bytes. */
  readonly seconds: number;
}

/** Of a backtest with its validation: the run, its metrics, and each check. */
export const backtestSteps = 2 + validationChecks;

/**
 * Runs a backtest on the calling thread, and validates it unless that is left out.
 * @param options.onStep called after each of the `backtestSteps`
 * @throws as `runBacktest`
 */
export const backtestTask = (
  input: BacktestInput,
  { validates = true, onStep = () => undefined }: { readonly validates?: boolean; readonly onStep?: () => void } = {},
): BacktestOutcome => {
  const started = performance.now();
  const run = runBacktest(input);
  const seconds = (performance.now() - started) / 1000;
  onStep();
  const metrics = backtestMetrics(run);
  onStep();
  return {
    metrics: validates ? withValidation(metrics, validateBacktest(run, {}, onStep)) : metrics,
    bars: input.columns.length,
    seconds,
  };
};
