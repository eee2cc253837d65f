import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';
import { DomainError } from '../domain/errors.ts';

/** A poll lasts up to a minute: a worker that has not polled for longer is gone. */
const freshPollMs = 70_000;
const checkEveryMs = 10_000;

export interface PresenceOptions {
  readonly namespace: string;
  readonly taskQueue: string;
  /** How long to wait for a worker that is just starting. */
  readonly timeoutMs: number;
}

/** Whether a worker has polled a task queue within the last minute or so. */
export const isPolled = async (
  connection: Connection,
  { namespace, taskQueue }: Pick<PresenceOptions, 'namespace' | 'taskQueue'>,
): Promise<boolean> => {
  const { pollers } = await connection.workflowService.describeTaskQueue({ namespace, taskQueue: { name: taskQueue } });
  const oldest = Date.now() - freshPollMs;
  return pollers.some(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1_000 > oldest);
};

/** Runs a request that only a worker can answer. */
export type AnsweredByWorker = <T>(request: () => Promise<T>) => Promise<T>;

/**
 * Guards requests that would wait without end where no worker is.
 * @throws DomainError WorkerMissing, before the request is sent or after the last worker is gone.
 */
export const createWorkerPresence = (connection: Connection, options: PresenceOptions): AnsweredByWorker => {
  const { namespace, taskQueue, timeoutMs } = options;
  /** A worker seen a moment ago is not looked for again: a replay asks a hundred times a second. */
  let seenAt = -Infinity;

  const missing = (what: string): DomainError =>
    new DomainError('WorkerMissing', `no worker has polled the task queue ${taskQueue} lately: ${what}`, {
      next: 'start one with mastertrade worker, or start the whole stack with mastertrade up',
      details: { taskQueue, namespace },
    });

  const isPolledNow = async (): Promise<boolean> => {
    const polled = await isPolled(connection, options);
    if (polled) seenAt = Date.now();
    return polled;
  };

  const waitForWorker = async (): Promise<void> => {
    if (Date.now() - seenAt < checkEveryMs) return;
    const deadline = Date.now() + timeoutMs;
    while (!(await isPolledNow())) {
      if (Date.now() > deadline) throw missing('nothing was asked of it');
      await sleep(250);
    }
  };

  /** Rejects when the last worker has been gone for a while. */
  const watchForLoss = async (signal: AbortSignal): Promise<never> => {
    for (;;) {
      await sleep(checkEveryMs, undefined, { signal });
      if (!(await isPolledNow())) throw missing('the request was sent, and is carried out when one starts');
    }
  };

  return async (request) => {
    await waitForWorker();
    const answered = new AbortController();
    try {
      return await Promise.race([request(), watchForLoss(answered.signal)]);
    } finally {
      answered.abort();
    }
  };
};
