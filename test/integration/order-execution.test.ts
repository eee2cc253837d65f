import { sql } from 'slonik';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OrderIntent } from '../../src/contracts/order-intent.ts';
import { text } from '../../src/domain/decimal.ts';
import type { RiskParams } from '../../src/domain/strategy/definition.ts';
import { entryIntent } from '../support/intents.ts';
import { type MarketStage, candlesOf, createMarketStage, marketStart, minute } from '../support/market-stage.ts';
import { addStrategy, countRows, definitionOf } from '../support/trading.ts';

const account = { environment: 'live', exchange: 'simulator' } as const;
/** Falls by a tenth a bar; a tenth of each bar's 20 is for resting orders. */
const falling = Array.from({ length: 30 }, (_, bar) => (100 - bar / 10).toFixed(2));

let stage: MarketStage;

beforeEach(async () => {
  stage = await createMarketStage(candlesOf(falling, '20'));
  await stage.activities.openAccount({ environment: 'live', symbol: 'BTCUSDT' });
});
afterEach(() => stage.close());

const intentOf = async (risk: Partial<RiskParams>, over: Partial<OrderIntent> = {}): Promise<OrderIntent> =>
  entryIntent(await addStrategy(stage.pool, 'active', definitionOf({}, risk)), marketStart, over);

/** 5 BTC, half a per cent under the market: reached in the sixth bar, filled over some more. */
const resting: Partial<RiskParams> = {
  position_size: { type: 'fixed_quote', value: 500.49749 },
  order: { type: 'limit', offset_bps: 50, expire_bars: 20 },
};

const usdt = async (): Promise<readonly [free: string, locked: string]> => {
  const held = (await stage.store.balances.read(account)).get('USDT');
  return [text(held!.free), text(held!.locked)];
};

describe('a live account', () => {
  it('opens once with what the venue holds', async () => {
    await stage.activities.openAccount({ environment: 'live', symbol: 'BTCUSDT' });
    expect(await usdt()).toEqual(['10000', '0']);
    expect(await countRows(stage.pool, 'balance_flows', sql.fragment`environment = 'live'`)).toBe(1);
  });

  it('is the only one of its database', async () => {
    await stage.pool.query(sql.unsafe`UPDATE venue_bindings SET exchange = 'kraken' WHERE role = 'live'`);
    await expect(stage.activities.openAccount({ environment: 'live', symbol: 'BTCUSDT' })).rejects.toMatchObject({
      type: 'VenueMismatch',
    });
  });
});

describe('a resting order', () => {
  it('is watched with all others in one question, and told of when it has filled further', async () => {
    const intent = await intentOf(resting);
    const { orderId } = intent;
    expect(await stage.activities.placeOrder(intent)).toMatchObject({ status: 'open' });
    expect(await stage.activities.pollVenueOrders('simulator')).toEqual({ changed: [], guards: [], watched: 1 });

    await stage.closeOf(6);
    expect(await stage.activities.pollVenueOrders('simulator')).toEqual({ changed: [orderId], guards: [], watched: 1 });
    const partly = await stage.activities.syncOrder(orderId);
    expect(partly).toMatchObject({ status: 'partially_filled', averageFillPrice: '99.5' });
    expect(await stage.activities.pollVenueOrders('simulator')).toEqual({ changed: [], guards: [], watched: 1 });

    await stage.closeOf(20);
    expect(await stage.activities.pollVenueOrders('simulator')).toEqual({ changed: [orderId], guards: [], watched: 1 });
    const filled = await stage.activities.syncOrder(orderId);
    expect(filled).toMatchObject({ status: 'filled', filledQuantity: filled.quantity });
    expect(await stage.activities.pollVenueOrders('simulator')).toEqual({ changed: [], guards: [], watched: 0 });
    expect((await usdt())[1]).toBe('0');
  });

  it('keeps what had filled when it is cancelled, and frees the rest', async () => {
    const intent = await intentOf(resting);
    await stage.activities.placeOrder(intent);
    await stage.closeOf(6);
    const request = { orderId: intent.orderId, by: 'test', reason: 'enough' };
    const cancelled = await stage.activities.cancelOrder(request);
    expect(cancelled.status).toBe('cancelled');
    expect(Number(cancelled.filledQuantity)).toBeGreaterThan(0);
    expect(Number(cancelled.filledQuantity)).toBeLessThan(Number(cancelled.quantity));
    expect(await stage.activities.cancelOrder(request)).toMatchObject({ status: 'cancelled' });
    const spent = Number(cancelled.filledQuantity) * 99.5;
    const [free, locked] = await usdt();
    expect(Number(free)).toBeCloseTo(10_000 - spent, 8);
    expect(locked).toBe('0');
  });

  it('is filled where a fill has raced its cancel', async () => {
    const intent = await intentOf(resting);
    await stage.activities.placeOrder(intent);
    await stage.closeOf(20);
    const request = { orderId: intent.orderId, by: 'test', reason: 'too late' };
    expect(await stage.activities.cancelOrder(request)).toMatchObject({ status: 'filled' });
  });

  it('is cancelled at the venue when its time in force is over', async () => {
    const intent = await intentOf({ ...resting, order: { type: 'limit', offset_bps: 500, expire_bars: 2 } });
    expect(await stage.activities.placeOrder(intent)).toMatchObject({ status: 'open', expiresInMs: 2 * minute });
    await stage.closeOf(1);
    expect(await stage.activities.syncOrder(intent.orderId)).toMatchObject({ status: 'cancelled', expiresInMs: null });
    expect(await usdt()).toEqual(['10000', '0']);
  });
});

describe('an order that became unknown', () => {
  it('is not polled for: its workflow is over', async () => {
    const intent = await intentOf(resting);
    await stage.activities.placeOrder(intent);
    await stage.pool.query(sql.unsafe`UPDATE orders SET status = 'unknown' WHERE id = ${intent.orderId}`);
    expect(await stage.activities.pollVenueOrders('simulator')).toEqual({ changed: [], guards: [], watched: 0 });
  });

  it('is adopted when it is asked about and shows', async () => {
    const intent = await intentOf(resting);
    await stage.activities.placeOrder(intent);
    await stage.pool.query(sql.unsafe`UPDATE orders SET status = 'unknown' WHERE id = ${intent.orderId}`);
    await stage.closeOf(20);
    expect(await stage.activities.syncOrder(intent.orderId)).toMatchObject({ status: 'filled' });
  });
});

describe('an order that must not be tried', () => {
  it.each<[string, Partial<RiskParams>, Partial<OrderIntent>, string]>([
    ['is too small', { position_size: { type: 'fixed_quote', value: 1 } }, {}, 'NOTIONAL'],
    ['sells what is not held', {}, { side: 'SELL', kind: 'exit' }, 'nothing is held to close'],
    ['is short', { side: 'SHORT' }, { side: 'SELL' }, 'live orders do not carry out'],
  ])('%s: it is rejected with the reason and nothing is sent', async (_name, risk, over, reason) => {
    const intent = await intentOf(risk, over);
    const order = await stage.activities.placeOrder(intent);
    expect(order.status).toBe('rejected');
    expect(order.note.toUpperCase()).toContain(reason.toUpperCase());
    expect(await usdt()).toEqual(['10000', '0']);
    expect((await stage.store.orders.find(intent.orderId))?.sentAt).toBeNull();
  });

  it('is an entry while the breaker is open: rejected, and nothing reserved', async () => {
    await stage.pool.query(sql.unsafe`UPDATE trading_state SET state = 'REDUCING' WHERE environment = 'live'`);
    const order = await stage.activities.placeOrder(await intentOf({}));
    expect(order).toMatchObject({ status: 'rejected', note: expect.stringContaining('EntryForbidden') as string });
    expect(await usdt()).toEqual(['10000', '0']);
  });
});
