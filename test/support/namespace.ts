import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { inject } from 'vitest';
import { searchAttributes } from '../../src/contracts/search-attributes.ts';
import { ensureSearchAttributes } from '../../src/stack/search-attributes.ts';
import './provided.ts';

export interface TestNamespace {
  readonly client: Client;
  /** What a worker process needs to poll this namespace and no other. */
  readonly env: Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
}

const retentionMs = 86_400_000;
const knownWithinMs = 30_000;

/** Repeats what a server refuses until it has heard of a new namespace. */
const untilKnown = async (step: () => Promise<void>): Promise<void> => {
  const deadline = Date.now() + knownWithinMs;
  for (;;) {
    try {
      return await step();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(100);
    }
  }
};

/**
 * A namespace of its own on the run's Temporal server, search attributes included: task-queue names are fixed, so this
 * is what keeps the workers of one test file from taking another's tasks.
 */
export const createNamespace = async (): Promise<TestNamespace> => {
  const address = inject('temporalAddress');
  const namespace = `test-${randomUUID()}`;
  const connection = await Connection.connect({ address });
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs(retentionMs),
  });
  await untilKnown(() => ensureSearchAttributes(connection, namespace, searchAttributes));
  return {
    client: new Client({ connection, namespace }),
    env: { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace, MASTERTRADE_TEMPORAL_ADDRESS: '' },
    close: () => connection.close(),
  };
};
