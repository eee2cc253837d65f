import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { inject } from 'vitest';
import type { OrderIntent } from '../../src/contracts/order-intent.ts';
import { taskQueues } from '../../src/contracts/task-queues.ts';
import { dec, text } from '../../src/domain/decimal.ts';
import type { Candle } from '../../src/domain/market/candle.ts';
import type { orderExecution } from '../../src/workflows/order-execution.ts';
import type { TradingRules } from '../../src/simulator/matching.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { type WorkerProcess, spawnWorker } from '../../src/stack/worker-process.ts';
import { entryIntent, startIntent } from './intents.ts';
import { type TestNamespace, createNamespace } from './namespace.ts';
import { type TradingDatabase, createTradingDatabase, pauseGoals } from './trading.ts';

const minute = 60_000;
export const stageStart = Date.UTC(2026, 0, 1);

/** Stands at 100 with volume enough for any order here. */
const flat = Array.from({ length: 2_000 }, (_, index) => ({
  time: stageStart + index * minute,
  open: '100',
  high: '100',
  low: '100',
  close: '100',
  volume: '1000',
}));

interface LedgerOrder {
  readonly clientOrderId: string;
  readonly status: string;
  readonly executedQuantity: string;
  readonly trades: readonly { tradeId: number; quantity: string; price: string; commission: string }[];
}

export interface LedgerDump {
  readonly orders: readonly LedgerOrder[];
  readonly accepted: Readonly<Record<string, number>>;
  readonly balances: Readonly<Record<string, { free: string; locked: string }>>;
}

export type OrderHandle = WorkflowHandle<typeof orderExecution>;

export interface OrderStage extends TradingDatabase {
  readonly namespace: TestNamespace;
  readonly worker: () => WorkerProcess;
  readonly startWorker: () => Promise<void>;
  /** SIGKILL, and only back when the process is gone. */
  readonly killWorker: () => Promise<void>;
  readonly fault: (fault: Readonly<Record<string, unknown>>) => Promise<void>;
  readonly clearFaults: () => Promise<void>;
  readonly state: () => Promise<{ faults: readonly unknown[]; heldReplies: number; now: number }>;
  readonly ledger: () => Promise<LedgerDump>;
  readonly step: (ms: number) => Promise<void>;
  readonly intent: (strategyId: string, over?: Partial<OrderIntent>) => Promise<OrderIntent>;
  readonly start: (intent: OrderIntent) => Promise<OrderHandle>;
  readonly close: () => Promise<void>;
}

/** Asks until the answer is not null. A test's own time limit ends it. */
export const until = async <T>(ask: () => Promise<T | null>): Promise<T> => {
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    await sleep(25);
  }
};

/**
 * All that one order goes through, for real: a database, a namespace, an exchange simulator on a stepped clock, and a
 * worker in a process of its own that a test may kill.
 */
export const createOrderStage = async (options: {
  rules: Partial<TradingRules>;
  env: Readonly<Record<string, string>>;
  /** Of the market BTCUSDT in minutes from `stageStart`; default: it stands at 100. */
  candles?: readonly Candle[];
}): Promise<OrderStage> => {
  const credentials = { apiKey: randomUUID(), secret: randomUUID() };
  const database = await createTradingDatabase();
  await pauseGoals(database.pool);
  const namespace = await createNamespace();
  const simulator = await startSimulator({
    ...credentials,
    markets: [{ symbol: 'BTCUSDT', base: 'BTC', quote: 'USDT', interval: '1m', candles: options.candles ?? flat }],
    balances: { USDT: '100000', BTC: '10' },
    rules: options.rules,
  });
  let worker: WorkerProcess | null = null;

  const running = (): WorkerProcess => {
    if (!worker) throw new TypeError('no worker was started');
    return worker;
  };
  const admin = async <T>(path: string, init: RequestInit = {}): Promise<T> => {
    const response = await fetch(`${simulator.url}/admin/${path}`, {
      ...init,
      ...(init.body ? { headers: { 'content-type': 'application/json' } } : {}),
    });
    if (!response.ok) throw new TypeError(`/admin/${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  };
  const post = (path: string, body: unknown) => admin(path, { method: 'POST', body: JSON.stringify(body) });
  const state = () => admin<{ faults: readonly unknown[]; heldReplies: number; now: number }>('state');

  const startWorker = async (): Promise<void> => {
    worker = await spawnWorker(
      {
        ...namespace.env,
        DATABASE_URL: database.url,
        MASTERTRADE_SIMULATOR_URL: simulator.url,
        MASTERTRADE_SIMULATOR_API_KEY: credentials.apiKey,
        MASTERTRADE_SIMULATOR_API_SECRET: credentials.secret,
        MASTERTRADE_EXCHANGE: 'simulator',
        MASTERTRADE_CLOCK: 'stepped',
        MASTERTRADE_SNAPSHOT_MS: '0',
        MASTERTRADE_ORDER_WATCH_MS: '200',
        MASTERTRADE_WORKFLOW_BUNDLE: inject('workflowBundlePath'),
        MASTERTRADE_TASK_QUEUES: `${taskQueues.orchestration},${taskQueues.exchange}`,
        MASTERTRADE_LOG_LEVEL: 'error',
        ...options.env,
      },
      () => undefined,
    );
  };

  return {
    ...database,
    namespace,
    worker: running,
    startWorker,
    killWorker: async () => {
      await running().kill('SIGKILL');
    },
    fault: async (fault) => {
      await post('faults', { route: 'POST /api/v3/order', ...fault });
    },
    clearFaults: async () => {
      await admin('faults', { method: 'DELETE' });
    },
    state,
    ledger: () => admin<LedgerDump>('ledger'),
    step: async (ms) => {
      await post('clock', { by: ms });
    },
    intent: async (strategyId, over = {}) => entryIntent(strategyId, (await state()).now, over),
    start: (intent) => startIntent(namespace.client, intent),
    close: async () => {
      if (worker?.running()) await worker.stop();
      await simulator.close();
      await namespace.close();
      await database.drop();
    },
  };
};

/** Free plus locked by asset, zero left out. */
export const totalsOf = (balances: LedgerDump['balances']): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(balances)
      .map(([asset, { free, locked }]) => [asset, text(dec(free).plus(locked))] as const)
      .filter(([, total]) => total !== '0')
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
