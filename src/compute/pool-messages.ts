import type { BacktestInput } from '../domain/backtest/backtest-run.ts';
import type { DomainErrorName, ErrorDetails } from '../domain/errors.ts';
import type { BacktestOutcome } from './backtest-task.ts';

/** What the pool sends a thread. The columns lie in shared memory, so that nothing is copied. */
export interface PoolTask {
  readonly input: BacktestInput;
}

/** What a thread answers: an outcome, or a domain error taken apart (its class does not survive the crossing). */
export type PoolAnswer =
  | { readonly kind: 'outcome'; readonly outcome: BacktestOutcome }
  | {
      readonly kind: 'refusal';
      readonly refusal: { name: DomainErrorName; message: string; next: string; details: ErrorDetails };
    };
