import type { BacktestInput } from '../domain/backtest/backtest-run.ts';
import type { BacktestFigures } from '../domain/backtest/metrics.ts';
import type { DomainErrorName, ErrorDetails } from '../domain/errors.ts';
import type { StrategyParameters } from '../domain/strategy/definition.ts';
import type { BacktestOutcome } from './backtest-task.ts';

/** One backtest in full. All columns lie in shared memory, so that nothing is copied. */
export interface BacktestTask {
  readonly kind: 'backtest';
  readonly input: BacktestInput;
  /** Counts the steps that are done (`backtestSteps`); null where nobody asks. */
  readonly counter: Int32Array | null;
}

/** Some combinations of a sweep: the input's strategy with each of these parameters in turn. */
export interface SweepTask {
  readonly kind: 'sweep';
  /** Tells sweeps apart: indicators are kept from one task of a sweep to its next on the same thread. */
  readonly sweep: number;
  readonly input: BacktestInput;
  readonly combinations: readonly StrategyParameters[];
  /** What the thread keeps of computed indicators at most. */
  readonly cacheBytes: number;
  /** Counts combinations that are done (`progress.ts`). */
  readonly counter: Int32Array;
}

export type PoolTask = BacktestTask | SweepTask;

/** Lets go of what a thread keeps of a sweep. Has no answer. */
export interface ForgetMessage {
  readonly kind: 'forget';
  readonly sweep: number;
}

export type PoolResult<Task extends PoolTask = PoolTask> = Task extends BacktestTask
  ? BacktestOutcome
  : readonly BacktestFigures[];

/** What a thread answers to a task: its result, or a domain error taken apart (its class does not survive the crossing). */
export type PoolAnswer =
  | { readonly kind: 'result'; readonly result: PoolResult }
  | {
      readonly kind: 'refusal';
      readonly refusal: { name: DomainErrorName; message: string; next: string; details: ErrorDetails };
    };
