import { randomUUID } from 'node:crypto';
import { sql } from 'slonik';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settleUnknown } from '../../src/adapters/postgres/order-revision.ts';
import type { OrderIntent } from '../../src/contracts/order-intent.ts';
import { manualStrategyIds } from '../../src/domain/orders/manual.ts';
import { fireEvent } from '../support/incidents.ts';
import { entryIntent } from '../support/intents.ts';
import { type MarketStage, candlesOf, createMarketStage, marketStart, minute } from '../support/market-stage.ts';
import { addStrategy, definitionOf, newOrder } from '../support/trading.ts';

let stage: MarketStage;
let eventId: number;

beforeAll(async () => {
  const candles = candlesOf(Array.from({ length: 40 }, () => '100'));
  stage = await createMarketStage(candles);
  await stage.store.candles.ingest({ symbol: 'BTCUSDT', interval: '1m', candles: candles.slice(0, 1) });
  await stage.activities.openAccount({ environment: 'live', symbol: 'BTCUSDT' });
  await stage.store.strategies.ensureManual('live');
});
afterAll(() => stage.close());

const statusOf = async (orderId: string) => (await stage.store.orders.find(orderId))?.status;
const fault = (over: Readonly<Record<string, unknown>>) => stage.admin('POST', 'faults', over);
const clearFaults = () => stage.admin('DELETE', 'faults');
const takenOf = (
  { actions }: { readonly actions: readonly { action: string; status: string; outcome: string }[] },
  action: string,
) => actions.find((taken) => taken.action === action);

/** An order that was marked as sent and that no venue has seen. */
const neverSent = async (): Promise<string> => {
  const order = newOrder(await addStrategy(stage.pool, 'active'), { type: 'LIMIT', price: '90', quantity: '0.1' });
  await stage.store.orders.insert(order, 'test');
  const marked = { sentAt: marketStart, reserveAsset: 'USDT', reserveAmount: '10', actor: 'test' };
  await stage.store.orders.markSubmitting({ ...marked, orderId: order.orderId });
  return order.orderId;
};

describe('cancel_orders', () => {
  const order = { type: 'limit', offset_bps: 1_000, expire_bars: 10_000 } as const;
  const bid = async (): Promise<string> => {
    const strategyId = await addStrategy(stage.pool, 'active', definitionOf({}, { order }));
    return (await stage.activities.placeOrder(entryIntent(strategyId, marketStart))).orderId;
  };
  let resting: readonly [string, string, string];
  let pending: string;
  let submitting: string;

  it('cancels all that it can where the venue does not answer for one and has not shown another', async () => {
    resting = [await bid(), await bid(), await bid()];
    submitting = await neverSent();
    const written = newOrder(await addStrategy(stage.pool, 'active'));
    pending = written.orderId;
    await stage.store.orders.insert(written, 'test');
    eventId = await fireEvent(stage.pool, {
      environment: 'live',
      actions: ['cancel_orders', 'close_positions'],
      coolDownUntil: marketStart,
    });
    const where = { origClientOrderId: resting[0].replaceAll('-', '') };
    await fault({ kind: 'error', route: 'DELETE /api/v3/order', where, times: null });
    await fault({ kind: 'error', route: 'GET /api/v3/order', where, times: null });

    const { incident, ended } = await stage.activities.cancelOrders(eventId);
    const taken = takenOf(incident, 'cancel_orders');
    expect(taken).toMatchObject({ status: 'waiting', outcome: expect.stringContaining('3 cancelled; 2 left: ') });
    for (const left of [resting[0], submitting]) expect(taken?.outcome).toContain(left);
    expect(ended.toSorted()).toEqual([resting[1], resting[2], pending].toSorted());
    expect(await Promise.all([...resting, pending, submitting].map(statusOf))).toEqual([
      'open',
      'cancelled',
      'cancelled',
      'cancelled',
      'submitting',
    ]);
  });

  it('does not count as done while one is unknown', async () => {
    await clearFaults();
    await stage.closeOf(15);
    const { incident, ended } = await stage.activities.cancelOrders(eventId);
    expect(ended).toEqual([resting[0]]);
    expect(await statusOf(submitting)).toBe('unknown');
    expect(takenOf(incident, 'cancel_orders')).toMatchObject({
      status: 'waiting',
      outcome: `4 cancelled; 1 left: BUY BTCUSDT ${submitting} is unknown`,
    });
    const closing = await stage.activities.closePositions({ eventId, stranded: [] });
    expect(takenOf(closing.incident, 'close_positions')).toMatchObject({
      status: 'waiting',
      outcome: expect.stringContaining('what is left to cancel may still open something'),
    });
  });

  it('is done once a person has settled that one', async () => {
    await settleUnknown(stage.pool, { orderId: submitting, actor: 'ada', reason: 'the venue never had it' });
    const { incident } = await stage.activities.cancelOrders(eventId);
    expect(takenOf(incident, 'cancel_orders')).toMatchObject({ status: 'done' });
    const closing = await stage.activities.closePositions({ eventId, stranded: [] });
    expect(takenOf(closing.incident, 'close_positions')).toMatchObject({ status: 'done' });
    await stage.store.breaker.resolveIncident({ eventId, request: null });
  });
});

describe('close_positions', () => {
  let held: string;
  let first: OrderIntent;

  it('sells what is held by one exit each, however often it is asked for', async () => {
    held = await addStrategy(stage.pool, 'active');
    await stage.activities.placeOrder(entryIntent(held, marketStart + 20 * minute));
    const terms = {
      type: 'MARKET',
      quantity: '2',
      price: null,
      stopPrice: null,
      timeInForce: null,
      reduceOnly: false,
    } as const;
    const bought = entryIntent(manualStrategyIds.live, marketStart + 20 * minute, { kind: 'manual', terms });
    await stage.activities.placeOrder(bought);
    eventId = await fireEvent(stage.pool, {
      environment: 'live',
      actions: ['close_positions'],
      coolDownUntil: marketStart,
    });
    const { exits } = await stage.activities.closePositions({ eventId, stranded: [] });
    expect(exits.map(({ strategyId, kind, side }) => [strategyId, kind, side])).toEqual([
      [manualStrategyIds.live, 'manual', 'SELL'],
      [held, 'exit', 'SELL'],
    ]);
    const again = await stage.activities.closePositions({ eventId, stranded: [] });
    expect(again.exits.map(({ orderId }) => orderId)).toEqual(exits.map(({ orderId }) => orderId));
    [, first] = exits as [OrderIntent, OrderIntent];
    expect(await stage.activities.placeOrder(exits[0]!)).toMatchObject({ status: 'filled' });
  });

  it('tries a refused exit again as a further attempt, and says what was said', async () => {
    await fault({ kind: 'reject', route: 'POST /api/v3/order', code: -2010, msg: 'This symbol is closed.' });
    expect(await stage.activities.placeOrder(first)).toMatchObject({ status: 'rejected' });
    const { incident, exits } = await stage.activities.closePositions({ eventId, stranded: [] });
    expect(exits).toMatchObject([{ strategyId: held, incident: eventId }]);
    expect(exits[0]?.orderId).not.toBe(first.orderId);
    expect(takenOf(incident, 'close_positions')).toMatchObject({
      status: 'waiting',
      outcome: expect.stringMatching(/^1 exit filled; 1 left: .*attempt 2, the last was refused: .*symbol is closed/),
    });
    [first] = exits as [OrderIntent];
  });

  it('waits for an exit that is under way, and ends one that nobody carries on', async () => {
    const written = newOrder(held, { orderId: randomUUID(), side: 'SELL', quantity: '1' });
    await stage.store.orders.insert(written, 'test');
    const waiting = await stage.activities.closePositions({ eventId, stranded: [] });
    expect(waiting.exits).toEqual([]);
    expect(takenOf(waiting.incident, 'close_positions')?.outcome).toContain(
      `order ${written.orderId}, which closes it, is pending`,
    );
    const stranded = await stage.activities.closePositions({ eventId, stranded: [written.orderId] });
    expect(stranded.ended).toEqual([written.orderId]);
    expect(stranded.exits).toMatchObject([{ strategyId: held }]);
  });

  it('is done with what is too small to be sold, and says so', async () => {
    await stage.pool.query(sql.unsafe`UPDATE positions SET quantity = 0.00000001 WHERE strategy_id = ${held}`);
    const { incident, exits } = await stage.activities.closePositions({ eventId, stranded: [] });
    expect(exits).toEqual([]);
    expect(takenOf(incident, 'close_positions')).toMatchObject({
      status: 'done',
      outcome: expect.stringMatching(
        /^1 exit filled; nothing is held that can be sold; too small to sell: 0.00000001 BTCUSDT/,
      ),
    });
  });
});
