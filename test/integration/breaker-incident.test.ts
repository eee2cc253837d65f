import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { sql } from 'slonik';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkBooks } from '../../src/adapters/postgres/books-check.ts';
import type { OrderRecord } from '../../src/adapters/postgres/orders.ts';
import { pauseUpdate, resumeUpdate, strategyQuery } from '../../src/contracts/messages.ts';
import type { OrderIntent, OrderTerms } from '../../src/contracts/order-intent.ts';
import { taskQueues } from '../../src/contracts/task-queues.ts';
import { strategyWorkflowId } from '../../src/contracts/workflow-ids.ts';
import { breakerActions } from '../../src/domain/breaker/policy.ts';
import { manualStrategyIds } from '../../src/domain/orders/manual.ts';
import { actionsOf, fireEvent, incidentOf, look, tradingStateOf } from '../support/incidents.ts';
import { type OrderStage, createOrderStage, stageStart, totalsOf, until } from '../support/order-stage.ts';
import { addStrategy, definitionOf } from '../support/trading.ts';
import { refusalOf } from '../support/workflow-environment.ts';

const minute = 60_000;
/** What the killed worker had in memory is asked of it for three seconds more. */
const soon = { timeout: 10_000 };
/** The market's newest candle closes here. */
const firedAt = stageStart + 10 * minute;
const coolDownMs = 60 * minute;
const live = { environment: 'live', symbol: 'BTCUSDT' } as const;

let stage: OrderStage;
let held: string;
let bidding: string;
let paused: string;
let eventId: number;
let target: OrderIntent;
let bid: OrderIntent;

const candle = (time: number) => ({ time, open: '100', high: '100', low: '100', close: '100', volume: '1000' });
const closeAt = (time: number) =>
  stage.store.candles.ingest({ symbol: 'BTCUSDT', interval: '1m', candles: [candle(time - minute)] });

const lifecycle = (strategyId: string): WorkflowHandle =>
  stage.namespace.client.workflow.getHandle(strategyWorkflowId(strategyId));
const statusOf = async (strategyId: string): Promise<unknown> =>
  (await lifecycle(strategyId).query(strategyQuery)).status;
const begin = async (strategyId: string): Promise<void> => {
  await stage.namespace.client.workflow.start('strategyLifecycle', {
    workflowId: strategyWorkflowId(strategyId),
    taskQueue: taskQueues.orchestration,
    args: [{ strategyId }],
  });
};
const byHand = async (over: Partial<OrderTerms>): Promise<OrderIntent> => {
  const terms: OrderTerms = {
    type: 'MARKET',
    quantity: '2',
    price: null,
    stopPrice: null,
    timeInForce: null,
    reduceOnly: false,
    ...over,
  };
  const side = terms.reduceOnly ? 'SELL' : 'BUY';
  return await stage.intent(manualStrategyIds.live, { kind: 'manual', side, terms });
};
const untilOrder = (intent: OrderIntent, status: OrderRecord['status']): Promise<true> =>
  until(async () => ((await stage.store.orders.find(intent.orderId))?.status === status ? true : null));
const protectionOf = (strategyId: string) => stage.store.protection.orders({ ...live, strategyId });

const orderRow = z.object({
  strategy_id: z.string(),
  client_order_id: z.string(),
  kind: z.string(),
  status: z.string(),
});
const exitsOf = () =>
  stage.pool.any(sql.type(orderRow)`
    SELECT strategy_id, client_order_id, intent AS kind, status FROM orders
    WHERE metadata ->> 'incident' = ${String(eventId)} ORDER BY intent`);
const doneRow = z.object({ action: z.string() });
const recordedAsDone = () =>
  stage.pool.anyFirst(sql.type(doneRow)`
    SELECT new_value ->> 'action' AS action FROM audit_logs
    WHERE action = 'breaker_action' AND entity_id = ${String(eventId)} AND new_value ->> 'status' = 'done' ORDER BY id`);

beforeAll(async () => {
  stage = await createOrderStage({ rules: {}, env: {} });
  await stage.startWorker();
  await stage.store.balances.open(
    { environment: 'live', exchange: 'simulator' },
    totalsOf((await stage.ledger()).balances),
    stageStart,
  );
  await closeAt(firedAt);
  held = await addStrategy(stage.pool, 'active', definitionOf({}, { stop_loss_pct: 5 }));
  const order = { type: 'limit', offset_bps: 1_000, expire_bars: 10_000 } as const;
  bidding = await addStrategy(stage.pool, 'active', definitionOf({}, { order }));
  paused = await addStrategy(stage.pool, 'active');
  await stage.store.strategies.transition({
    strategyId: paused,
    from: 'active',
    to: 'paused',
    version: 1,
    by: 'ada',
    reason: 'the market turned',
    gate: null,
    effectKey: randomUUID(),
  });
  for (const strategyId of [held, bidding, paused]) await begin(strategyId);

  await (await stage.start(await stage.intent(held))).result();
  bid = await stage.intent(bidding);
  await stage.start(bid);
  await (await stage.start(await byHand({}))).result();
  target = await byHand({ type: 'LIMIT', quantity: '1', price: '150', reduceOnly: true });
  await stage.start(target);
  await Promise.all([untilOrder(bid, 'open'), untilOrder(target, 'open')]);
  await until(async () => ((await protectionOf(held))[0]?.status === 'open' ? true : null));
});
afterAll(() => stage.close());

describe('a live account that is halted by a drawdown', () => {
  it('goes on where its worker was killed, between two actions', async () => {
    await stage.fault({ kind: 'hang', route: 'DELETE /api/v3/order' });
    eventId = await fireEvent(stage.pool, {
      environment: 'live',
      actions: breakerActions,
      marketTime: firedAt,
      coolDownUntil: firedAt + coolDownMs,
    });
    await look(stage.namespace.client, 'live');
    await until(async () => ((await stage.state()).heldReplies > 0 ? true : null));
    expect(await actionsOf(stage.pool, eventId)).toEqual([
      'pause_trading done',
      'cancel_orders pending',
      'close_positions pending',
      'notify pending',
    ]);
    // Nothing that protects is taken away before what it protects is closed.
    expect(await protectionOf(held)).toMatchObject([{ status: 'open' }]);
    await stage.killWorker();
    await stage.clearFaults();
    await stage.startWorker();

    await until(async () => ((await actionsOf(stage.pool, eventId)).every((a) => a.endsWith(' done')) ? true : null));
    expect((await recordedAsDone()).toSorted()).toEqual(breakerActions.toSorted());
  });

  it('holds nothing any more and has nothing at work: each exit was sent once', async () => {
    for (const strategyId of [held, manualStrategyIds.live])
      expect(await stage.store.positions.of(strategyId)).toEqual([]);
    for (const strategyId of [held, bidding, manualStrategyIds.live])
      expect(await stage.store.orders.unfinishedOf(strategyId)).toEqual([]);
    expect(await stage.store.orders.find(bid.orderId)).toMatchObject({ status: 'cancelled' });
    expect(await stage.store.orders.find(target.orderId)).toMatchObject({ status: 'cancelled' });
    const exits = await exitsOf();
    expect(exits).toMatchObject([
      { strategy_id: held, kind: 'exit', status: 'filled' },
      { strategy_id: manualStrategyIds.live, kind: 'manual', status: 'filled' },
    ]);
    const { accepted, orders } = await stage.ledger();
    expect(exits.map(({ client_order_id: id }) => accepted[id])).toEqual([1, 1]);
    expect(orders.filter(({ status }) => status === 'NEW')).toEqual([]);
    expect(await checkBooks(stage.pool)).toEqual([]);
  });

  it('pauses its strategies, and holds too what a person has paused', async () => {
    expect(await tradingStateOf(stage.pool, 'live')).toBe('HALTED');
    await expect
      .poll(() => Promise.all([held, bidding, paused].map(statusOf)), soon)
      .toEqual(['paused', 'paused', 'paused']);
    expect((await lifecycle(held).query(strategyQuery)).heldBy).toEqual([`breaker/${eventId}`]);
    await expect
      .poll(async () => (await lifecycle(paused).query(strategyQuery)).heldBy, soon)
      .toEqual([`breaker/${eventId}`]);
  });

  it('lets a person lift and take their own hold alone', async () => {
    const heldBy = [`breaker/${eventId}`];
    const by = 'ada';
    const resume = (strategyId: string) => lifecycle(strategyId).executeUpdate(resumeUpdate, { args: [{ by }] });
    const pause = (strategyId: string) =>
      lifecycle(strategyId).executeUpdate(pauseUpdate, { args: [{ by, reason: 'not yet' }] });
    expect(await refusalOf(resume(held))).toMatchObject({ type: 'StillHeld' });
    expect(await resume(paused)).toEqual({ status: 'paused', version: 1, heldBy });
    expect(await pause(paused)).toEqual({ status: 'paused', version: 1, heldBy });
    expect(await refusalOf(pause(paused))).toMatchObject({ type: 'IllegalTransition' });
  });

  it('ends once the cool-down has passed in market time: what it paused goes on, what a person paused does not', async () => {
    const incident = incidentOf(stage.namespace.client, 'live', eventId);
    await closeAt(firedAt + coolDownMs - minute);
    await look(stage.namespace.client, 'live');
    await closeAt(firedAt + coolDownMs);
    await look(stage.namespace.client, 'live');
    expect(await incident.result()).toMatchObject({
      isOver: true,
      strategies: [held, bidding].toSorted(),
      resolvedAt: expect.any(Number),
    });
    expect(await tradingStateOf(stage.pool, 'live')).toBe('ACTIVE');
    await expect
      .poll(() => Promise.all([held, bidding, paused].map(statusOf)), soon)
      .toEqual(['active', 'active', 'paused']);
  });
});
