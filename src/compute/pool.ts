import { availableParallelism } from 'node:os';
import type { BacktestInput } from '../domain/backtest/backtest-run.ts';
import { shareColumns } from '../domain/market/columns.ts';
import type { BacktestOutcome } from './backtest-task.ts';
import type { PoolResult, SweepTask } from './pool-messages.ts';
import type { Progress } from './progress.ts';
import { createThreads } from './threads.ts';
import type { TaskOptions } from './threads.ts';

/** Threads that run backtests beside the caller's event loop. */
export interface ComputePool {
  readonly size: number;
  /**
   * Runs one backtest as soon as a thread is free, in the order of asking. Hand in columns from `shareColumns` where several
   * runs read the same candles; others are copied once into shared memory.
   * @throws DomainError as `runBacktest`, `ComputeThreadLost`, `ComputePoolFull`; the signal's reason when it aborts, at once,
   * whether waiting or running.
   */
  backtest(input: BacktestInput, options?: BacktestOptions): Promise<BacktestOutcome>;
  /**
   * Runs some combinations of a sweep (`sweep.ts` cuts it into tasks and calls this).
   * @throws as `backtest`
   */
  sweepTask(task: SweepTask, options?: TaskOptions): Promise<PoolResult<SweepTask>>;
  /** Starts all threads now, while the caller still gets its candles. */
  warmUp(): void;
  /** Lets the threads drop what they keep of a sweep that is over. */
  forgetSweep(sweep: number): void;
  /** Stops the threads. What is running or waiting is rejected. */
  close(): Promise<void>;
}

export interface BacktestOptions extends TaskOptions {
  /** Where the thread counts the `backtestSteps` that are done; from `createProgress(backtestSteps)`. */
  readonly progress?: Progress;
}

export interface ComputePoolOptions {
  /** Threads at most, started when needed; default one a core. */
  readonly size?: number;
  /** Tasks that may wait for a thread; one more is refused. */
  readonly mostWaiting?: number;
  /** What the objects of one thread may take; a run that needs more ends with `ComputeThreadLost`. */
  readonly heapMb?: number;
}

export const createComputePool = ({
  size = availableParallelism(),
  mostWaiting = 1_000,
  heapMb = 1_024,
}: ComputePoolOptions = {}): ComputePool => {
  const threads = createThreads({ size, mostWaiting, heapMb });
  return {
    size,
    backtest: (input, { progress, ...options } = {}) =>
      threads.run({ kind: 'backtest', input: shareInput(input), counter: progress?.counter ?? null }, options),
    sweepTask: (task, options) => threads.run(task, options),
    warmUp: threads.warmUp,
    forgetSweep: (sweep) => threads.tell({ kind: 'forget', sweep }),
    close: threads.close,
  };
};

/** The same input with all of its candles in memory that threads can share. */
export const shareInput = (input: BacktestInput): BacktestInput => {
  const columns = shareColumns(input.columns);
  if (input.markets === undefined) return { ...input, columns };
  const markets = Object.entries(input.markets).map(([key, candles]) => [key, shareColumns(candles)] as const);
  return { ...input, columns, markets: Object.fromEntries(markets) };
};
