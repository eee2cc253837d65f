import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { DatabasePool } from 'slonik';
import { createDatabasePool } from '../../src/adapters/postgres/pool.ts';
import { createStore } from '../../src/adapters/postgres/store.ts';
import { cancelUpdate } from '../../src/contracts/messages.ts';
import { taskQueues } from '../../src/contracts/task-queues.ts';
import { orderWorkflowId } from '../../src/contracts/workflow-ids.ts';
import { isTerminal } from '../../src/domain/orders/order.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import type { orderExecution } from '../../src/workflows/order-execution.ts';
import { look as wakeBreaker } from '../support/incidents.ts';
import { addStrategy, definitionOf } from '../support/trading.ts';
import { prepareBreaker, resolveBreaker, tripBreaker } from './breaker.ts';
import { type ChaosReport, reportOf } from './chaos-check.ts';
import type { ChaosAction, ChaosPlan } from './chaos-plan.ts';
import { createDatabase } from './database.ts';
import { type Desk, newCredentials } from './desk.ts';
import { keepWorker } from './kept-worker.ts';
import { openNamespace } from './namespace.ts';
import { adminOf } from './simulator-admin.ts';
import { account } from './stage.ts';
import { persist, until } from './until.ts';
import { workerEnv } from './worker-env.ts';

const marketStart = Date.UTC(2026, 0, 1);
const minute = 60_000;
/** Longer than all that a run moves the venue's clock: nothing is given up while faults last. */
const horizonMs = 86_400_000;
const openingBalances = { USDT: '20000', BTC: '1' };
const serversBackWithinMs = 60_000;
const settleLimitMs = 180_000;
const quiet = (): void => undefined;

const count = (counts: Map<string, number>, key: string, by = 1): void =>
  void counts.set(key, (counts.get(key) ?? 0) + by);

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

const addStrategies = async (pool: DatabasePool, { strategies }: ChaosPlan): Promise<readonly string[]> => {
  const ids: string[] = [];
  for (const { quote, limit, protection } of strategies) {
    const order = limit && ({ type: 'limit', offset_bps: limit.offsetBps, expire_bars: limit.expireBars } as const);
    const risk = {
      position_size: { type: 'fixed_quote', value: quote } as const,
      ...(order && { order }),
      ...(protection && { stop_loss_pct: protection.stopPct, take_profit_pct: protection.targetPct }),
    };
    ids.push(await addStrategy(pool, 'active', definitionOf({}, risk)));
  }
  return ids;
};

const openExchange = (seed: number, credentials: { apiKey: string; secret: string }) =>
  startSimulator({
    ...credentials,
    markets: [{ symbol: 'BTCUSDT', base: 'BTC', quote: 'USDT', interval: '1m', generator: { seed, basePrice: 1_000 } }],
    start: marketStart,
    balances: openingBalances,
    rules: { fillSplit: '0.1', spreadBps: '2', slippageBps: '1' },
  });

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
  const store = createStore(pool);
  await store.balances.open(account, openingBalances, marketStart);
  const strategyIds = await addStrategies(pool, plan);
  await prepareBreaker(pool);
  const { namespace, client, connection } = await openNamespace(desk.temporalAddress);
  const exchange = await openExchange(plan.seed, credentials);
  const admin = adminOf(exchange.url);
  const worker = await keepWorker(
    workerEnv({
      ...desk,
      ...options,
      namespace,
      databaseUrl,
      simulator: { url: exchange.url, ...credentials },
      horizonMs,
    }),
  );

  const faults = new Map<string, number>();
  const kills = new Map<string, number>();
  let over = false;
  const isOver = (): boolean => over;
  /** One at a time a server: a second kill waits until it is back. */
  const turns = new Map<string, Promise<unknown>>();
  const inTurn = (name: string, step: () => Promise<unknown>): void => {
    turns.set(name, (turns.get(name) ?? Promise.resolve()).then(step, step));
  };
  const started = new Map<number, Promise<void>>();
  const cancels: Promise<void>[] = [];

  /** A fault that is healed away before any request met it has not struck. */
  const heal = async (): Promise<void> => {
    for (const { kind, left, times } of (await admin.state()).faults) {
      if (left !== null && left === times) count(faults, kind, -1);
    }
    await admin.clearFaults();
  };

  const startOrder = async ({ order, strategy, side }: Extract<ChaosAction, { do: 'order' }>): Promise<void> => {
    const orderId = plan.orderIds[order] ?? '';
    const { now, markets } = await admin.state();
    const intent = {
      orderId,
      strategyId: strategyIds[strategy] ?? '',
      strategyVersion: 1,
      environment: 'live',
      symbol: 'BTCUSDT',
      interval: '1m',
      side,
      kind: side === 'BUY' ? 'entry' : 'exit',
      referencePrice: markets[0]?.price ?? '0',
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

  /** A person's cancel: refused where the order is over, lost where no server hears it. What the order became is checked. */
  const cancel = async (order: number): Promise<void> => {
    await started.get(order);
    const handle = client.workflow.getHandle(orderWorkflowId(plan.orderIds[order] ?? ''));
    await handle.executeUpdate(cancelUpdate, { args: [{ by: 'test' }] }).then(quiet, quiet);
  };

  const serversBack = async (): Promise<void> => {
    await Promise.all(turns.values());
    const deadline = Date.now() + serversBackWithinMs;
    await until(async () => (Date.now() > deadline || (worker.running() && (await hasPoller(client))) ? true : null));
  };

  const kill = async ({ victim, downMs }: Extract<ChaosAction, { do: 'kill' }>): Promise<void> => {
    count(kills, victim);
    if (victim === 'worker') await worker.kill(downMs);
    else inTurn(victim, () => (victim === 'postgres' ? desk.killPostgres(downMs) : desk.killTemporal(downMs)));
  };

  const act = async (action: ChaosAction): Promise<void> => {
    if (action.do === 'order') started.set(action.order, startOrder(action));
    else if (action.do === 'heal') await heal();
    else if (action.do === 'await-servers') await serversBack();
    else if (action.do === 'clock') await admin.step(action.ms);
    else if (action.do === 'kill') await kill(action);
    else if (action.do === 'cancel') {
      if (started.has(action.order)) cancels.push(cancel(action.order));
    } else if (action.do === 'faults') {
      for (const fault of action.faults) {
        count(faults, fault.kind);
        await admin.fault(fault);
      }
    } else {
      const { state } = action;
      inTurn('breaker', async () => {
        await persist(() => (state === 'ACTIVE' ? resolveBreaker(pool) : tripBreaker(pool, state)), isOver);
        await persist(() => wakeBreaker(client, 'live'), isOver);
      });
    }
  };

  /** Everything back, and every order brought to its end: what rests is cancelled, what is lost is past its horizon. */
  const settle = async (): Promise<void> => {
    await heal();
    await Promise.all([...turns.values(), ...started.values()]);
    await persist(() => resolveBreaker(pool), isOver);
    await admin.step(horizonMs + 10 * minute);
    const asked = new Set<number>();
    await until(async () => {
      const rows = await persist(() => Promise.all(plan.orderIds.map((id) => store.orders.find(id))), isOver);
      const working = [...(rows ?? []).entries()].filter(
        ([, row]) => row && !isTerminal(row.status) && row.status !== 'unknown',
      );
      for (const [order, row] of working) {
        if (asked.has(order) || row?.status === 'pending') continue;
        asked.add(order);
        cancels.push(cancel(order));
      }
      return working.length === 0 ? true : null;
    });
    const results = plan.orderIds.map((id) => client.workflow.getHandle(orderWorkflowId(id)).result());
    await Promise.allSettled([...results, ...cancels]);
  };

  const startedAt = Date.now();
  const look = async (ending: 'settled' | 'stuck'): Promise<ChaosReport> => {
    const { endedByThemselves } = worker;
    const ms = Date.now() - startedAt;
    return await reportOf({ pool, plan, ledger: await admin.ledger(), ending, faults, kills, endedByThemselves, ms });
  };
  /** A guard has its last fill to book and what is held to cover: until then our books are behind, not wrong. */
  const agreed = async (): Promise<ChaosReport> => {
    await settle();
    return await until(async () => {
      const report = await look('settled');
      return report.violations.length === 0 ? report : null;
    }, 500);
  };
  try {
    for (const [index, { pauseMs, action }] of plan.steps.entries()) {
      await sleep(pauseMs);
      say(`${((Date.now() - startedAt) / 1000).toFixed(1)} s step ${index + 1}: ${JSON.stringify(action)}`);
      await act(action);
    }
    const limit = Promise.withResolvers<'stuck'>();
    const timer = setTimeout(() => limit.resolve('stuck'), settleLimitMs);
    const report = await Promise.race([agreed(), limit.promise]);
    clearTimeout(timer);
    return report === 'stuck' ? await look('stuck') : report;
  } finally {
    over = true;
    await worker.stop();
    await exchange.close();
    await connection.close();
    await pool.end();
  }
};
