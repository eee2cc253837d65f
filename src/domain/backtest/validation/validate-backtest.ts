import type { BacktestRun } from '../backtest-run.ts';
import type { BacktestMetrics } from '../metrics.ts';
import { lookaheadCheck, observed } from './lookahead-check.ts';
import type { LookaheadCheck } from './lookahead-check.ts';
import { monteCarlo } from './monte-carlo.ts';
import type { MonteCarlo, MonteCarloOptions } from './monte-carlo.ts';
import { outOfSample } from './out-of-sample.ts';
import type { OutOfSample } from './out-of-sample.ts';
import { walkForward } from './walk-forward.ts';
import type { WalkForward, WalkForwardOptions } from './walk-forward.ts';

/** What speaks against the luck, the fitting and the foresight of a backtest. Small: it is stored with the result. */
export interface Validation {
  readonly outOfSample: OutOfSample | null;
  readonly walkForward: WalkForward | null;
  readonly monteCarlo: MonteCarlo | null;
  readonly lookahead: LookaheadCheck;
}

export interface ValidationOptions extends WalkForwardOptions, MonteCarloOptions {
  /** Fraction of the bars. */
  readonly outOfSampleShare?: number;
}

/** How many checks a validation is. */
export const validationChecks = 4;

/**
 * All checks on a finished run. docs/metrics.md says what each means.
 * @param onChecked called after each of the `validationChecks`
 * @throws as `runBacktest`
 */
export const validateBacktest = (
  run: BacktestRun,
  options: ValidationOptions = {},
  onChecked: () => void = () => undefined,
): Validation => {
  const checked = <Finding>(finding: Finding): Finding => {
    onChecked();
    return finding;
  };
  return {
    outOfSample: checked(outOfSample(run.input, options.outOfSampleShare)),
    walkForward: checked(walkForward(run.input, options)),
    monteCarlo: checked(monteCarlo(run, options)),
    lookahead: checked(lookaheadCheck(run.input, {}, observed(run))),
  };
};

/** A result with its validation where it is stored: under `metadata.validation`. */
export const withValidation = (metrics: BacktestMetrics, validation: Validation): BacktestMetrics => ({
  ...metrics,
  metadata: { ...metrics.metadata, validation },
});
