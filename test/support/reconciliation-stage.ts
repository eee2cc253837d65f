import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { sql } from 'slonik';
import { inject } from 'vitest';
import { z } from 'zod';
import { createCcxtClient } from '../../src/adapters/exchange/ccxt-client.ts';
import type { ReconciliationResult } from '../../src/contracts/reconciliation.ts';
import type { OrderIntent } from '../../src/contracts/order-intent.ts';
import { taskQueues } from '../../src/contracts/task-queues.ts';
import { orderWorkflowId, reconciliationWorkflowId } from '../../src/contracts/workflow-ids.ts';
import { dec, text } from '../../src/domain/decimal.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { spawnWorker } from '../../src/stack/worker-process.ts';
import type { orderExecution } from '../../src/workflows/order-execution.ts';
import type { reconciliation } from '../../src/workflows/reconciliation.ts';
import { entryIntent, startIntent } from './intents.ts';
import { type TestNamespace, createNamespace } from './namespace.ts';
import { type LedgerDump, type OrderHandle, stageStart, totalsOf } from './order-stage.ts';
import { type TradingDatabase, createTradingDatabase, pauseGoals } from './trading.ts';

const minute = 60_000;
const flat = Array.from({ length: 2_000 }, (_, index) => ({
  time: stageStart + index * minute,
  open: '100',
  high: '100',
  low: '100',
  close: '100',
  volume: '1000',
}));

export const account = { environment: 'live', exchange: 'simulator' } as const;

export interface ReconciliationStage extends TradingDatabase {
  readonly namespace: TestNamespace;
  /** What a command line beside the worker needs. */
  readonly env: Readonly<Record<string, string>>;
  readonly fault: (fault: Readonly<Record<string, unknown>>) => Promise<void>;
  readonly clearFaults: () => Promise<void>;
  /** How many faults of a route have not struck yet. */
  readonly faultsLeft: (route: string) => Promise<number>;
  readonly ledger: () => Promise<LedgerDump>;
  readonly step: (ms: number) => Promise<void>;
  /** Sends an order past the books, as a person at the exchange's own screen would. */
  readonly orderThere: (
    side: 'buy' | 'sell',
    quantity: string,
    price?: string,
    symbol?: string,
  ) => Promise<{ clientOrderId: string }>;
  /** A stop at 90 and a target at 120 for one quantity, sent past the books. */
  readonly pairThere: (quantity: string) => Promise<{ clientOrderIds: readonly string[] }>;
  readonly cancelThere: (clientOrderId: string) => Promise<void>;
  readonly intent: (strategyId: string, over?: Partial<OrderIntent>) => Promise<OrderIntent>;
  readonly start: (intent: OrderIntent) => Promise<OrderHandle>;
  readonly order: (orderId: string) => OrderHandle;
  readonly reconcile: (options?: { fix?: boolean; id?: string }) => Promise<ReconciliationResult>;
  /** Reconciles until no asset is moving any more. */
  readonly reconcileAll: () => Promise<ReconciliationResult>;
  /** Free and locked by our books, zero left out. */
  readonly books: () => Promise<Readonly<Record<string, string>>>;
  readonly venueTotals: () => Promise<Readonly<Record<string, string>>>;
  /** How many rows each table has, and what the alerts say. */
  readonly counts: () => Promise<Readonly<Record<string, unknown>>>;
  readonly close: () => Promise<void>;
}

const tables = [
  'orders',
  'trades',
  'positions',
  'current_balances',
  'balance_flows',
  'audit_logs',
  'strategies',
] as const;

/** An exchange, books that opened with `opening`, and a worker that reconciles only when it is asked to. */
export const createReconciliationStage = async (
  opening: Readonly<Record<string, string>>,
): Promise<ReconciliationStage> => {
  const credentials = { apiKey: randomUUID(), secret: randomUUID() };
  const database = await createTradingDatabase();
  await pauseGoals(database.pool);
  const namespace = await createNamespace();
  const simulator = await startSimulator({
    ...credentials,
    markets: ['BTC', 'ETH'].map((base) => ({
      symbol: `${base}USDT`,
      base,
      quote: 'USDT',
      interval: '1m',
      candles: flat,
    })),
    balances: { USDT: '100000', BTC: '10' },
  });
  const admin = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${simulator.url}/admin/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    if (!response.ok) throw new TypeError(`/admin/${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  };
  await database.store.balances.open(account, opening, stageStart);
  await admin('POST', 'clock', { by: minute });
  const env = {
    ...namespace.env,
    DATABASE_URL: database.url,
    MASTERTRADE_SIMULATOR_URL: simulator.url,
    MASTERTRADE_SIMULATOR_API_KEY: credentials.apiKey,
    MASTERTRADE_SIMULATOR_API_SECRET: credentials.secret,
    MASTERTRADE_EXCHANGE: 'simulator',
    MASTERTRADE_CLOCK: 'stepped',
    MASTERTRADE_ORDER_WATCH_MS: '200',
    MASTERTRADE_ORDER_HORIZON_MS: '20000',
    MASTERTRADE_RECONCILE_MS: '0',
    MASTERTRADE_LOG_LEVEL: 'error',
  };
  const worker = await spawnWorker(
    {
      ...env,
      MASTERTRADE_WORKFLOW_BUNDLE: inject('workflowBundlePath'),
      MASTERTRADE_TASK_QUEUES: `${taskQueues.orchestration},${taskQueues.exchange}`,
    },
    () => undefined,
  );
  const outside = await createCcxtClient({
    exchange: 'binance',
    credentials,
    baseUrl: simulator.url,
    clockTtlMs: 0,
    msPerWeight: 0.01,
  });
  const ledger = () => admin<LedgerDump>('GET', 'ledger');
  const order = (orderId: string): WorkflowHandle<typeof orderExecution> =>
    namespace.client.workflow.getHandle<typeof orderExecution>(orderWorkflowId(orderId));

  const reconcile: ReconciliationStage['reconcile'] = async ({ fix = true, id = '' } = {}) => {
    const handle = await namespace.client.workflow.start<typeof reconciliation>('reconciliation', {
      workflowId: `${reconciliationWorkflowId('live', 'simulator')}${id}`,
      taskQueue: taskQueues.orchestration,
      args: [{ environment: 'live', venue: 'simulator', fix }],
    });
    return await handle.result();
  };

  return {
    ...database,
    namespace,
    env,
    fault: async (fault) => void (await admin('POST', 'faults', fault)),
    clearFaults: async () => void (await admin('DELETE', 'faults')),
    faultsLeft: async (route) => {
      const { faults } = await admin<{ faults: readonly { route?: string }[] }>('GET', 'state');
      return faults.filter((fault) => fault.route === route).length;
    },
    ledger,
    step: async (ms) => void (await admin('POST', 'clock', { by: ms })),
    orderThere: async (side, quantity, price, symbol = 'BTCUSDT') => {
      const placed = await outside.call('createOrder', 'signed', (exchange) =>
        exchange.privatePostOrder({
          symbol,
          side: side.toUpperCase(),
          quantity,
          newOrderRespType: 'FULL',
          ...(price === undefined ? { type: 'MARKET' } : { type: 'LIMIT', timeInForce: 'GTC', price }),
        }),
      );
      return placed as { clientOrderId: string };
    },
    pairThere: async (quantity) => {
      const placed = (await outside.call('createOrder', 'signed', (exchange) =>
        exchange.privatePostOrderListOco({
          symbol: 'BTCUSDT',
          side: 'SELL',
          quantity,
          aboveType: 'LIMIT_MAKER',
          abovePrice: '120',
          belowType: 'STOP_LOSS',
          belowStopPrice: '90',
          newOrderRespType: 'RESULT',
        }),
      )) as { orderReports: readonly { clientOrderId: string }[] };
      return { clientOrderIds: placed.orderReports.map(({ clientOrderId }) => clientOrderId) };
    },
    cancelThere: async (clientOrderId) => {
      await outside.call('cancelOrder', 'signed', async (exchange) => {
        await exchange.loadMarkets();
        return await exchange.cancelOrder(undefined, 'BTC/USDT', { clientOrderId });
      });
    },
    intent: async (strategyId, over = {}) =>
      entryIntent(strategyId, (await admin<{ now: number }>('GET', 'state')).now, over),
    start: (intent) => startIntent(namespace.client, intent),
    order,
    reconcile,
    reconcileAll: async () => {
      for (;;) {
        const result = await reconcile();
        if (result.moving.length === 0) return result;
      }
    },
    books: async () => {
      const balances = await database.store.balances.read(account);
      return totalsOf(
        Object.fromEntries(
          [...balances].map(([asset, { free, locked }]) => [asset, { free: text(free), locked: text(locked) }]),
        ),
      );
    },
    venueTotals: async () => totalsOf((await ledger()).balances),
    counts: async () => {
      const counted: Record<string, unknown> = {};
      for (const table of tables) {
        counted[table] = await database.pool.oneFirst(
          sql.type(z.object({ count: z.number() }))`SELECT count(*)::int AS count FROM ${sql.identifier([table])}`,
        );
      }
      counted['alerts'] = await database.pool.any(
        sql.type(z.object({ alert_type: z.string(), status: z.string(), message: z.string() }))`
          SELECT alert_type, status, message FROM alerts ORDER BY id`,
      );
      return counted;
    },
    close: async () => {
      if (worker.running()) await worker.stop();
      await simulator.close();
      await namespace.close();
      await database.drop();
    },
  };
};

/** What is free and locked of an asset by our books. */
export const heldOf = async (
  stage: ReconciliationStage,
  asset: string,
): Promise<readonly [free: string, locked: string]> => {
  const held = (await stage.store.balances.read(account)).get(asset);
  return [text(held?.free ?? dec('0')), text(held?.locked ?? dec('0'))];
};
