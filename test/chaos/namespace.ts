import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { searchAttributes } from '../../src/contracts/search-attributes.ts';
import { ensureSearchAttributes } from '../../src/stack/search-attributes.ts';

const retentionMs = 86_400_000;
const knownWithinMs = 30_000;

/** A new namespace with the search attributes; repeated until the server has heard of it. */
export const openNamespace = async (
  address: string,
): Promise<{ readonly namespace: string; readonly client: Client; readonly connection: Connection }> => {
  const namespace = `chaos-${randomUUID()}`;
  const connection = await Connection.connect({ address });
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs(retentionMs),
  });
  const deadline = Date.now() + knownWithinMs;
  for (;;) {
    try {
      await ensureSearchAttributes(connection, namespace, searchAttributes);
      return { namespace, client: new Client({ connection, namespace }), connection };
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(100);
    }
  }
};
