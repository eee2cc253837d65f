import { getCompileCacheDir } from 'node:module';
import { Worker } from 'node:worker_threads';
import { DomainError } from '../domain/errors.ts';
import type { ForgetMessage, PoolAnswer, PoolResult, PoolTask } from './pool-messages.ts';

export interface TaskOptions {
  readonly signal?: AbortSignal;
  /** Called when the task starts on a thread. */
  readonly onStart?: () => void;
}

interface Job {
  readonly task: PoolTask;
  readonly onStart: (() => void) | undefined;
  readonly resolve: (result: PoolResult) => void;
  readonly reject: (reason: unknown) => void;
}

const workerFile = new URL(
  import.meta.url.endsWith('.ts') ? 'backtest-worker.ts' : 'backtest-worker.js',
  import.meta.url,
);

/** Short-lived objects of a run are few: a larger nursery would only let each thread take more memory before it looks for garbage. */
const maxYoungGenerationSizeMb = 8;

/** Worker threads with one queue before them: a task goes to the first that is free. */
export const createThreads = ({
  size,
  mostWaiting,
  heapMb,
}: {
  readonly size: number;
  readonly mostWaiting: number;
  readonly heapMb: number;
}) => {
  const waiting: Job[] = [];
  const idle: Worker[] = [];
  const running = new Map<Worker, Job>();
  /** Threads that were told to end: an answer that was on its way must not make them free again. */
  const ending = new Set<Worker>();
  let closed = false;

  const settle = (worker: Worker, answer: PoolAnswer): void => {
    const job = running.get(worker);
    if (job === undefined) return;
    running.delete(worker);
    idle.push(worker);
    worker.unref();
    if (answer.kind === 'result') job.resolve(answer.result);
    else {
      const { name, message, next, details } = answer.refusal;
      job.reject(new DomainError(name, message, { next, details }));
    }
    dispatch();
  };

  /** A thread that is gone frees its place; what it was doing is rejected. */
  const lose = (worker: Worker, reason: DomainError): void => {
    const job = running.get(worker);
    running.delete(worker);
    ending.delete(worker);
    const place = idle.indexOf(worker);
    if (place >= 0) idle.splice(place, 1);
    job?.reject(reason);
    dispatch();
  };

  const start = (): Worker => {
    const worker = new Worker(workerFile, {
      workerData: { compileCache: getCompileCacheDir() !== undefined },
      resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb },
    });
    worker.on('message', (answer: PoolAnswer) => settle(worker, answer));
    worker.on('error', (error) => lose(worker, threadLost(error, heapMb)));
    worker.on('exit', (code) => lose(worker, threadLost(new TypeError(`it ended with code ${code}`), heapMb)));
    return worker;
  };

  const dispatch = (): void => {
    if (closed) return;
    while (waiting.length > 0 && running.size + ending.size < size) {
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
      if (current !== job) continue;
      running.delete(worker);
      ending.add(worker);
      void worker.terminate();
    }
  };

  return {
    /** Starts all threads now, so that the first tasks need not wait for it. */
    warmUp: (): void => {
      if (closed) return;
      while (idle.length + running.size + ending.size < size) {
        const worker = start();
        worker.unref();
        idle.push(worker);
      }
    },
    run: <Task extends PoolTask>(task: Task, { signal, onStart }: TaskOptions = {}): Promise<PoolResult<Task>> =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        if (closed) throw poolClosed();
        if (waiting.length >= mostWaiting) throw poolFull(mostWaiting);
        const onAbort = (): void => cancel(job, signal?.reason);
        const job: Job = {
          task,
          onStart,
          resolve: (result) => {
            signal?.removeEventListener('abort', onAbort);
            resolve(result as PoolResult<Task>);
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
    /** Sends every thread a message that has no answer; a busy one reads it after its task. */
    tell: (message: ForgetMessage): void => {
      for (const worker of [...idle, ...running.keys()]) worker.postMessage(message, []);
    },
    close: async (): Promise<void> => {
      closed = true;
      for (const job of waiting.splice(0)) job.reject(poolClosed());
      const workers = [...idle, ...running.keys(), ...ending];
      for (const job of running.values()) job.reject(poolClosed());
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
};

const poolClosed = (): DomainError =>
  new DomainError('BadInput', 'the compute pool is closed', { next: 'start the worker again' });

const poolFull = (most: number): DomainError =>
  new DomainError('ComputePoolFull', `${most} runs are waiting for a thread already`, {
    next: 'ask again when some of them are done',
  });

const threadLost = (cause: Error, heapMb: number): DomainError => {
  const outOfMemory = 'code' in cause && cause.code === 'ERR_WORKER_OUT_OF_MEMORY';
  return new DomainError(
    'ComputeThreadLost',
    outOfMemory ? `a run needed more than ${heapMb} MB` : `the thread of a run was lost: ${cause.message}`,
    {
      next: outOfMemory
        ? 'give it a shorter period, or a strategy that trades less often'
        : 'run it again; where that fails too, it is a bug worth reporting',
      cause,
    },
  );
};
