import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import type { DatabasePool } from 'slonik';
import { createDatabasePool } from '../../src/adapters/postgres/pool.ts';
import { type Store, createStore } from '../../src/adapters/postgres/store.ts';
import { entryIntent } from '../support/intents.ts';
import type { OrderIntent } from '../../src/contracts/order-intent.ts';
import { taskQueues } from '../../src/contracts/task-queues.ts';
import { guardWorkflowId, orderWorkflowId } from '../../src/contracts/workflow-ids.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import type { Child } from '../../src/stack/child.ts';
import { startReadyChild } from '../../src/stack/ready-child.ts';
import type { orderExecution } from '../../src/workflows/order-execution.ts';
import type { positionGuard } from '../../src/workflows/position-guard.ts';
import { createDatabase } from './database.ts';
import { candlesOf, cycleMs, marketStart } from './market.ts';
import { type CrashPlan, writePlan } from './plan.ts';
import { openNamespace } from './namespace.ts';
import type { Services } from './services.ts';
import { type SimulatorAdmin, adminOf } from './simulator-admin.ts';
import { workerEnv } from './worker-env.ts';

const workerProgram = fileURLToPath(new URL('./crash-worker.ts', import.meta.url));
export const account = { environment: 'live', exchange: 'simulator' } as const;
const horizonMs = 20_000;
/** Receive window, engine slack and horizon are over. */
export const beyondHorizonMs = 60_000;
const cycles = 600;
const openingBalances = { USDT: '1000000', BTC: '100' };

export type OrderHandle = WorkflowHandle<typeof orderExecution>;

/** A database, a namespace, an exchange on a stepped clock, and a worker that its plan may kill. */
export interface Stage extends SimulatorAdmin {
  readonly pool: DatabasePool;
  readonly store: Store;
  readonly planFile: string;
  readonly arm: (plan: CrashPlan) => void;
  readonly worker: () => Child;
  readonly startWorker: () => Promise<void>;
  /** Moves the clock to the start of the next cycle of the market and says when that is. */
  readonly nextCycle: () => Promise<number>;
  readonly intent: (strategyId: string, over?: Partial<OrderIntent>) => Promise<OrderIntent>;
  readonly start: (intent: OrderIntent) => Promise<OrderHandle>;
  readonly handleOf: (orderId: string) => OrderHandle;
  /** The guard of what the strategy holds. */
  readonly guardOf: (strategyId: string) => WorkflowHandle<typeof positionGuard>;
  readonly close: () => Promise<void>;
}

export const createStage = async (services: Services): Promise<Stage> => {
  const credentials = { apiKey: randomUUID(), secret: randomUUID() };
  const databaseUrl = await createDatabase(services.postgresUrl);
  const pool = await createDatabasePool(databaseUrl);
  const store = createStore(pool);
  const { namespace, client, connection } = await openNamespace(services.temporalAddress);
  const planFile = join(services.folder, `${namespace}.json`);
  const simulator = await startSimulator({
    ...credentials,
    markets: [{ symbol: 'BTCUSDT', base: 'BTC', quote: 'USDT', interval: '1m', candles: candlesOf(cycles) }],
    balances: openingBalances,
    rules: { fillSplit: '2' },
  });
  await store.balances.open(account, openingBalances, marketStart);
  let worker: Child | null = null;
  const disarmed: CrashPlan = { run: 'none', crash: null, record: false };
  writePlan(planFile, disarmed);

  const admin = adminOf(simulator.url);
  const env = workerEnv({
    ...services,
    namespace,
    databaseUrl,
    simulator: { url: simulator.url, ...credentials },
    horizonMs,
  });

  return {
    ...admin,
    pool,
    store,
    planFile,
    arm: (plan) => writePlan(planFile, plan),
    worker: () => {
      if (!worker) throw new TypeError('no worker was started');
      return worker;
    },
    startWorker: async () => {
      const { child } = await startReadyChild({
        name: 'worker',
        args: [workerProgram, planFile],
        env: { ...process.env, ...env },
        log: () => undefined,
        readyKey: 'ready',
      });
      worker = child;
    },
    nextCycle: async () => {
      const { now } = await admin.state();
      const start = marketStart + (Math.floor((now - marketStart) / cycleMs) + 1) * cycleMs;
      await admin.moveTo(start);
      return start;
    },
    intent: async (strategyId, over = {}) => entryIntent(strategyId, (await admin.state()).now, over),
    start: async (intent) =>
      await client.workflow.start<typeof orderExecution>('orderExecution', {
        workflowId: orderWorkflowId(intent.orderId),
        taskQueue: taskQueues.orchestration,
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        // A worker that dies with a workflow task in hand is noticed by this and by nothing else.
        workflowTaskTimeout: '3 seconds',
        args: [{ intent, reportTo: null }],
      }),
    handleOf: (orderId) => client.workflow.getHandle<typeof orderExecution>(orderWorkflowId(orderId)),
    guardOf: (strategyId) =>
      client.workflow.getHandle<typeof positionGuard>(
        guardWorkflowId({ strategyId, symbol: 'BTCUSDT', environment: 'live' }),
      ),
    close: async () => {
      if (worker?.running()) await worker.stop();
      await simulator.close();
      await connection.close();
      await pool.end();
    },
  };
};
