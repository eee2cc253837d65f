import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { guardQuery } from '../../src/contracts/messages.ts';
import type { OrderIntent } from '../../src/contracts/order-intent.ts';
import { taskQueues } from '../../src/contracts/task-queues.ts';
import {
  guardWorkflowId,
  orderWatchWorkflowId,
  orderWorkflowId,
  strategyWorkflowId,
} from '../../src/contracts/workflow-ids.ts';
import type { Candle } from '../../src/domain/market/candle.ts';
import { createDesk, ordersOf, type Desk, type TestStrategy } from '../support/desk.ts';
import { candleMs, candlesPerDay, dayMs, dipStrategy, interval, marketStart } from '../support/dip-market.ts';
import { type RunCost, costOfChain, costText } from '../support/history-cost.ts';
import { atVenue, liveEntry, openLiveAccount, type OrderHandle, startOrder, statusOf } from '../support/live-orders.ts';
import { createOrderStage, type OrderStage, stageStart, until } from '../support/order-stage.ts';
import { createTimeSkippingEnvironment } from '../support/time-skipping.ts';
import { addStrategy, definitionOf } from '../support/trading.ts';
import { exchange, symbol, startTestMachine, type TestMachine } from '../support/workflow-environment.ts';

const minuteMs = 60_000;
/** The default of MASTERTRADE_ORDER_WATCH_MS. */
const { watchIntervalMs } = loadConfig({}).orders;
const recordedWithinMs = 30_000;

const eventsAtOnce = 40;
const actionsAtOnce = 12;
const eventsOfAWeek = 200;

describe('an order on the exchange', () => {
  /** Stands at 100 for half an hour, then at 90. */
  const falling: readonly Candle[] = Array.from({ length: 60 }, (_, minute) => {
    const price = minute < 30 ? '100' : '90';
    return {
      time: stageStart + minute * minuteMs,
      open: price,
      high: price,
      low: price,
      close: price,
      volume: '1000',
    };
  });
  let stage: OrderStage;

  beforeAll(async () => {
    stage = await createOrderStage({ rules: {}, candles: falling, env: { MASTERTRADE_ORDER_WATCH_MS: '' } });
    await stage.store.balances.open({ environment: 'live', exchange }, { USDT: '100000' }, stageStart);
    await stage.startWorker();
  });
  afterAll(() => stage?.close());

  const started = async (intent: OrderIntent) =>
    await stage.namespace.client.workflow.start('orderExecution', {
      workflowId: orderWorkflowId(intent.orderId),
      taskQueue: taskQueues.orchestration,
      args: [{ intent, reportTo: strategyWorkflowId(intent.strategyId) }],
    });

  /** The watcher has seen something rest, and sleeps until it looks again. */
  const untilWatched = async (): Promise<void> => {
    const watch = stage.namespace.client.workflow.getHandle(orderWatchWorkflowId(exchange));
    await until(async () => {
      const { events } = await watch.fetchHistory();
      const seconds = events?.at(-1)?.timerStartedEventAttributes?.startToFireTimeout?.seconds;
      return Number(seconds) * 1000 === watchIntervalMs ? true : null;
    });
  };

  it('that fills at once costs few events and actions', async () => {
    const protectedBy = { stop_loss_pct: 5 };
    const intent = await stage.intent(await addStrategy(stage.pool, 'active', definitionOf({}, protectedBy)));
    const order = await started(intent);
    expect(await order.result()).toMatchObject({ status: 'filled' });
    const cost = await costOfChain(stage.namespace.client.workflow, order.workflowId);
    // A strategy starts it as a child, which is billed twice.
    const actions = cost.actions + 1;
    expect(cost.events, costText(cost)).toBeLessThanOrEqual(eventsAtOnce);
    expect(actions, costText(cost)).toBeLessThanOrEqual(actionsAtOnce);
    expect(cost.actionsByKind, costText(cost)).toMatchObject({
      'workflow started': 1,
      'signal sent': 1,
      'child workflow started': 2,
    });
    expect(cost.actionsByKind['activity started or retried']).toBeGreaterThan(0);
  });

  it(
    'that rests is recorded within 30 s of its fill, with nobody else looking',
    async () => {
      const risk = { order: { type: 'limit', offset_bps: 500, expire_bars: 10_000 } } as const;
      const intent = await stage.intent(await addStrategy(stage.pool, 'active', definitionOf({}, risk)));
      await started(intent);
      const statusNow = async () => (await stage.store.orders.find(intent.orderId))?.status ?? null;
      await until(async () => ((await statusNow()) === 'open' ? true : null));
      await untilWatched();
      await stage.step(31 * minuteMs);
      const filledAt = performance.now();
      await until(async () => ((await statusNow()) === 'filled' ? true : null));
      const { orders } = await stage.ledger();
      expect(orders.at(-1)).toMatchObject({ status: 'FILLED' });
      expect(performance.now() - filledAt).toBeLessThan(recordedWithinMs);
    },
    2 * recordedWithinMs,
  );
});

describe('an order that rests for a week', () => {
  const historyDays = 6;
  const restingDays = 7;
  /** The dip is bought 5 % lower: on the days of the history, and on none of the week. */
  const closes = [
    ...Array.from({ length: historyDays }, () => [30_000, 29_900, 29_400, 27_500, 30_500, 30_100]),
    ...Array.from({ length: restingDays + 1 }, () => [30_000, 29_900, 29_400, 29_600, 30_500, 30_100]),
    [27_500],
  ].flat();
  const candles = closes.map((close, i): Candle => {
    const open = closes[i - 1] ?? 30_100;
    return {
      time: marketStart + i * candleMs,
      open: String(open),
      high: String(Math.max(open, close)),
      low: String(Math.min(open, close)),
      close: String(close),
      volume: '1000',
    };
  });
  const historyEnd = marketStart + historyDays * dayMs;
  const dip = historyDays * candlesPerDay + 2;
  let env: TestWorkflowEnvironment;
  let machine: TestMachine;
  let desk: Desk;
  let strategy: TestStrategy;
  let live: OrderHandle;
  let paper: OrderHandle;
  let guard: WorkflowHandle;
  let intent: OrderIntent;
  let guarded: RunCost;

  /** Closes candles `from` to `to`, the last one left out, as the market clock sees them. */
  const close = async (from: number, to: number): Promise<void> => {
    for (let i = from; i < to; i += 1) {
      await machine.moveClock(marketStart + (i + 1) * candleMs);
      await desk.tick();
    }
  };

  const guardState = async () => (await guard.query(guardQuery))?.state;

  beforeAll(async () => {
    env = await createTimeSkippingEnvironment();
    machine = await startTestMachine(env, { candles, interval, now: historyEnd });
    desk = createDesk(machine);
    await desk.backfill(marketStart, historyEnd - 1);
    const entry = { type: 'limit', offset_bps: 500, expire_bars: 90 } as const;
    strategy = await desk.createDraft(dipStrategy({ order: entry }), 'demo');
    await strategy.backtest();
    await strategy.promote('paper');
    await close(historyDays * candlesPerDay, dip + 1);
    const resting = await until(async () => {
      const [order] = await ordersOf(machine, strategy);
      return order?.status === 'open' ? order : null;
    });
    paper = machine.client.workflow.getHandle(orderWorkflowId(resting.id));
    const decidedAt = marketStart + (dip + 1) * candleMs;
    await openLiveAccount(machine, { USDT: '10000' }, decidedAt);
    intent = liveEntry(strategy.strategyId, decidedAt);
    live = await startOrder(machine, intent);
    await until(async () => ((await statusOf(live)) === 'open' ? true : null));
    const holder = await desk.createDraft({ ...dipStrategy(), name: 'holder' }, 'demo');
    const held = await startOrder(machine, liveEntry(holder.strategyId, decidedAt));
    expect(await held.result()).toMatchObject({ status: 'filled' });
    guard = machine.client.workflow.getHandle(
      guardWorkflowId({ strategyId: holder.strategyId, symbol, environment: 'live' }),
    );
    await until(async () => ((await guardState()) === 'resting' ? true : null));
    for (let day = 0; day < restingDays; day += 1) {
      await env.sleep(dayMs);
      const from = dip + 1 + day * candlesPerDay;
      await close(from, from + candlesPerDay);
    }
    expect([await statusOf(live), await statusOf(paper), await guardState()]).toEqual(['open', 'open', 'resting']);
    guarded = await costOfChain(machine.client.workflow, guard.workflowId);
    // The watcher begins late: the polls of a week would be most of what is waited for here.
    await machine.client.workflow.start('orderWatch', {
      workflowId: orderWatchWorkflowId(exchange),
      taskQueue: taskQueues.orchestration,
      args: [{ venue: exchange, pollMs: watchIntervalMs }],
    });
    await close(dip + 1 + restingDays * candlesPerDay, candles.length);
    await env.sleep(recordedWithinMs);
  });
  afterAll(async () => {
    await machine?.stop();
    await env?.teardown();
  });

  it('at an exchange costs little over all of its runs, and its fill is still noticed at once', async () => {
    expect(await atVenue(machine, intent.orderId)).toEqual({ status: 'FILLED', accepted: 1 });
    expect(await statusOf(live)).toBe('filled');
    const cost = await costOfChain(machine.client.workflow, live.workflowId);
    expect(cost.events, costText(cost)).toBeLessThan(eventsOfAWeek);
  });

  it('on paper costs as little, though each candle of its market is looked at', async () => {
    expect(await statusOf(paper)).toBe('filled');
    const cost = await costOfChain(machine.client.workflow, paper.workflowId);
    expect(cost.events, costText(cost)).toBeLessThan(eventsOfAWeek);
  });

  it('as a stop at an exchange costs its guard as little', async () => {
    expect(guarded.events, costText(guarded)).toBeLessThan(eventsOfAWeek);
    expect(await guardState()).toBe('flat');
  });
});
