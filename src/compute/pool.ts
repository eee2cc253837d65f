import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { BacktestInput } from '../domain/backtest/backtest-run.ts';
import { DomainError } from '../domain/errors.ts';
import { shareColumns } from '../domain/market/columns.ts';
import type { BacktestOutcome } from './backtest-task.ts';
import type { PoolAnswer, PoolTask } from './pool-messages.ts';

/** Threads that run backtests beside the caller's event loop. */
export interface ComputePool {
  readonly size: number;
  /**
   * Runs one backtest as soon as a thread is free, in the order of asking. Hand in columns from `shareColumns` where several
   * runs read the same candles; others are copied once into shared memory.
   * @throws DomainError as `runBacktest`; the signal's reason when it aborts, at once, whether waiting or running.
   */
  backtest(input: BacktestInput, options?: BacktestRunOptions): Promise<BacktestOutcome>;
  /** Stops the threads. What is running or waiting is rejected. */
  close(): Promise<void>;
}

export interface BacktestRunOptions {
  readonly signal?: AbortSignal;
  /** Called when the run starts on a thread. */
  readonly onStart?: () => void;
}

interface Job {
  readonly task: PoolTask;
  readonly onStart: (() => void) | undefined;
  readonly resolve: (outcome: BacktestOutcome) => void;
  readonly reject: (reason: unknown) => void;
}

const workerFile = new URL(
  import.meta.url.endsWith('.ts') ? 'backtest-worker.ts' : 'backtest-worker.js',
  import.meta.url,
);

/** @param options.size threads at most, started when needed; default one a core. */
export const createComputePool = ({ size = availableParallelism() }: { size?: number } = {}): ComputePool => {
  const waiting: Job[] = [];
  const idle: Worker[] = [];
  const running = new Map<Worker, Job>();
  let closed = false;

  const settle = (worker: Worker, answer: PoolAnswer): void => {
    const job = running.get(worker);
    if (job === undefined) return;
    running.delete(worker);
    idle.push(worker);
    worker.unref();
    if (answer.kind === 'outcome') job.resolve(answer.outcome);
    else {
      const { name, message, next, details } = answer.refusal;
      job.reject(new DomainError(name, message, { next, details }));
    }
    dispatch();
  };

  /** A thread that is gone frees its place; what it was doing is rejected. */
  const lose = (worker: Worker, reason: unknown): void => {
    const job = running.get(worker);
    running.delete(worker);
    const place = idle.indexOf(worker);
    if (place >= 0) idle.splice(place, 1);
    job?.reject(reason);
    dispatch();
  };

  const start = (): Worker => {
    const worker = new Worker(workerFile);
    worker.on('message', (answer: PoolAnswer) => settle(worker, answer));
    worker.on('error', (error) => lose(worker, error));
    worker.on('exit', (code) => lose(worker, new TypeError(`a compute thread ended with code ${code}`)));
    return worker;
  };

  const dispatch = (): void => {
    if (closed) return;
    while (waiting.length > 0 && running.size < size) {
      const job = waiting.shift();
      if (job === undefined) return;
      const worker = idle.pop() ?? start();
      running.set(worker, job);
      worker.ref();
      worker.postMessage(job.task, []);
      job.onStart?.();
    }
  };

  const cancel = (job: Job, reason: unknown): void => {
    const place = waiting.indexOf(job);
    if (place >= 0) waiting.splice(place, 1);
    job.reject(reason);
    for (const [worker, current] of running) {
      if (current === job) void worker.terminate();
    }
  };

  return {
    size,
    backtest: (input, { signal, onStart } = {}) =>
      new Promise<BacktestOutcome>((resolve, reject) => {
        signal?.throwIfAborted();
        if (closed) throw new DomainError('BadInput', 'the compute pool is closed', { next: 'start the worker again' });
        const task = { input: { ...input, columns: shareColumns(input.columns) } };
        const onAbort = (): void => cancel(job, signal?.reason);
        const job: Job = {
          task,
          onStart,
          resolve: (outcome) => {
            signal?.removeEventListener('abort', onAbort);
            resolve(outcome);
          },
          reject: (reason) => {
            signal?.removeEventListener('abort', onAbort);
            reject(reason instanceof Error ? reason : new TypeError(String(reason)));
          },
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        waiting.push(job);
        dispatch();
      }),
    close: async () => {
      closed = true;
      const reason = new DomainError('BadInput', 'the compute pool was closed', { next: 'start the worker again' });
      for (const job of waiting.splice(0)) job.reject(reason);
      const workers = [...idle, ...running.keys()];
      for (const job of running.values()) job.reject(reason);
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
};
