/**
 * Runs every workflow on a real server and replays what it recorded. `RECORD_HISTORIES=1` keeps the histories for
 * test/replay, which replays them for ever:
 *
 *     RECORD_HISTORIES=1 npx vitest run --project workflows test/workflows/histories.test.ts
 *
 * A history that is there is not to be replaced when a workflow changes: the change is patched, and a further one added.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { sql } from 'slonik';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openBalances } from '../../src/adapters/postgres/balances.ts';
import { changeGoalStatus } from '../../src/adapters/postgres/goals/goal-status.ts';
import { setGoal } from '../../src/adapters/postgres/goals/set-goal.ts';
import { createGoalRequests } from '../../src/client/goal-requests.ts';
import { resolveUpdate } from '../../src/contracts/breaker.ts';
import { goalQuery } from '../../src/contracts/goals.ts';
import { createSnapshotRequests } from '../../src/client/snapshot-requests.ts';
import {
  amendUpdate,
  approveUpdate,
  archiveUpdate,
  cancelUpdate,
  guardQuery,
  pauseUpdate,
  resumeUpdate,
  reviseUpdate,
  strategyChangedSignal,
} from '../../src/contracts/messages.ts';
import { taskQueues } from '../../src/contracts/task-queues.ts';
import {
  backfillWorkflowId,
  circuitBreakerWorkflowId,
  goalWorkflowId,
  guardWorkflowId,
  orderWatchWorkflowId,
  orderWorkflowId,
  portfolioSnapshotWorkflowId,
  reconciliationWorkflowId,
  riskSnapshotWorkflowId,
} from '../../src/contracts/workflow-ids.ts';
import { breakerActions } from '../../src/domain/breaker/policy.ts';
import type { GoalStatus } from '../../src/domain/goals/goal.ts';
import { connectToDevServer } from '../support/dev-server.ts';
import { createDesk, ordersOf, trader, type Desk, type TestStrategy } from '../support/desk.ts';
import {
  candleMs,
  candlesPerDay,
  dayMs,
  dipCandles,
  dipStrategy,
  interval,
  marketStart,
} from '../support/dip-market.ts';
import { fireEvent, incidentOf, look, viewOf } from '../support/incidents.ts';
import { recordedHistory, startOf, toReplay } from '../support/histories.ts';
import { type OrderHandle, liveEntry, startOrder, statusOf } from '../support/live-orders.ts';
import { exchange, refusalOf, startTestMachine, symbol, type TestMachine } from '../support/workflow-environment.ts';

const historyDays = 6;
const candles = dipCandles(historyDays + 4);
const historyEnd = marketStart + historyDays * dayMs;
const dip = 2;
const live = { symbol, environment: 'live' } as const;
const folder = new URL('../replay/histories/', import.meta.url);

let env: TestWorkflowEnvironment;
let machine: TestMachine;
let desk: Desk;
let watch: WorkflowHandle;
let played = historyDays * candlesPerDay;
const left: WorkflowHandle[] = [];

beforeAll(async () => {
  env = await connectToDevServer();
  machine = await startTestMachine(env, { candles, interval, now: historyEnd });
  desk = createDesk(machine);
  await desk.createUser('chief', 'admin');
});
afterAll(async () => {
  for (const handle of left) await handle.terminate();
  await machine?.stop();
  await env?.teardown();
});

const workflow = (workflowId: string): WorkflowHandle => machine.client.workflow.getHandle(workflowId);
const playTo = async (strategy: TestStrategy, day: number, candle: number): Promise<void> => {
  const end = day * candlesPerDay + candle + 1;
  await desk.play(strategy, candles.slice(played, end));
  played = end;
};

/** Replays a workflow's history against the bundle that ran it, and keeps it where that is asked for. */
const keep = async (name: string, handle: WorkflowHandle): Promise<void> => {
  const history = await recordedHistory(handle);
  const code = await readFile(inject('workflowBundlePath'), 'utf8');
  await Worker.runReplayHistory({ workflowBundle: { code } }, toReplay(history), startOf(history).workflowId);
  if (process.env['RECORD_HISTORIES'] === undefined) return;
  await mkdir(folder, { recursive: true });
  await writeFile(new URL(`${name}.json`, folder), `${JSON.stringify(history, null, 1)}\n`);
};

describe('a run on a real server replays as it went', () => {
  let strategy: TestStrategy;

  it('backfill', async () => {
    await desk.backfill(marketStart, historyEnd - 1);
    await keep('backfill', workflow(backfillWorkflowId(exchange, symbol, interval)));
  });

  it('backtest, and a lifecycle that is refused, revised and archived', async () => {
    const idle = await desk.createDraft(dipStrategy({}, 100), 'demo');
    await idle.backtest();
    expect(await refusalOf(idle.promote('paper'))).toMatchObject({ type: 'GateNotMet' });
    await idle.ask(reviseUpdate, { by: trader, definition: dipStrategy(), description: 'a dip that is met' });
    await idle.backtest();
    await idle.ask(archiveUpdate, { by: trader });
    await idle.handle.result();
    await keep('strategy-lifecycle-revised', idle.handle);
    const { events } = await idle.handle.fetchHistory();
    const child = events?.find((event) => event.startChildWorkflowExecutionInitiatedEventAttributes);
    const workflowId = child?.startChildWorkflowExecutionInitiatedEventAttributes?.workflowId ?? '';
    await keep('backtest', workflow(workflowId));
  });

  it('strategyLifecycle from draft to live, paused, resumed and archived', async () => {
    strategy = await desk.createDraft(dipStrategy(), 'demo');
    await strategy.backtest();
    await strategy.promote('paper');
    left.push(desk.clock());
    await playTo(strategy, historyDays, candlesPerDay - 1);
    await strategy.promote('active');
    await strategy.ask(approveUpdate, { by: 'chief' });
    watch = await machine.client.workflow.start('orderWatch', {
      workflowId: orderWatchWorkflowId(exchange),
      taskQueue: taskQueues.orchestration,
      args: [{ venue: exchange, pollMs: 200 }],
    });
    left.push(watch);
    await playTo(strategy, historyDays + 1, dip);
    await strategy.ask(pauseUpdate, { by: trader, reason: 'the market turned' });
    await strategy.ask(resumeUpdate, { by: trader });
    await strategy.ask(archiveUpdate, { by: trader });
    await strategy.handle.result();
    await keep('strategy-lifecycle', strategy.handle);
  });

  it('marketClock', async () => {
    await keep('market-clock', desk.clock());
  });

  it('orderExecution of a paper entry that waits for its candle, and of a live exit', async () => {
    // The stop that made way for the live exit, where it had been placed by then, is left out.
    const orders = (await ordersOf(machine, strategy)).filter(({ status }) => status === 'filled');
    expect(orders.map(({ environment, side, status }) => `${environment} ${side} ${status}`)).toEqual([
      'paper BUY filled',
      'paper SELL filled',
      'live BUY filled',
      'live SELL filled',
    ]);
    await keep('order-execution-paper', workflow(orderWorkflowId(orders[0]?.id ?? '')));
    await keep('order-execution-live', workflow(orderWorkflowId(orders[3]?.id ?? '')));
  });

  it('orderExecution of limit orders that rest: one is cancelled, one is filled; and orderWatch, which tells of it', async () => {
    const bids = await desk.createDraft(
      dipStrategy({ order: { type: 'limit', offset_bps: 20, expire_bars: 9 } }),
      'demo',
    );
    left.push(bids.handle);
    const now = marketStart + (historyDays + 2) * dayMs + 3 * (dayMs / candlesPerDay);
    await machine.moveClock(now);
    const [cancelled, filled] = [liveEntry(bids.strategyId, now), liveEntry(bids.strategyId, now)];
    const first = await startOrder(machine, cancelled);
    await expect.poll(() => statusOf(first), { timeout: 10_000 }).toBe('open');
    await first.executeUpdate(cancelUpdate, { args: [{ by: trader }] });
    expect(await first.result()).toMatchObject({ status: 'cancelled' });
    const second = await startOrder(machine, filled);
    await expect.poll(() => statusOf(second), { timeout: 10_000 }).toBe('open');
    await machine.moveClock(now + dayMs / candlesPerDay);
    expect(await second.result()).toMatchObject({ status: 'filled' });
    await keep('order-execution-cancelled', first);
    await keep('order-execution-resting', second);
    await keep('order-watch', watch);
  });

  it('positionGuard of a position that its strategy left, and of one that its stop closed', async () => {
    await keep('position-guard-left', workflow(guardWorkflowId({ ...live, strategyId: strategy.strategyId })));
    const { strategyId, handle } = await desk.createDraft(dipStrategy(), 'demo');
    left.push(handle);
    const now = marketStart + (historyDays + 2) * dayMs + 4 * candleMs - 1;
    const entry = await startOrder(machine, liveEntry(strategyId, now));
    expect(await entry.result()).toMatchObject({ status: 'filled' });
    const guard = workflow(guardWorkflowId({ ...live, strategyId }));
    await expect.poll(async () => (await guard.query(guardQuery))?.state, { timeout: 10_000 }).toBe('resting');
    await machine.moveClock(now + 2 * candleMs);
    expect(await guard.result()).toMatchObject({ state: 'flat' });
    await keep('position-guard-stopped', guard);
    await keep('order-execution-guarded', entry);
  });

  it('orderExecution of a limit order that is amended', async () => {
    const bids = await desk.createDraft(
      dipStrategy({ order: { type: 'limit', offset_bps: 2_000, expire_bars: 90 } }),
      'demo',
    );
    left.push(bids.handle);
    const now = marketStart + (historyDays + 2) * dayMs + 6 * candleMs;
    const order = await startOrder(machine, liveEntry(bids.strategyId, now));
    await expect.poll(() => statusOf(order), { timeout: 10_000 }).toBe('open');
    const amended = await order.executeUpdate(amendUpdate, { args: [{ by: trader, price: '23000' }] });
    expect(await order.result()).toMatchObject({ status: 'cancelled' });
    const replacement: OrderHandle = workflow(orderWorkflowId(amended.replacedBy ?? ''));
    await expect.poll(() => statusOf(replacement), { timeout: 10_000 }).toBe('open');
    await replacement.executeUpdate(cancelUpdate, { args: [{ by: trader }] });
    await keep('order-execution-amended', order);
  });

  it('circuitBreaker, its incident that cancels, closes and is ended by an admin, and a lifecycle that it pauses', async () => {
    const { pool, client } = machine;
    const held = await desk.createDraft(dipStrategy(), 'demo');
    const bids = await desk.createDraft(
      dipStrategy({ order: { type: 'limit', offset_bps: 2_000, expire_bars: 90 } }),
      'demo',
    );
    left.push(bids.handle);
    await pool.query(sql.unsafe`UPDATE strategies SET status = 'active' WHERE id = ${held.strategyId}`);
    await held.handle.signal(strategyChangedSignal);
    const now = marketStart + (historyDays + 2) * dayMs + 6 * candleMs;
    expect(await (await startOrder(machine, liveEntry(held.strategyId, now))).result()).toMatchObject({
      status: 'filled',
    });
    const bid = await startOrder(machine, liveEntry(bids.strategyId, now));
    await expect.poll(() => statusOf(bid), { timeout: 10_000 }).toBe('open');
    const breaker = await client.workflow.start('circuitBreaker', {
      workflowId: circuitBreakerWorkflowId('live'),
      taskQueue: taskQueues.orchestration,
      args: [{ environment: 'live' }],
    });
    left.push(breaker);
    const eventId = await fireEvent(pool, {
      environment: 'live',
      actions: breakerActions,
      marketTime: now,
      coolDownUntil: now + dayMs,
    });
    await look(client, 'live');
    const incident = incidentOf(client, 'live', eventId);
    const isAllDone = async () => (await viewOf(incident))?.actions.every(({ status }) => status === 'done');
    await expect.poll(isAllDone, { timeout: 20_000 }).toBe(true);
    await expect.poll(async () => (await held.view()).status, { timeout: 10_000 }).toBe('paused');
    await incident.executeUpdate(resolveUpdate, { args: [{ by: 'chief', reason: 'looked at', early: true }] });
    expect(await incident.result()).toMatchObject({ strategies: [held.strategyId] });
    await expect.poll(async () => (await held.view()).status, { timeout: 10_000 }).toBe('active');
    await held.ask(archiveUpdate, { by: trader });
    await held.handle.result();
    const [exit] = (await ordersOf(machine, held)).filter(({ intent }) => intent === 'exit');
    await keep('circuit-breaker', breaker);
    await keep('circuit-breaker-incident', incident);
    await keep('strategy-lifecycle-held', held.handle);
    await keep('order-execution-closing', workflow(orderWorkflowId(exit?.id ?? '')));
    await keep('position-guard-closed', workflow(guardWorkflowId({ ...live, strategyId: held.strategyId })));
  });

  it('goalLoop of a goal that is set, paused, resumed and given up', async () => {
    const { pool, client } = machine;
    await openBalances(pool, { environment: 'paper', exchange: 'paper' }, { USDT: '10000' }, marketStart);
    const { goal } = await setGoal(pool, {
      type: 'monthly_profit_usd',
      target: 500,
      environment: 'paper',
      by: trader,
    });
    const { goalId } = goal;
    const handle = workflow(goalWorkflowId(goalId));
    const { goalChanged } = createGoalRequests(client, (_what, work) => work());
    const told = async (status: GoalStatus): Promise<void> => {
      await goalChanged(goal);
      await expect.poll(async () => (await handle.query(goalQuery))?.goal.status, { timeout: 10_000 }).toBe(status);
    };
    await told('active');
    for (const to of ['paused', 'active', 'cancelled'] as const) {
      await changeGoalStatus(pool, { goalId, to, by: trader });
      await told(to);
    }
    expect(await handle.result()).toMatchObject({ goal: { status: 'cancelled' } });
    await keep('goal-loop', handle);
  });

  it('portfolioSnapshot of live, and riskSnapshot, which finds no breaker to tell', async () => {
    const { snapshot } = createSnapshotRequests(machine.client, (_, work) => work());
    const { portfolio, risk } = await snapshot('live');
    expect(portfolio).toMatchObject({ environment: 'live', unpriced: [] });
    expect(risk).toMatchObject({ environment: 'live', equity: portfolio.equity, positions: 0 });
    await keep('portfolio-snapshot', workflow(portfolioSnapshotWorkflowId('live')));
    await keep('risk-snapshot', workflow(riskSnapshotWorkflowId('live')));
  });

  it('reconciliation', async () => {
    const handle = await machine.client.workflow.start('reconciliation', {
      workflowId: reconciliationWorkflowId('live', exchange),
      taskQueue: taskQueues.orchestration,
      args: [{ environment: 'live', venue: exchange, fix: true }],
    });
    expect(await handle.result()).toMatchObject({ environment: 'live', venue: exchange });
    await keep('reconciliation', handle);
  });
});
