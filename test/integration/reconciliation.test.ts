import type { RiskParams } from '../../src/domain/strategy/definition.ts';
import { sql } from 'slonik';
import { z } from 'zod';
import { checkBooks } from '../../src/adapters/postgres/books-check.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrderRecord } from '../../src/adapters/postgres/orders.ts';
import { cancelUpdate } from '../../src/contracts/messages.ts';
import { dec, text } from '../../src/domain/decimal.ts';
import { manualStrategyIds } from '../../src/domain/orders/manual.ts';
import { runCli } from '../client/run-cli.ts';
import { until } from '../support/order-stage.ts';
import {
  type ReconciliationStage,
  account,
  createReconciliationStage,
  heldOf,
} from '../support/reconciliation-stage.ts';
import { addStrategy, countRows, definitionOf, newOrder } from '../support/trading.ts';

const all = { USDT: '100000', BTC: '10' };
/** Receive window, engine slack and horizon are over. */
const beyondHorizonMs = 60_000;
const restsAt90 = { type: 'limit', offset_bps: 1_000, expire_bars: 10_000 } as const;

const alertRow = z.object({ status: z.string(), message: z.string(), entity_id: z.string() });

const alertsOf = (stage: ReconciliationStage, type: string, about = '') =>
  stage.pool.any(sql.type(alertRow)`
    SELECT status, message, entity_id FROM alerts
    WHERE alert_type = ${type} AND (title LIKE ${`%${about}%`} OR entity_id LIKE ${`%${about}%`}) ORDER BY created_at`);

const byClientId = async (stage: ReconciliationStage, clientOrderId: string): Promise<OrderRecord> =>
  await until(async () => await stage.store.orders.findByClientId(clientOrderId));

const statusIs = async (stage: ReconciliationStage, orderId: string, status: string): Promise<OrderRecord> =>
  await until(async () => {
    const row = await stage.store.orders.find(orderId);
    return row?.status === status ? row : null;
  });

describe('an account that somebody else trades on too', () => {
  let stage: ReconciliationStage;
  beforeAll(async () => {
    stage = await createReconciliationStage(all);
  });
  afterAll(() => stage.close());

  it('is clean before anything happened', async () => {
    expect(await stage.reconcile()).toMatchObject({ found: 0, left: 0, skipped: null, moving: [] });
  });

  it('has an order that was filled there, and nothing is changed by looking', async () => {
    const { clientOrderId } = await stage.orderThere('buy', '1');
    const before = await stage.counts();
    const result = await stage.reconcile({ fix: false });
    expect(result.differences.map(({ subject, id, settled }) => [subject, id, settled])).toEqual([
      ['order', 'BTCUSDT/1', false],
      ['balance', 'BTC', false],
      ['balance', 'USDT', false],
    ]);
    expect(await stage.counts()).toEqual(before);
    expect(await stage.store.orders.findByClientId(clientOrderId)).toBeNull();
  });

  it('has that order adopted, with its fills, and one alert', async () => {
    const result = await stage.reconcile();
    expect(result).toMatchObject({ left: 0, differences: [{ subject: 'order', settled: true }] });
    const { orders } = await stage.ledger();
    const [there] = orders;
    const order = await byClientId(stage, there?.clientOrderId ?? '');
    expect(order).toMatchObject({
      kind: 'manual',
      strategyId: manualStrategyIds.live,
      status: 'filled',
      filledQuantity: '1',
      exchangeOrderId: '1',
      reservedAmount: null,
    });
    const trades = await stage.pool.any(sql.type(z.object({ id: z.string(), quantity: z.string() }))`
      SELECT exchange_trade_id AS id, trim_scale(quantity)::text AS quantity FROM trades WHERE order_id = ${order.orderId}
      ORDER BY exchange_trade_id::int`);
    expect(trades.map(({ id, quantity }) => [id, quantity])).toEqual(
      there?.trades.map(({ tradeId, quantity }) => [String(tradeId), text(dec(quantity))]),
    );
    expect(await stage.books()).toEqual(await stage.venueTotals());
    expect(await alertsOf(stage, 'out_of_band_order')).toHaveLength(1);
  });

  it('is clean after that: another run changes nothing', async () => {
    await stage.reconcileAll();
    const before = await stage.counts();
    expect(await stage.reconcile()).toMatchObject({ found: 0, left: 0 });
    expect(await stage.counts()).toEqual(before);
  });

  it('has an order resting there: adopted with what it locks, and cancelled from here', async () => {
    const { clientOrderId } = await stage.orderThere('buy', '2', '90');
    await stage.reconcile();
    const order = await byClientId(stage, clientOrderId);
    expect(order).toMatchObject({ status: 'open', kind: 'manual', reservedAsset: 'USDT', reservedAmount: '180' });
    expect((await heldOf(stage, 'USDT'))[1]).toBe('180');
    const cancelled = await stage.order(order.orderId).executeUpdate(cancelUpdate, { args: [{ by: 'alice' }] });
    expect(cancelled).toMatchObject({ status: 'cancelled', filledQuantity: '0' });
    expect(await stage.order(order.orderId).result()).toMatchObject({ status: 'cancelled' });
    const { orders } = await stage.ledger();
    expect(orders.find((each) => each.clientOrderId === clientOrderId)?.status).toBe('CANCELED');
    expect((await heldOf(stage, 'USDT'))[1]).toBe('0');
    expect(await stage.books()).toEqual(await stage.venueTotals());
  });

  it('has orders adopted once, however many reconcile at once', async () => {
    const before = await countRows(stage.pool, 'orders');
    const placed = [
      await stage.orderThere('buy', '1'),
      await stage.orderThere('sell', '0.5'),
      await stage.orderThere('sell', '1', '120'),
    ];
    await Promise.all(['/a', '/b', '/c', '/d'].map((id) => stage.reconcile({ id })));
    expect(await countRows(stage.pool, 'orders')).toBe(before + placed.length);
    expect(await countRows(stage.pool, 'audit_logs', sql.fragment`action = 'adopt_order'`)).toBe(
      before + placed.length,
    );
    expect(await alertsOf(stage, 'out_of_band_order')).toHaveLength(before + placed.length);
    expect(await stage.books()).toEqual(await stage.venueTotals());
    const resting = await byClientId(stage, placed[2]?.clientOrderId ?? '');
    expect(resting).toMatchObject({ status: 'open', reservedAsset: 'BTC', reservedAmount: '1' });
    expect(await stage.store.positions.of(manualStrategyIds.live)).toMatchObject([{ symbol: 'BTCUSDT', side: 'LONG' }]);
    expect(await stage.reconcileAll()).toMatchObject({ left: 0 });
  });

  it('has an order adopted on a market where nothing was traded from here', async () => {
    const { clientOrderId } = await stage.orderThere('buy', '2', undefined, 'ETHUSDT');
    await stage.reconcile();
    expect(await stage.store.orders.findByClientId(clientOrderId)).toMatchObject({
      symbol: 'ETHUSDT',
      status: 'filled',
    });
    expect(await stage.books()).toEqual(await stage.venueTotals());
  });

  it('has trades read once: what is compared and old enough is not read again', async () => {
    const { compared } = await stage.reconcile();
    await stage.step(20 * 60_000);
    await stage.reconcile();
    const again = await stage.reconcile();
    expect(compared.trades).toBeGreaterThan(2);
    // The last one of each of the two markets, where the cursors stand.
    expect(again.compared.trades).toBe(2);
  });

  it('has the workflow of an open order started again where it is gone', async () => {
    const strategyId = await addStrategy(stage.pool, 'active', definitionOf({}, { order: restsAt90 }));
    const intent = await stage.intent(strategyId);
    const handle = await stage.start(intent);
    await statusIs(stage, intent.orderId, 'open');
    await handle.terminate('lost');
    const result = await stage.reconcile();
    expect(result.differences).toMatchObject([{ id: intent.orderId, action: 'its workflow is started again' }]);
    await stage.order(intent.orderId).executeUpdate(cancelUpdate, { args: [{ by: 'alice' }] });
    expect(await stage.store.orders.find(intent.orderId)).toMatchObject({ status: 'cancelled', reservedAmount: null });
  });

  it('has an order of ours cancelled there: it ends here too, and what it reserved is free', async () => {
    const strategyId = await addStrategy(stage.pool, 'active', definitionOf({}, { order: restsAt90 }));
    const intent = await stage.intent(strategyId);
    const handle = await stage.start(intent);
    const { clientOrderId } = await statusIs(stage, intent.orderId, 'open');
    await handle.terminate('lost');
    await stage.cancelThere(clientOrderId);
    const result = await stage.reconcile();
    expect(result.differences).toMatchObject([{ id: intent.orderId, action: 'booked', settled: true }]);
    expect(await stage.store.orders.find(intent.orderId)).toMatchObject({ status: 'cancelled', reservedAmount: null });
    expect((await heldOf(stage, 'USDT'))[1]).toBe('0');
  });

  it('has a pair resting there: both are adopted, what they would sell is reserved once, and one cancel ends both', async () => {
    const locked = Number((await heldOf(stage, 'BTC'))[1]);
    const { clientOrderIds } = await stage.pairThere('3');
    await stage.reconcile();
    expect(Number((await heldOf(stage, 'BTC'))[1])).toBe(locked + 3);
    const [stop, target] = await Promise.all(clientOrderIds.map((id) => byClientId(stage, id)));
    expect([stop, target]).toMatchObject([{ status: 'open' }, { status: 'open' }]);
    await stage.order(stop?.orderId ?? '').executeUpdate(cancelUpdate, { args: [{ by: 'alice' }] });
    for (const one of [stop, target]) {
      const row = await stage.store.orders.find(one?.orderId ?? '');
      expect(['cancelled', 'expired']).toContain(row?.status);
    }
    expect(Number((await heldOf(stage, 'BTC'))[1])).toBe(locked);
    expect(await stage.books()).toEqual(await stage.venueTotals());
  });

  it('never sends an entry that was left pending, and carries an exit on', async () => {
    const strategyId = await addStrategy(stage.pool, 'active');
    const [entry, young] = [newOrder(strategyId), newOrder(await addStrategy(stage.pool, 'active'))];
    const holder = await addStrategy(stage.pool, 'active');
    const bought = await stage.intent(holder);
    await (await stage.start(bought)).result();
    const exit = newOrder(holder, { side: 'SELL', quantity: '1' });
    for (const order of [entry, young, exit]) await stage.store.orders.insert(order, 'test');
    const old = [entry.orderId, exit.orderId];
    await stage.pool.query(sql.unsafe`
      UPDATE orders SET updated_at = now() - interval '10 minutes' WHERE id = ANY(${sql.array(old, 'uuid')})`);
    await stage.reconcile();
    expect(await stage.store.orders.find(entry.orderId)).toMatchObject({ status: 'cancelled', sentAt: null });
    expect(await stage.store.orders.find(young.orderId)).toMatchObject({ status: 'pending' });
    await statusIs(stage, exit.orderId, 'filled');
    const { accepted } = await stage.ledger();
    expect([accepted[entry.clientOrderId], accepted[exit.clientOrderId]]).toEqual([undefined, 1]);
  });

  it('raises no false alarm while an order has been filled there and its answer is on its way', async () => {
    await stage.fault({ kind: 'delay', before: 'reply', ms: 3_000, route: 'POST /api/v3/order' });
    const intent = await stage.intent(await addStrategy(stage.pool, 'active'));
    const handle = await stage.start(intent);
    const clientOrderId = intent.orderId.replaceAll('-', '');
    await until(async () => ((await stage.ledger()).accepted[clientOrderId] === 1 ? true : null));
    const result = await stage.reconcile();
    expect(await stage.store.orders.find(intent.orderId)).toMatchObject({ status: 'submitting' });
    expect(await stage.books()).not.toEqual(await stage.venueTotals());
    expect(result).toMatchObject({ found: 0, moving: expect.arrayContaining(['BTC', 'USDT']) });
    expect(await countRows(stage.pool, 'alerts', sql.fragment`alert_type = 'reconciliation_mismatch'`)).toBe(0);
    expect(await handle.result()).toMatchObject({ status: 'filled' });
    expect(await stage.reconcileAll()).toMatchObject({ left: 0 });
  });

  it('keeps the books right while orders from here and from there are filled', async () => {
    const raised = sql.fragment`alert_type = 'reconciliation_mismatch'`;
    const ours = async (): Promise<string> => {
      const handle = await stage.start(await stage.intent(await addStrategy(stage.pool, 'active')));
      return (await handle.result()).status;
    };
    const there = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i += 1) await stage.orderThere(i % 2 === 0 ? 'buy' : 'sell', '0.5');
    };
    const looking = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i += 1) await stage.reconcile({ id: `/busy ${i}` });
    };
    const [filled] = await Promise.all([Promise.all(Array.from({ length: 8 }, ours)), there(8), looking(12)]);
    expect(new Set(filled)).toEqual(new Set(['filled']));
    expect(await stage.reconcileAll()).toMatchObject({ left: 0 });
    expect(await countRows(stage.pool, 'alerts', raised)).toBe(0);
    expect(await stage.books()).toEqual(await stage.venueTotals());
  });
});

describe('an order that ended unknown', () => {
  let stage: ReconciliationStage;
  beforeAll(async () => {
    stage = await createReconciliationStage(all);
  });
  afterAll(() => stage.close());

  const becomeUnknown = async (
    faults: readonly Readonly<Record<string, unknown>>[],
    risk: Partial<RiskParams> = {},
  ) => {
    const definition = definitionOf({}, risk);
    const intent = await stage.intent(await addStrategy(stage.pool, 'active', definition));
    const clientOrderId = intent.orderId.replaceAll('-', '');
    for (const fault of faults) await stage.fault({ ...fault, ...(fault['kind'] === 'hide' ? { clientOrderId } : {}) });
    const handle = await stage.start(intent);
    const submitting = await statusIs(stage, intent.orderId, 'submitting');
    await until(async () => ((await stage.faultsLeft('POST /api/v3/order')) === 0 ? true : null));
    await stage.step(beyondHorizonMs);
    expect(await handle.result()).toMatchObject({ status: 'unknown' });
    return { intent, clientOrderId, submitting };
  };
  const hidden = [
    { kind: 'reset', route: 'POST /api/v3/order' },
    { kind: 'hide', times: null },
  ];

  it('is adopted where it rests: watched and cancelled from here, and its reservation is free again', async () => {
    const { intent, submitting } = await becomeUnknown(hidden, { order: restsAt90 });
    await stage.reconcile();
    expect(await stage.store.orders.find(intent.orderId)).toMatchObject({
      status: 'unknown',
      reservedAmount: submitting.reservedAmount,
    });
    await stage.clearFaults();
    expect(await stage.reconcile()).toMatchObject({ left: 0 });
    expect(await stage.store.orders.find(intent.orderId)).toMatchObject({ status: 'open' });
    expect(await alertsOf(stage, 'order_unknown', intent.orderId)).toMatchObject([{ status: 'resolved' }]);
    await stage.order(intent.orderId).executeUpdate(cancelUpdate, { args: [{ by: 'alice' }] });
    expect(await stage.order(intent.orderId).result()).toMatchObject({ status: 'cancelled' });
    expect(await heldOf(stage, 'USDT')).toEqual(['100000', '0']);
    expect(await alertsOf(stage, 'out_of_band_order')).toEqual([]);
  });

  it('is adopted where it has filled: its fills are booked and what is left of its reservation is free', async () => {
    const { intent, clientOrderId } = await becomeUnknown(hidden);
    await stage.clearFaults();
    await stage.reconcile();
    expect(await stage.store.orders.find(intent.orderId)).toMatchObject({ status: 'filled', reservedAmount: null });
    expect((await stage.ledger()).accepted[clientOrderId]).toBe(1);
    expect((await heldOf(stage, 'USDT'))[1]).toBe('0');
    expect(await stage.books()).toEqual(await stage.venueTotals());
  });

  it('has its position covered where it has filled, as if it had never been unknown', async () => {
    const protectedBy = { position_size: { type: 'fixed_quote', value: 500 }, stop_loss_pct: 5 } as const;
    const { intent } = await becomeUnknown(hidden, protectedBy);
    await stage.clearFaults();
    await stage.reconcile();
    const stop = await until(async () => {
      const [order] = await stage.store.protection.orders(intent);
      return order?.status === 'open' ? order : null;
    });
    expect(stop).toMatchObject({ type: 'STOP_LOSS', side: 'SELL', reduceOnly: true });
    expect(await checkBooks(stage.pool)).toEqual([]);
  });

  it('stays unknown where it never was: its reservation and its alert stay, and it is never sent', async () => {
    const { intent, clientOrderId, submitting } = await becomeUnknown(
      [{ kind: 'maintenance', route: 'POST /api/v3/order', times: 1 }],
      { order: restsAt90 },
    );
    await stage.reconcileAll();
    const before = await stage.counts();
    const result = await stage.reconcile();
    expect(result).toMatchObject({ left: 1, differences: [{ id: intent.orderId, settled: false }] });
    expect(await stage.counts()).toEqual(before);
    expect(await stage.store.orders.find(intent.orderId)).toMatchObject({
      status: 'unknown',
      reservedAmount: submitting.reservedAmount,
    });
    expect(await alertsOf(stage, 'order_unknown', intent.orderId)).toMatchObject([{ status: 'active' }]);
    expect((await stage.ledger()).accepted[clientOrderId]).toBeUndefined();
  });

  it('has its fills booked even where a person has settled it as never taken', async () => {
    const { intent, clientOrderId } = await becomeUnknown(hidden);
    const args = ['order', 'settle', intent.orderId, '--reason', 'not in the history', '--by', 'alice'];
    expect((await runCli(args, stage)).code).toBe(0);
    const settled = await stage.store.orders.find(intent.orderId);
    expect(settled).toMatchObject({ status: 'cancelled', filledQuantity: '0', reservedAmount: null });
    await stage.clearFaults();
    const { differences } = await stage.reconcile();
    expect(differences.find(({ id }) => id === intent.orderId)).toMatchObject({ action: 'booked', settled: true });
    const row = await stage.store.orders.find(intent.orderId);
    expect(row).toMatchObject({ status: 'cancelled', filledQuantity: row?.quantity });
    expect((await stage.ledger()).accepted[clientOrderId]).toBe(1);
    expect(await stage.books()).toEqual(await stage.venueTotals());
    expect(await alertsOf(stage, 'order_unknown', intent.orderId)).toMatchObject([{ status: 'resolved' }]);
  });
});

describe('money that came from the outside', () => {
  let stage: ReconciliationStage;
  beforeAll(async () => {
    stage = await createReconciliationStage({ ...all, USDT: '99900' });
  });
  afterAll(() => stage.close());

  const recordDeposit = (...more: string[]) =>
    runCli(['reconcile', '--record', 'deposit', '--asset', 'USDT', '--by', 'alice', '--json', ...more], stage);
  const mismatch = () => alertsOf(stage, 'reconciliation_mismatch', 'USDT');

  it('is refused to be recorded as what nothing asks for', async () => {
    const { code, stderr } = await recordDeposit('--amount', '100');
    expect([code, JSON.parse(stderr)]).toMatchObject([2, { error: 'BadInput' }]);
  });

  it('is shown by the command, which changes nothing and exits with 4', async () => {
    const before = await stage.counts();
    const { code, stdout } = await runCli(['reconcile', '--json'], stage);
    expect(code).toBe(4);
    expect(JSON.parse(stdout)).toMatchObject({
      left: 1,
      differences: [{ subject: 'balance', id: 'USDT', ours: '99900', venue: '100000' }],
    });
    expect(await stage.counts()).toEqual(before);
  });

  it('is one alert that names asset, both sides and the difference', async () => {
    for (let run = 0; run < 2; run += 1) await stage.reconcile();
    expect(await mismatch()).toMatchObject([
      { status: 'active', message: expect.stringContaining('100000 USDT') as string },
    ]);
    expect((await mismatch())[0]?.message).toContain('99900: a difference of 100');
    expect(await heldOf(stage, 'USDT')).toEqual(['99900', '0']);
  });

  it('keeps an order that the books cannot pay for out of them, wholly', async () => {
    await stage.orderThere('buy', '1000');
    const before = await stage.counts();
    const result = await stage.reconcile();
    expect(result.differences[0]).toMatchObject({ subject: 'order', id: 'BTCUSDT/1', settled: false });
    const { alerts: _before, ...rowsBefore } = before;
    const { alerts: _after, ...rowsAfter } = await stage.counts();
    expect(rowsAfter).toEqual({
      ...rowsBefore,
      audit_logs: rowsAfter['audit_logs'],
      strategies: rowsAfter['strategies'],
    });
    expect(await countRows(stage.pool, 'audit_logs', sql.fragment`action = 'adopt_order'`)).toBe(0);
    expect(await alertsOf(stage, 'out_of_band_order')).toEqual([]);
    expect(await alertsOf(stage, 'reconciliation_mismatch', 'BTCUSDT/1')).toMatchObject([{ status: 'active' }]);
  });

  it('is recorded once, with its audit row', async () => {
    for (const recorded of [true, false]) {
      const { code, stdout } = await recordDeposit('--amount', '100');
      expect([code, JSON.parse(stdout)]).toMatchObject([0, { recorded, free: '100000' }]);
    }
    expect(await countRows(stage.pool, 'balance_flows', sql.fragment`kind = 'deposit'`)).toBe(1);
    expect(await countRows(stage.pool, 'audit_logs', sql.fragment`action = 'record_deposit' AND actor = 'alice'`)).toBe(
      1,
    );
  });

  it('leaves no difference: the order is adopted, every alert is resolved', async () => {
    await stage.reconcile();
    const { code, stdout } = await runCli(['reconcile', '--fix'], stage);
    expect([code, stdout]).toMatchObject([0, expect.stringContaining('no differences') as string]);
    await stage.reconcileAll();
    expect(await stage.books()).toEqual(await stage.venueTotals());
    const open = sql.fragment`alert_type = 'reconciliation_mismatch' AND status <> 'resolved'`;
    expect(await countRows(stage.pool, 'alerts', open)).toBe(0);
    expect(await countRows(stage.pool, 'orders', sql.fragment`intent = 'manual' AND status = 'filled'`)).toBe(1);
  });

  it('is refused as a withdrawal of more than is free', async () => {
    const args = ['reconcile', '--record', 'withdrawal', '--asset', 'USDT', '--amount', '5', '--key', 'tx 1', '--json'];
    const { code, stderr } = await runCli(args, stage);
    expect([code, JSON.parse(stderr)]).toMatchObject([1, { error: 'InsufficientFunds' }]);
    expect(await heldOf(stage, 'USDT')).toEqual(['0', '0']);
  });
});

describe('a venue that cannot be asked', () => {
  let stage: ReconciliationStage;
  beforeAll(async () => {
    stage = await createReconciliationStage(all);
  });
  afterAll(() => stage.close());

  it('is an alert until it is compared again', async () => {
    const refused = {
      kind: 'reject',
      route: 'GET /api/v3/openOrders',
      code: -2015,
      msg: 'Invalid API-key.',
      times: null,
    };
    await stage.fault(refused);
    await expect(stage.reconcile()).rejects.toThrow();
    await expect(stage.reconcile()).rejects.toThrow();
    expect(await alertsOf(stage, 'reconciliation_failed')).toMatchObject([{ status: 'active' }]);
    await stage.clearFaults();
    await stage.reconcile();
    expect(await alertsOf(stage, 'reconciliation_failed')).toMatchObject([{ status: 'resolved' }]);
  });
});

describe('the books among themselves', () => {
  let stage: ReconciliationStage;
  beforeAll(async () => {
    stage = await createReconciliationStage(all);
  });
  afterAll(() => stage.close());

  it('are an alert where a rule does not hold, until it does', async () => {
    const set = (free: string) =>
      stage.pool.query(sql.unsafe`
        UPDATE current_balances SET free_balance = ${free}::numeric, total_balance = ${free}::numeric
        WHERE environment = ${account.environment} AND asset = 'BTC'`);
    await set('9');
    const { code, stdout } = await runCli(['reconcile', '--environment', 'paper', '--fix', '--json'], stage);
    expect([code, JSON.parse(stdout)]).toMatchObject([
      4,
      { environment: 'paper', differences: [{ subject: 'books' }] },
    ]);
    expect(await alertsOf(stage, 'reconciliation_mismatch')).toMatchObject([{ status: 'active' }]);
    await set('10');
    expect((await runCli(['reconcile', '--environment', 'paper', '--fix'], stage)).code).toBe(0);
    expect(await alertsOf(stage, 'reconciliation_mismatch')).toMatchObject([{ status: 'resolved' }]);
  });
});
