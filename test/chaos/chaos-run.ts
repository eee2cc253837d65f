import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import type { DatabasePool } from 'slonik';
import { createDatabasePool } from '../../src/adapters/postgres/pool.ts';
import { type Store, createStore } from '../../src/adapters/postgres/store.ts';
import { cancelUpdate } from '../../src/contracts/messages.ts';
import { searchAttributes } from '../../src/contracts/search-attributes.ts';
import { taskQueues } from '../../src/contracts/task-queues.ts';
import { orderWorkflowId } from '../../src/contracts/workflow-ids.ts';
import { isTerminal } from '../../src/domain/orders/order.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { ensureSearchAttributes } from '../../src/stack/search-attributes.ts';
import { type WorkerProcess, spawnWorker } from '../../src/stack/worker-process.ts';
import type { orderExecution } from '../../src/workflows/order-execution.ts';
import { addStrategy, definitionOf } from '../support/trading.ts';
import { tripBreaker, resolveBreaker } from './breaker.ts';
import { type ChaosReport, reportOf } from './chaos-check.ts';
import type { ChaosAction, ChaosPlan, Victim } from './chaos-plan.ts';
import { createDatabase } from './database.ts';
import { type Desk, newCredentials } from './desk.ts';
import { account, type VenueLedger } from './stage.ts';
import { until } from './until.ts';

const marketStart = Date.UTC(2026, 0, 1);
const minute = 60_000;
const dayMs = 86_400_000;
/** Longer than all that a run moves the venue's clock: nothing is given up while faults last. */
const horizonMs = dayMs;
const openingBalances = { USDT: '20000', BTC: '1' };
const settleLimitMs = 180_000;
const quiet = (): void => undefined;

interface Run {
  readonly pool: DatabasePool;
  readonly store: Store;
  readonly plan: ChaosPlan;
  readonly strategyIds: readonly string[];
}

/** Tries until it succeeds or the run is over: the servers that it needs come and go. */
const persist = async <T>(step: () => Promise<T>, isOver: () => boolean): Promise<T | null> => {
  while (!isOver()) {
    try {
      return await step();
    } catch {
      await sleep(200);
    }
  }
  return null;
};

const isKnown = (error: unknown): boolean =>
  error instanceof Error && error.name === 'WorkflowExecutionAlreadyStartedError';

/** Whether a worker asks for workflow tasks. A server that was started again knows of those that have come back. */
const hasPoller = async ({ connection, options: { namespace } }: Client): Promise<boolean> => {
  try {
    const taskQueue = { name: taskQueues.orchestration };
    return (await connection.workflowService.describeTaskQueue({ namespace, taskQueue })).pollers.length > 0;
  } catch {
    return false;
  }
};

/** Carries out a plan against real servers, heals them, waits until every order has come to its end, and checks. */
export const runChaos = async (
  desk: Desk,
  plan: ChaosPlan,
  options: { readonly bundlePath: string; readonly say?: (line: string) => void },
): Promise<ChaosReport> => {
  const say = options.say ?? quiet;
  const credentials = newCredentials();
  const databaseUrl = await createDatabase(desk.postgresUrl);
  const pool = await createDatabasePool(databaseUrl);
  const run: Run = { pool, store: createStore(pool), plan, strategyIds: [] };
  const { store } = run;
  const namespace = `chaos-${randomUUID()}`;
  const connection = await Connection.connect({ address: desk.temporalAddress });
  const client = new Client({ connection, namespace });
  await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: msToTs(dayMs) });
  await persist(
    () => ensureSearchAttributes(connection, namespace, searchAttributes),
    () => false,
  );
  const simulator = await startSimulator({
    ...credentials,
    markets: [
      {
        symbol: 'BTCUSDT',
        base: 'BTC',
        quote: 'USDT',
        interval: '1m',
        generator: { seed: plan.seed, basePrice: 1_000 },
      },
    ],
    start: marketStart,
    balances: openingBalances,
    rules: { fillSplit: '0.1', spreadBps: '2', slippageBps: '1' },
  });
  await store.balances.open(account, openingBalances, marketStart);
  const strategyIds: string[] = [];
  for (const { quote, limit, protection } of plan.strategies) {
    const order = limit && ({ type: 'limit', offset_bps: limit.offsetBps, expire_bars: limit.expireBars } as const);
    const risk = {
      position_size: { type: 'fixed_quote', value: quote } as const,
      ...(order && { order }),
      ...(protection && { stop_loss_pct: protection.stopPct, take_profit_pct: protection.targetPct }),
    };
    strategyIds.push(await addStrategy(pool, 'active', definitionOf({}, risk)));
  }

  const admin = async <T>(path: string, init: RequestInit = {}): Promise<T> => {
    const response = await fetch(`${simulator.url}/admin/${path}`, {
      ...init,
      ...(init.body ? { headers: { 'content-type': 'application/json' } } : {}),
    });
    if (!response.ok) throw new TypeError(`/admin/${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  };
  const post = (path: string, body: unknown) => admin(path, { method: 'POST', body: JSON.stringify(body) });
  const market = async (): Promise<{ now: number; price: string }> => {
    const { now, markets } = await admin<{ now: number; markets: readonly { price: string }[] }>('state');
    return { now, price: markets[0]?.price ?? '0' };
  };

  /** Armed, and struck: one that was healed away before any request met it did nothing. */
  const faults = new Map<string, number>();
  const heal = async (): Promise<void> => {
    const { faults: left } = await admin<{
      faults: readonly { kind: string; left: number | null; times: number | null }[];
    }>('state');
    for (const fault of left) {
      if (fault.left !== null && fault.left === fault.times) faults.set(fault.kind, (faults.get(fault.kind) ?? 0) - 1);
    }
    await admin('faults', { method: 'DELETE' });
  };
  const kills = new Map<Victim | 'worker ended by itself', number>();
  const count = <K>(counts: Map<K, number>, key: K): void => void counts.set(key, (counts.get(key) ?? 0) + 1);
  const lastWords: string[] = [];
  let over = false;
  const isOver = (): boolean => over;

  const openWorker = (): Promise<WorkerProcess> =>
    spawnWorker(
      {
        TEMPORAL_ADDRESS: desk.temporalAddress,
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
        MASTERTRADE_WORKFLOW_BUNDLE: options.bundlePath,
        MASTERTRADE_TASK_QUEUES: `${taskQueues.orchestration},${taskQueues.exchange}`,
        MASTERTRADE_LOG_LEVEL: 'error',
      },
      quiet,
    );
  let worker = await openWorker();
  let killing = false;
  /** A worker that ends, whoever ended it, is followed by another, as any process manager sees to. */
  const keepWorker = async (downMs: () => number): Promise<void> => {
    for (;;) {
      await worker.exited;
      if (over) return;
      if (!killing) {
        count(kills, 'worker ended by itself');
        lastWords.push(worker.lastLines().at(-1) ?? '');
      }
      killing = false;
      await sleep(downMs());
      const next = await persist(openWorker, isOver);
      if (next === null) return;
      worker = next;
    }
  };
  let workerDownMs = 0;
  const kept = keepWorker(() => workerDownMs);

  /** One at a time a server: a second kill waits until it is back. */
  const queues = new Map<string, Promise<unknown>>();
  const inTurn = (name: string, step: () => Promise<unknown>): void => {
    queues.set(name, (queues.get(name) ?? Promise.resolve()).then(step, step));
  };
  const settled: Promise<unknown>[] = [];
  const started = new Map<number, Promise<unknown>>();

  const startOrder = async (action: Extract<ChaosAction, { do: 'order' }>): Promise<void> => {
    const orderId = plan.orderIds[action.order] ?? '';
    const { now, price } = await market();
    const intent = {
      orderId,
      strategyId: strategyIds[action.strategy] ?? '',
      strategyVersion: 1,
      environment: 'live',
      symbol: 'BTCUSDT',
      interval: '1m',
      side: action.side,
      kind: action.side === 'BUY' ? 'entry' : 'exit',
      referencePrice: price,
      candleTime: now - minute,
      decidedAt: now,
      reason: 'test',
      requestedBy: 'test',
    } as const;
    await persist(async () => {
      try {
        await client.workflow.start<typeof orderExecution>('orderExecution', {
          workflowId: orderWorkflowId(orderId),
          taskQueue: taskQueues.orchestration,
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          args: [{ intent, reportTo: null }],
        });
      } catch (error) {
        if (!isKnown(error)) throw error;
      }
    }, isOver);
  };
  /** A person's cancel: refused where the order is over, lost where no server hears it. */
  const cancel = async (order: number): Promise<void> => {
    await started.get(order);
    const handle = client.workflow.getHandle(orderWorkflowId(plan.orderIds[order] ?? ''));
    try {
      await handle.executeUpdate(cancelUpdate, { args: [{ by: 'test' }] });
    } catch {
      // What became of the order is what is checked.
    }
  };

  const serversBack = async (): Promise<void> => {
    await Promise.all(queues.values());
    await until(async () => (worker.running() && (await hasPoller(client)) ? true : null));
  };

  const act = async (action: ChaosAction): Promise<void> => {
    if (action.do === 'order') {
      const starting = startOrder(action);
      started.set(action.order, starting);
    } else if (action.do === 'cancel') {
      if (started.has(action.order)) settled.push(cancel(action.order));
    } else if (action.do === 'fault') {
      count(faults, action.fault.kind);
      await post('faults', action.fault);
    } else if (action.do === 'heal') {
      await heal();
    } else if (action.do === 'await-servers') {
      await serversBack();
    } else if (action.do === 'clock') {
      await post('clock', { by: action.ms });
    } else if (action.do === 'breaker') {
      const move = action.state === 'REDUCING' ? tripBreaker : resolveBreaker;
      inTurn('breaker', () => persist(() => move(pool), isOver));
    } else if (action.victim === 'worker') {
      count(kills, action.victim);
      killing = worker.running();
      workerDownMs = action.downMs;
      if (worker.running()) await worker.kill('SIGKILL');
    } else {
      count(kills, action.victim);
      const kill = action.victim === 'postgres' ? desk.killPostgres : desk.killTemporal;
      inTurn(action.victim, () => kill(action.downMs));
    }
  };

  /** Everything back, and every order brought to its end: what rests is cancelled, what is lost is past its horizon. */
  const settle = async (): Promise<void> => {
    await heal();
    await Promise.all(queues.values());
    await Promise.all(started.values());
    await persist(() => resolveBreaker(pool), isOver);
    const open = async () => {
      const rows = await Promise.all(plan.orderIds.map((id) => store.orders.find(id)));
      return rows.filter((row) => row !== null && !isTerminal(row.status) && row.status !== 'unknown');
    };
    await post('clock', { by: horizonMs + 10 * minute });
    const cancelled = new Set<string>();
    await until(async () => {
      const working = await persist(open, isOver);
      if (working === null) return true;
      for (const row of working) {
        if (row === null || cancelled.has(row.orderId) || row.status === 'pending') continue;
        cancelled.add(row.orderId);
        settled.push(cancel(plan.orderIds.indexOf(row.orderId)));
      }
      if (working.length > 0) return null;
      return true;
    });
    await Promise.all(plan.orderIds.map((id) => client.workflow.getHandle(orderWorkflowId(id)).result().catch(quiet)));
    await Promise.all(settled);
  };

  const startedAt = Date.now();
  try {
    for (const [index, { pauseMs, action }] of plan.steps.entries()) {
      await sleep(pauseMs);
      say(`${((Date.now() - startedAt) / 1000).toFixed(1)} s step ${index + 1}: ${JSON.stringify(action)}`);
      await act(action);
    }
    const limit = Promise.withResolvers<'stuck'>();
    const timer = setTimeout(() => limit.resolve('stuck'), settleLimitMs);
    const look = async (ending: 'settled' | 'stuck'): Promise<ChaosReport> => {
      const ledger = await admin<VenueLedger>('ledger');
      return await reportOf({ pool, plan, ledger, ending, faults, kills, lastWords, ms: Date.now() - startedAt });
    };
    /** A guard has its last fill to book and what is held to cover: until then our books are behind, not wrong. */
    const agreed = async (): Promise<ChaosReport> => {
      await settle();
      return await until(async () => {
        const report = await look('settled');
        return report.violations.length === 0 ? report : null;
      }, 500);
    };
    const report = await Promise.race([agreed(), limit.promise]);
    clearTimeout(timer);
    return report === 'stuck' ? await look('stuck') : report;
  } finally {
    over = true;
    if (worker.running()) await worker.stop();
    await kept;
    await simulator.close();
    await connection.close();
    await pool.end();
  }
};
