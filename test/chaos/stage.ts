import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import type { DatabasePool } from 'slonik';
import { createDatabasePool } from '../../src/adapters/postgres/pool.ts';
import { type Store, createStore } from '../../src/adapters/postgres/store.ts';
import type { OrderIntent } from '../../src/contracts/order-intent.ts';
import { searchAttributes } from '../../src/contracts/search-attributes.ts';
import { taskQueues } from '../../src/contracts/task-queues.ts';
import { guardWorkflowId, orderWorkflowId } from '../../src/contracts/workflow-ids.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import type { Child } from '../../src/stack/child.ts';
import { startReadyChild } from '../../src/stack/ready-child.ts';
import { ensureSearchAttributes } from '../../src/stack/search-attributes.ts';
import type { orderExecution } from '../../src/workflows/order-execution.ts';
import type { positionGuard } from '../../src/workflows/position-guard.ts';
import { createDatabase } from './database.ts';
import { candlesOf, cycleMs, marketStart } from './market.ts';
import { type CrashPlan, writePlan } from './plan.ts';
import type { Services } from './services.ts';

const workerProgram = fileURLToPath(new URL('./crash-worker.ts', import.meta.url));
export const account = { environment: 'live', exchange: 'simulator' } as const;
const horizonMs = 20_000;
/** Receive window, engine slack and horizon are over. */
export const beyondHorizonMs = 60_000;
const cycles = 600;
const dayMs = 86_400_000;
const minute = 60_000;
const openingBalances = { USDT: '1000000', BTC: '100' };

export type OrderHandle = WorkflowHandle<typeof orderExecution>;

export interface VenueLedger {
  readonly orders: readonly {
    readonly orderId: number;
    readonly clientOrderId: string;
    readonly status: string;
    readonly type: string;
    readonly side: string;
    readonly executedQuantity: string;
    readonly trades: readonly { tradeId: number; quantity: string; price: string; commission: string }[];
  }[];
  readonly accepted: Readonly<Record<string, number>>;
  readonly balances: Readonly<Record<string, { free: string; locked: string }>>;
}

/** A database, a namespace, an exchange on a stepped clock, and a worker that its plan may kill. */
export interface Stage {
  readonly pool: DatabasePool;
  readonly store: Store;
  readonly planFile: string;
  readonly arm: (plan: CrashPlan) => void;
  readonly worker: () => Child;
  readonly startWorker: () => Promise<void>;
  readonly ledger: () => Promise<VenueLedger>;
  readonly step: (ms: number) => Promise<void>;
  readonly moveTo: (time: number) => Promise<void>;
  /** Moves the clock to the start of the next cycle of the market and says when that is. */
  readonly nextCycle: () => Promise<number>;
  readonly fault: (fault: Readonly<Record<string, unknown>>) => Promise<void>;
  readonly clearFaults: () => Promise<void>;
  readonly intent: (strategyId: string, over?: Partial<OrderIntent>) => Promise<OrderIntent>;
  readonly start: (intent: OrderIntent) => Promise<OrderHandle>;
  readonly handleOf: (orderId: string) => OrderHandle;
  /** The guard of what the strategy holds. */
  readonly guardOf: (strategyId: string) => WorkflowHandle<typeof positionGuard>;
  readonly close: () => Promise<void>;
}

/** Repeats what a server refuses until it has heard of a new namespace. */
const untilKnown = async (step: () => Promise<void>): Promise<void> => {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      return await step();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(100);
    }
  }
};

export const createStage = async (services: Services): Promise<Stage> => {
  const credentials = { apiKey: randomUUID(), secret: randomUUID() };
  const databaseUrl = await createDatabase(services.postgresUrl);
  const pool = await createDatabasePool(databaseUrl);
  const store = createStore(pool);
  const namespace = `crash-${randomUUID()}`;
  const planFile = join(services.folder, `${namespace}.json`);
  const connection = await Connection.connect({ address: services.temporalAddress });
  await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: msToTs(dayMs) });
  await untilKnown(() => ensureSearchAttributes(connection, namespace, searchAttributes));
  const client = new Client({ connection, namespace });
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

  const admin = async <T>(path: string, init: RequestInit = {}): Promise<T> => {
    const response = await fetch(`${simulator.url}/admin/${path}`, {
      ...init,
      ...(init.body ? { headers: { 'content-type': 'application/json' } } : {}),
    });
    if (!response.ok) throw new TypeError(`/admin/${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  };
  const post = (path: string, body: unknown) => admin(path, { method: 'POST', body: JSON.stringify(body) });
  const now = async (): Promise<number> => (await admin<{ now: number }>('state')).now;
  const moveTo = async (time: number): Promise<void> => {
    await post('clock', { to: time });
  };

  return {
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
        env: {
          ...process.env,
          TEMPORAL_ADDRESS: services.temporalAddress,
          TEMPORAL_NAMESPACE: namespace,
          MASTERTRADE_TEMPORAL_ADDRESS: '',
          DATABASE_URL: databaseUrl,
          MASTERTRADE_SIMULATOR_URL: simulator.url,
          MASTERTRADE_SIMULATOR_API_KEY: credentials.apiKey,
          MASTERTRADE_SIMULATOR_API_SECRET: credentials.secret,
          MASTERTRADE_EXCHANGE: 'simulator',
          MASTERTRADE_CLOCK: 'stepped',
          MASTERTRADE_ORDER_WATCH_MS: '200',
          MASTERTRADE_ORDER_HORIZON_MS: String(horizonMs),
          MASTERTRADE_WORKFLOW_BUNDLE: services.bundlePath,
          MASTERTRADE_TASK_QUEUES: `${taskQueues.orchestration},${taskQueues.exchange}`,
          MASTERTRADE_LOG_LEVEL: 'error',
        },
        log: () => undefined,
        readyKey: 'ready',
      });
      worker = child;
    },
    ledger: () => admin<VenueLedger>('ledger'),
    step: async (ms) => {
      await post('clock', { by: ms });
    },
    moveTo,
    nextCycle: async () => {
      const start = marketStart + (Math.floor(((await now()) - marketStart) / cycleMs) + 1) * cycleMs;
      await moveTo(start);
      return start;
    },
    fault: async (fault) => {
      await post('faults', { route: 'POST /api/v3/order', ...fault });
    },
    clearFaults: async () => {
      await admin('faults', { method: 'DELETE' });
    },
    intent: async (strategyId, over = {}) => {
      const decidedAt = await now();
      return {
        orderId: randomUUID(),
        strategyId,
        strategyVersion: 1,
        environment: 'live',
        symbol: 'BTCUSDT',
        interval: '1m',
        side: 'BUY',
        kind: 'entry',
        referencePrice: '100',
        candleTime: decidedAt - minute,
        decidedAt,
        reason: 'test',
        requestedBy: 'test',
        ...over,
      };
    },
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
