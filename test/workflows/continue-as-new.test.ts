import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { breakerLookSignal, breakerQuery, resolveUpdate } from '../../src/contracts/breaker.ts';
import { cancelUpdate, type Decision, decisionSignal, orderNewsSignal } from '../../src/contracts/messages.ts';
import { taskQueues } from '../../src/contracts/task-queues.ts';
import { circuitBreakerWorkflowId } from '../../src/contracts/workflow-ids.ts';
import { startImpatientServer } from '../support/dev-server.ts';
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
import { actionsOf, fireEvent, incidentOf, look, viewOf } from '../support/incidents.ts';
import { atVenue, liveEntry, openLiveAccount, startOrder, statusOf } from '../support/live-orders.ts';
import { refusalOf, startTestMachine, type TestMachine } from '../support/workflow-environment.ts';

const historyDays = 6;
const paperDays = 6;
const candles = dipCandles(historyDays + paperDays + 1);
const historyEnd = marketStart + historyDays * dayMs;
const paperEnd = historyEnd + paperDays * dayMs;
const suggestedAt = 150;
/** What a run may have at its end: a step that was under way is finished first. */
const longest = 2 * suggestedAt;

let env: TestWorkflowEnvironment;
let machine: TestMachine;
let desk: Desk;
let strategy: TestStrategy;

beforeAll(async () => {
  env = await startImpatientServer(suggestedAt);
  machine = await startTestMachine(env, { candles, interval, now: historyEnd });
  desk = createDesk(machine);
  await desk.backfill(marketStart, historyEnd - 1);
  strategy = await desk.createDraft(dipStrategy(), 'demo');
  await strategy.backtest();
  await strategy.promote('paper');
});
afterAll(async () => {
  await machine?.stop();
  await env?.teardown();
});

const runOf = async (workflow: WorkflowHandle) => {
  const { runId, historyLength } = await workflow.describe();
  return { runId, historyLength };
};
const workflow = ({ workflowId }: WorkflowHandle): WorkflowHandle => machine.client.workflow.getHandle(workflowId);

describe('a history that grows long', () => {
  it('is begun anew by the clock and the lifecycle again and again, and no order is lost or repeated', async () => {
    const lifecycle = workflow(strategy.handle);
    const runs = new Set<string>();
    for (let day = 0; day < paperDays; day += 1) {
      const first = (historyDays + day) * candlesPerDay;
      await desk.play(strategy, candles.slice(first, first + candlesPerDay));
      for (const { runId, historyLength } of [await runOf(desk.clock()), await runOf(lifecycle)]) {
        runs.add(runId);
        expect(historyLength).toBeLessThan(longest);
      }
    }
    expect(runs.size).toBeGreaterThan(4);
    const orders = await ordersOf(machine, strategy);
    expect(orders.map(({ side, status }) => `${side} ${status}`)).toEqual(
      Array.from({ length: paperDays }, () => ['BUY filled', 'SELL filled']).flat(),
    );
    const { transitions, ordersInFlight } = await strategy.view();
    expect(transitions.map(({ to }) => to)).toEqual(['backtested', 'paper']);
    expect(ordersInFlight).toEqual([]);
  });

  it('leaves the clock knowing what it has handled, and the lifecycle what was decided', async () => {
    expect(await desk.tick()).toMatchObject({ candles: 0, lastCandle: paperEnd - candleMs, decisions: [] });
    const [first] = await ordersOf(machine, strategy);
    const repeated: Decision = {
      decisionId: first?.id ?? '',
      strategyId: strategy.strategyId,
      version: 1,
      environment: 'paper',
      kind: 'entry',
      side: 'BUY',
      symbol: 'BTCUSDT',
      candleTime: historyEnd + 2 * candleMs,
      decidedAt: historyEnd + 3 * candleMs,
      referencePrice: '29400',
      reason: 'entry conditions met',
    };
    const lifecycle = workflow(strategy.handle);
    const startedNow = async (): Promise<number> => {
      await refusalOf(strategy.promote('paper'));
      const { events } = await lifecycle.fetchHistory();
      return (events ?? []).filter((event) => event.startChildWorkflowExecutionInitiatedEventAttributes).length;
    };
    const before = await startedNow();
    await lifecycle.signal(decisionSignal, repeated);
    expect(await startedNow()).toBe(before);
  });

  it('is begun anew by an order that rests for long, which is still the one order and can be cancelled', async () => {
    const bids = await desk.createDraft(
      dipStrategy({ order: { type: 'limit', offset_bps: 500, expire_bars: 90 } }),
      'demo',
    );
    await openLiveAccount(machine, { USDT: '10000' }, paperEnd);
    const intent = liveEntry(bids.strategyId, paperEnd);
    const started = await startOrder(machine, intent);
    await expect.poll(() => statusOf(started), { timeout: 10_000 }).toBe('open');
    const order = workflow(started);
    const { runId } = await runOf(order);
    await expect
      .poll(
        async () => {
          await order.signal(orderNewsSignal);
          return (await runOf(order)).runId;
        },
        { timeout: 60_000, interval: 10 },
      )
      .not.toBe(runId);
    expect((await runOf(order)).historyLength).toBeLessThan(longest);
    expect(await order.executeUpdate(cancelUpdate, { args: [{ by: trader }] })).toMatchObject({ status: 'cancelled' });
    expect(await order.result()).toMatchObject({ status: 'cancelled' });
    expect(await atVenue(machine, intent.orderId)).toEqual({ status: 'CANCELED', accepted: 1 });
  });

  it('is begun anew by a breaker and its incident, which still ends when an admin says so', async () => {
    const { client, pool } = machine;
    const breaker = await client.workflow.start('circuitBreaker', {
      workflowId: circuitBreakerWorkflowId('live'),
      taskQueue: taskQueues.orchestration,
      args: [{ environment: 'live' }],
    });
    const eventId = await fireEvent(pool, {
      environment: 'live',
      actions: ['notify'],
      coolDownUntil: paperEnd + 365 * dayMs,
    });
    await look(client, 'live');
    const incident = incidentOf(client, 'live', eventId);
    await expect.poll(() => viewOf(incident), { timeout: 10_000 }).not.toBeNull();
    const both = [workflow(breaker), workflow(incident)];
    const first = (await Promise.all(both.map(runOf))).map(({ runId }) => runId);
    await expect
      .poll(
        async () => {
          await Promise.all([look(client, 'live'), incident.signal(breakerLookSignal)]);
          const runs = await Promise.all(both.map(runOf));
          return runs.filter(({ runId }, i) => runId !== first[i]).length;
        },
        { timeout: 60_000, interval: 20 },
      )
      .toBe(2);
    for (const { historyLength } of await Promise.all(both.map(runOf))) expect(historyLength).toBeLessThan(longest);
    expect(await actionsOf(pool, eventId)).toEqual(['notify done']);
    const request = { by: trader, reason: 'looked at', early: true };
    expect(await refusalOf(incident.executeUpdate(resolveUpdate, { args: [request] }))).toMatchObject({
      type: 'NotAuthorized',
    });
    await desk.createUser('chief', 'admin');
    await incident.executeUpdate(resolveUpdate, { args: [{ ...request, by: 'chief' }] });
    expect(await incident.result()).toMatchObject({ eventId, resolvedAt: expect.any(Number) });
    await expect
      .poll(() => breaker.query(breakerQuery), { timeout: 10_000 })
      .toMatchObject({ state: 'ACTIVE', open: [] });
  });
});
