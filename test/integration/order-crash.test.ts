import { sql } from 'slonik';
import { z } from 'zod';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { OrderRecord } from '../../src/adapters/postgres/orders.ts';
import type { OrderIntent } from '../../src/contracts/order-intent.ts';
import { cancelUpdate } from '../../src/contracts/messages.ts';
import { dec, sum, text } from '../../src/domain/decimal.ts';
import { type LedgerDump, type OrderStage, createOrderStage, totalsOf, until } from '../support/order-stage.ts';
import { addStrategy, countRows, definitionOf } from '../support/trading.ts';

const account = { environment: 'live', exchange: 'simulator' } as const;
const horizonMs = 20_000;
/** Receive window, engine slack and horizon are over. */
const beyondHorizonMs = 60_000;

let stage: OrderStage;

beforeAll(async () => {
  stage = await createOrderStage({
    rules: { fillSplit: '2' },
    env: { MASTERTRADE_ORDER_HORIZON_MS: String(horizonMs) },
  });
  await stage.startWorker();
  const { balances } = await stage.ledger();
  await stage.store.balances.open(account, totalsOf(balances), Date.UTC(2026, 0, 1));
});
afterEach(async () => {
  await stage.clearFaults();
});
afterAll(() => stage.close());

const clientIdOf = ({ orderId }: OrderIntent): string => orderId.replaceAll('-', '');

const rowOf = async (intent: OrderIntent): Promise<OrderRecord | null> => await stage.store.orders.find(intent.orderId);

const untilAccepted = (intent: OrderIntent): Promise<LedgerDump> =>
  until(async () => {
    const ledger = await stage.ledger();
    return ledger.accepted[clientIdOf(intent)] === 1 ? ledger : null;
  });

const untilStatus = (intent: OrderIntent, status: OrderRecord['status']): Promise<OrderRecord> =>
  until(async () => {
    const row = await rowOf(intent);
    return row?.status === status ? row : null;
  });

const tradeRows = z.object({ exchange_trade_id: z.string(), quantity: z.string(), price: z.string() });

/** The books against the venue's own ledger: one order for the id, each fill once, the same totals. */
const expectBooksToAgree = async (intent: OrderIntent): Promise<void> => {
  const ledger = await stage.ledger();
  const id = clientIdOf(intent);
  const ofId = ledger.orders.filter((order) => order.clientOrderId === id);
  expect(ofId).toHaveLength(1);
  const trades = await stage.pool.any(sql.type(tradeRows)`
    SELECT exchange_trade_id, quantity::text, price::text FROM trades WHERE order_id = ${intent.orderId}
    ORDER BY exchange_trade_id::int`);
  expect(trades.map((trade) => [trade.exchange_trade_id, text(dec(trade.quantity)), text(dec(trade.price))])).toEqual(
    ofId[0]?.trades.map((trade) => [String(trade.tradeId), text(dec(trade.quantity)), text(dec(trade.price))]),
  );
  const row = await rowOf(intent);
  expect(text(dec(row?.filledQuantity ?? '0'))).toBe(text(dec(ofId[0]?.executedQuantity ?? '-1')));
  const [position] = await stage.store.positions.of(intent.strategyId);
  const held = sum((ofId[0]?.trades ?? []).map((trade) => dec(trade.quantity).minus(trade.commission)));
  expect(text(dec(position?.quantity ?? '0'))).toBe(text(held));
  await expectTotalsToAgree();
};

const expectTotalsToAgree = async (): Promise<void> => {
  const balances = await stage.store.balances.read(account);
  const ours = Object.fromEntries(
    [...balances].map(([asset, { free, locked }]) => [asset, { free: text(free), locked: text(locked) }]),
  );
  expect(totalsOf(ours)).toEqual(totalsOf((await stage.ledger()).balances));
};

const marketBuy = async (): Promise<OrderIntent> => await stage.intent(await addStrategy(stage.pool, 'active'));

/** Rests at 90, a tenth below the market. */
const limitBuy = async (expireBars = 10_000): Promise<OrderIntent> => {
  const order = { type: 'limit', offset_bps: 1_000, expire_bars: expireBars } as const;
  return await stage.intent(await addStrategy(stage.pool, 'active', definitionOf({}, { order })));
};

describe('a worker killed between the venue’s accept and the database write', () => {
  it('leaves one resting limit order, still reserved and still to be cancelled', async () => {
    const intent = await limitBuy();
    await stage.fault({ kind: 'hang' });
    const handle = await stage.start(intent);
    await untilAccepted(intent);
    await stage.killWorker();
    await stage.clearFaults();
    await stage.startWorker();

    const resting = await untilStatus(intent, 'open');
    expect(Number(resting.reservedAmount)).toBeGreaterThan(0);
    await handle.executeUpdate(cancelUpdate, { args: [{ by: 'test' }] });
    expect(await handle.result()).toMatchObject({ status: 'cancelled', filledQuantity: '0' });
    await expectBooksToAgree(intent);
    expect(text((await stage.store.balances.read(account)).get('USDT')?.locked ?? dec('1'))).toBe('0');
  });
});

describe('a worker killed between `submitting` and the accept', () => {
  it('adopts an order that the venue takes after the kill', async () => {
    const intent = await marketBuy();
    await stage.fault({ kind: 'delay', before: 'effect', ms: 6_000 });
    const handle = await stage.start(intent);
    await until(async () => ((await rowOf(intent)) && (await stage.state()).faults.length === 0 ? true : null));
    await stage.killWorker();
    expect((await stage.ledger()).accepted[clientIdOf(intent)]).toBeUndefined();
    await stage.startWorker();

    expect(await handle.result()).toMatchObject({ status: 'filled' });
    await expectBooksToAgree(intent);
  });
});

describe('an answer that is lost after the accept', () => {
  it.each([['reset'], ['error'], ['truncate']])('%s: the order is asked about and sent once', async (kind) => {
    const intent = await marketBuy();
    await stage.fault({ kind });
    const handle = await stage.start(intent);
    expect(await handle.result()).toMatchObject({ status: 'filled' });
    await expectBooksToAgree(intent);
  });

  it('an order that the venue hides for some asks is adopted when it shows', async () => {
    const intent = await marketBuy();
    await stage.fault({ kind: 'reset' });
    await stage.fault({ kind: 'hide', clientOrderId: clientIdOf(intent), times: 2, route: undefined });
    const handle = await stage.start(intent);
    expect(await handle.result()).toMatchObject({ status: 'filled' });
    await expectBooksToAgree(intent);
  });

  it('an order that never shows is unknown after the horizon in venue time, and a person is told', async () => {
    const intent = await limitBuy();
    await stage.fault({ kind: 'reset' });
    await stage.fault({ kind: 'hide', clientOrderId: clientIdOf(intent), times: null, route: undefined });
    const handle = await stage.start(intent);
    await untilAccepted(intent);
    const submitting = await untilStatus(intent, 'submitting');
    await stage.step(beyondHorizonMs);

    expect(await handle.result()).toMatchObject({ status: 'unknown' });
    expect((await stage.ledger()).accepted[clientIdOf(intent)]).toBe(1);
    expect(await rowOf(intent)).toMatchObject({
      status: 'unknown',
      reservedAsset: 'USDT',
      reservedAmount: submitting.reservedAmount,
    });
    const alerts = sql.fragment`severity = 'critical' AND entity_id = ${intent.orderId}`;
    expect(await countRows(stage.pool, 'alerts', alerts)).toBe(1);
  });
});

describe('an order that the venue surely did not take', () => {
  it('is rejected where the venue refuses it, and its reservation is free again', async () => {
    const locked = (await stage.store.balances.read(account)).get('USDT')?.locked ?? dec('-1');
    const intent = await marketBuy();
    await stage.fault({ kind: 'reject', code: -2010, msg: 'Account has insufficient balance for requested action.' });
    const handle = await stage.start(intent);
    expect(await handle.result()).toMatchObject({ status: 'rejected' });
    expect(await rowOf(intent)).toMatchObject({ status: 'rejected', reservedAsset: null, reservedAmount: null });
    expect((await stage.store.balances.read(account)).get('USDT')?.locked.eq(locked)).toBe(true);
    expect((await stage.ledger()).accepted[clientIdOf(intent)]).toBeUndefined();
    await expectTotalsToAgree();
  });

  it('waits out a ban and is sent once', async () => {
    const intent = await marketBuy();
    await stage.fault({ kind: 'ban', ms: 2_500 });
    const handle = await stage.start(intent);
    const waiting = await until(async () => {
      const row = await rowOf(intent);
      return row?.metadata.note.includes('refused it') ? row : null;
    });
    expect(waiting).toMatchObject({ status: 'pending', reservedAmount: null });
    expect(await handle.result()).toMatchObject({ status: 'filled' });
    await expectBooksToAgree(intent);
  });

  it('is one order however often its workflow is asked for', async () => {
    const intent = await marketBuy();
    const handle = await stage.start(intent);
    await expect(stage.start(intent)).rejects.toMatchObject({ name: 'WorkflowExecutionAlreadyStartedError' });
    await handle.result();
    await expect(stage.start(intent)).rejects.toMatchObject({ name: 'WorkflowExecutionAlreadyStartedError' });
    await expectBooksToAgree(intent);
  });
});
