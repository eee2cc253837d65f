import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { sql } from 'slonik';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { cancelUpdate } from '../../src/contracts/messages.ts';
import type { OrderIntent } from '../../src/contracts/order-intent.ts';
import { taskQueues } from '../../src/contracts/task-queues.ts';
import { orderWatchWorkflowId } from '../../src/contracts/workflow-ids.ts';
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
import {
  atVenue,
  auditOf,
  booksOf,
  liveEntry,
  openLiveAccount,
  type OrderHandle,
  startOrder,
  statusOf,
} from '../support/live-orders.ts';
import { createTimeSkippingEnvironment } from '../support/time-skipping.ts';
import { exchange, startTestMachine, type TestMachine } from '../support/workflow-environment.ts';

const historyDays = 12;
const paperDays = 3;
const candles = dipCandles(historyDays + paperDays + 12);
const historyEnd = marketStart + historyDays * dayMs;
const minuteMs = 60_000;
/** A resting order that nobody has news of is asked about after ten minutes, then after forty. */
const fallbackMs = 10 * minuteMs + 1_000;
const watchMs = 5_000;

let env: TestWorkflowEnvironment;
let machine: TestMachine;
let desk: Desk;
/** Bids 5 % under the market, which is never reached, for two candles. */
let deep: TestStrategy;
/** Bids 0.2 % under the market for one candle: reached on bad days only. */
let near: TestStrategy;
/** Bids as `near` does, and holds nothing. */
let watched: TestStrategy;

beforeAll(async () => {
  env = await createTimeSkippingEnvironment();
  machine = await startTestMachine(env, { candles, interval, now: historyEnd });
  desk = createDesk(machine);
  await desk.backfill(marketStart, historyEnd - 1);
  deep = await desk.createDraft(dipStrategy({ order: { type: 'limit', offset_bps: 500, expire_bars: 2 } }), 'demo');
  near = await desk.createDraft(dipStrategy({ order: { type: 'limit', offset_bps: 20, expire_bars: 1 } }), 'demo');
  watched = await desk.createDraft(dipStrategy({ order: { type: 'limit', offset_bps: 20, expire_bars: 1 } }), 'demo');
});
afterAll(async () => {
  await machine?.stop();
  await env?.teardown();
});

describe('a limit entry on paper, in candle time', () => {
  it('is cancelled at the close that ends its time in force, and filled where a candle reaches it', async () => {
    await near.backtest();
    await near.promote('paper');
    await desk.play(near, candles.slice(historyDays * candlesPerDay, (historyDays + paperDays) * candlesPerDay));
    const orders = await ordersOf(machine, near);
    expect(orders.map(({ side, status }) => `${side} ${status}`)).toEqual([
      'BUY cancelled',
      'BUY cancelled',
      'BUY filled',
      'SELL filled',
    ]);
    expect(await booksOf(machine, 'paper', 'USDT')).toMatchObject({ locked: '0' });
    expect(await auditOf(machine, orders[0]?.id ?? '')).toEqual([
      { actor: `strategy/${near.strategyId}`, status: 'pending' },
      { actor: `strategy/${near.strategyId}`, status: 'submitting' },
      { actor: 'orderExecution', status: 'open' },
      { actor: 'orderExecution', status: 'cancelled' },
    ]);
  });
});

describe('a limit entry on the exchange', () => {
  /** Midday of the `n`th bad day after paper: the close of the dip. */
  const dip = (n: number): number => historyEnd + (paperDays + 3 * n + 2) * dayMs + 3 * candleMs;
  const resting = async (strategy: TestStrategy, n: number): Promise<{ intent: OrderIntent; order: OrderHandle }> => {
    await machine.moveClock(dip(n));
    const intent = liveEntry(strategy.strategyId, dip(n));
    const order = await startOrder(machine, intent);
    await expect.poll(() => statusOf(order), { timeout: 10_000 }).toBe('open');
    expect(await atVenue(machine, intent.orderId)).toEqual({ status: 'NEW', accepted: 1 });
    expect((await booksOf(machine, 'live', 'USDT')).locked).not.toBe('0');
    return { intent, order };
  };

  beforeAll(() => openLiveAccount(machine, { USDT: '10000' }, dip(0)));

  it('rests while its time in force lasts, and is cancelled when it is over', async () => {
    const { intent, order } = await resting(deep, 0);
    await env.sleep(fallbackMs);
    expect(await statusOf(order)).toBe('open');
    await machine.moveClock(dip(0) + 2 * candleMs);
    await env.sleep(4 * fallbackMs);
    expect(await order.result()).toMatchObject({ status: 'cancelled', filledQuantity: '0' });
    expect(await atVenue(machine, intent.orderId)).toEqual({ status: 'CANCELED', accepted: 1 });
    expect(await booksOf(machine, 'live', 'USDT')).toEqual({ free: '10000', locked: '0' });
    expect(await auditOf(machine, intent.orderId)).toEqual([
      { actor: trader, status: 'pending' },
      { actor: trader, status: 'submitting' },
      { actor: 'orderExecution', status: 'open' },
      { actor: 'time in force', status: 'open' },
      { actor: 'time in force', status: 'cancelled' },
    ]);
  });

  it('is cancelled when a person asks, and what was reserved is free', async () => {
    const { intent, order } = await resting(deep, 1);
    expect(await order.executeUpdate(cancelUpdate, { args: [{ by: trader }] })).toMatchObject({ status: 'cancelled' });
    expect(await order.result()).toMatchObject({ status: 'cancelled', filledQuantity: '0' });
    expect(await atVenue(machine, intent.orderId)).toEqual({ status: 'CANCELED', accepted: 1 });
    expect(await booksOf(machine, 'live', 'USDT')).toEqual({ free: '10000', locked: '0' });
  });

  it('is filled where the fill was there before the cancel', async () => {
    const { intent, order } = await resting(near, 2);
    await machine.moveClock(dip(2) + candleMs);
    const answer = await order.executeUpdate(cancelUpdate, { args: [{ by: trader }] });
    expect(answer).toMatchObject({ status: 'filled', averageFillPrice: '29341.2' });
    expect(answer.filledQuantity).toBe(answer.quantity);
    expect(await order.result()).toMatchObject({ status: 'filled' });
    expect(await atVenue(machine, intent.orderId)).toEqual({ status: 'FILLED', accepted: 1 });
    expect(await booksOf(machine, 'live', 'USDT')).toMatchObject({ locked: '0' });
    const trades = await machine.pool.oneFirst(
      sql.type(z.object({ n: z.number() }))`SELECT count(*)::int AS n FROM trades WHERE order_id = ${intent.orderId}`,
    );
    expect(trades).toBe(1);
  });

  it('is noticed by the watcher of the account long before it is asked about by itself', async () => {
    const { intent, order } = await resting(watched, 3);
    const watch = await machine.client.workflow.start('orderWatch', {
      workflowId: orderWatchWorkflowId(exchange),
      taskQueue: taskQueues.orchestration,
      args: [{ venue: exchange, pollMs: watchMs }],
    });
    await machine.moveClock(dip(3) + candleMs);
    await env.sleep(2 * watchMs);
    expect(await order.result()).toMatchObject({ status: 'filled' });
    expect(await atVenue(machine, intent.orderId)).toEqual({ status: 'FILLED', accepted: 1 });
    await watch.terminate();
  });
});
