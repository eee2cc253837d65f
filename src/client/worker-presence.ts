import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';
import { DomainError } from '../domain/errors.ts';

/** A poll lasts up to a minute: a worker that has not polled for longer is gone. */
const freshPollMs = 70_000;

interface Presence {
  readonly namespace: string;
  readonly taskQueue: string;
  /** How long to wait for a worker that is just starting. */
  readonly timeoutMs: number;
}

const isPolled = async (connection: Connection, { namespace, taskQueue }: Presence): Promise<boolean> => {
  const { pollers } = await connection.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
  });
  const oldest = Date.now() - freshPollMs;
  return pollers.some(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1_000 > oldest);
};

/**
 * Resolves once a worker polls the queue.
 * @throws DomainError WorkerMissing when none does in time: the request would wait without end.
 */
export const waitForWorker = async (connection: Connection, presence: Presence): Promise<void> => {
  const deadline = Date.now() + presence.timeoutMs;
  while (!(await isPolled(connection, presence))) {
    if (Date.now() > deadline) {
      throw new DomainError('WorkerMissing', `no worker has polled the task queue ${presence.taskQueue} lately`, {
        next: 'start one with mastertrade worker, or start the whole stack with mastertrade up',
        details: { taskQueue: presence.taskQueue, namespace: presence.namespace },
      });
    }
    await sleep(250);
  }
};
