import { readFile } from 'node:fs/promises';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { VenueActivities } from '../../src/contracts/activities.ts';
import { type OrderView, cancelUpdate, orderNewsSignal } from '../../src/contracts/messages.ts';
import { taskQueues } from '../../src/contracts/task-queues.ts';
import { entryIntent, startIntent } from '../support/intents.ts';
import { type TestNamespace, createNamespace } from '../support/namespace.ts';
import '../support/quiet-runtime.ts';

const resting: OrderView = {
  orderId: 'o',
  status: 'partially_filled',
  quantity: '2',
  filledQuantity: '1',
  averageFillPrice: '90',
  exchangeOrderId: '1',
  exchange: 'simulator',
  expiresInMs: null,
  note: '',
};

/** Which of two answers of the venue's side comes first can't be caused from outside: these activities decide it. */
const asked = Promise.withResolvers<void>();
const cancelled = Promise.withResolvers<void>();
const activities: Pick<VenueActivities, 'placeOrder' | 'syncOrder' | 'cancelOrder'> = {
  placeOrder: () => Promise.resolve(resting),
  syncOrder: async () => {
    asked.resolve();
    await cancelled.promise;
    return resting;
  },
  cancelOrder: () => Promise.resolve({ ...resting, status: 'cancelled' }),
};

let namespace: TestNamespace;
let connection: NativeConnection;
let workers: readonly Worker[];
let running: Promise<unknown>;

beforeAll(async () => {
  namespace = await createNamespace();
  connection = await NativeConnection.connect({ address: inject('temporalAddress') });
  const common = { connection, namespace: namespace.client.options.namespace };
  const code = await readFile(inject('workflowBundlePath'), 'utf8');
  workers = await Promise.all([
    Worker.create({ ...common, taskQueue: taskQueues.orchestration, workflowBundle: { code } }),
    Worker.create({ ...common, taskQueue: taskQueues.exchange, activities }),
  ]);
  running = Promise.all(workers.map((worker) => worker.run()));
});
afterAll(async () => {
  for (const worker of workers) worker.shutdown();
  await running;
  await connection.close();
  await namespace.close();
});

describe('an answer that comes after the order has ended', () => {
  it('does not bring it back: the workflow ends, and does not wait for its next check', async () => {
    const handle = await startIntent(namespace.client, entryIntent('s', Date.UTC(2026, 0, 1)));
    await handle.signal(orderNewsSignal);
    await asked.promise;
    expect(await handle.executeUpdate(cancelUpdate, { args: [{ by: 'ada' }] })).toMatchObject({ status: 'cancelled' });
    cancelled.resolve();
    expect(await handle.result()).toMatchObject({ status: 'cancelled' });
  });
});
