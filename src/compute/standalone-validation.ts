import { runBacktest } from '../domain/backtest/engine.ts';
import { combinationAt, parameterSpace } from '../domain/backtest/parameter-space.ts';
import { validateBacktest } from '../domain/backtest/validation/validate-backtest.ts';
import type { Validation, ValidationOptions } from '../domain/backtest/validation/validate-backtest.ts';
import type { BacktestInput } from '../domain/backtest/backtest-run.ts';
import { DomainError } from '../domain/errors.ts';
import type { StrategyParameters } from '../domain/strategy/definition.ts';
import { readBacktestInput } from './standalone-backtest.ts';
import type { StandaloneBacktestOptions } from './standalone-backtest.ts';
import { checkCombination } from './sweep-check.ts';

export interface StandaloneValidationOptions extends StandaloneBacktestOptions {
  /** Parsed JSON, as `parameterSpace` reads it: what the walk forward tries in sample. Absent: the parameters of the file alone. */
  readonly grid?: unknown;
  readonly checks: Omit<ValidationOptions, 'combinations'>;
}

/** What `mastertrade validate --json` prints: what a backtest keeps in `metadata.validation`, and how long it took. */
export interface StandaloneValidationResult extends Validation {
  readonly bars: number;
  /** Wall time of the checks, without loading. */
  readonly seconds: number;
}

/** Combinations that a walk forward tries at most. */
const mostTried = 10_000;

/**
 * Validates a strategy file over a file of candles: no database, no server, nothing started.
 * @throws as `readBacktestInput`, `runBacktest`, `parameterSpace` and `checkCombination`
 */
export const standaloneValidation = async (
  options: StandaloneValidationOptions,
): Promise<StandaloneValidationResult> => {
  const input = await readBacktestInput(options);
  const tried = options.grid === undefined ? {} : { combinations: combinationsOf(input, options.grid) };
  const started = performance.now();
  const validation = validateBacktest(runBacktest(input), { ...options.checks, ...tried });
  return { ...validation, bars: input.columns.length, seconds: (performance.now() - started) / 1000 };
};

const combinationsOf = (input: BacktestInput, grid: unknown): readonly StrategyParameters[] => {
  const { parameters } = input.definition;
  const space = parameterSpace(grid, parameters);
  if (space.size > mostTried) {
    throw new DomainError('BadInput', `the grid has ${space.size} combinations, a walk forward tries ${mostTried}`, {
      next: 'give fewer values',
      details: { combinations: space.size, most: mostTried },
    });
  }
  const combinations = Array.from({ length: space.size }, (_, place) => combinationAt(space, place, parameters));
  for (const combination of combinations) checkCombination(input, combination);
  return combinations;
};
