import { randomUUID } from 'node:crypto';
import { sql } from 'slonik';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkBooks } from '../../src/adapters/postgres/books-check.ts';
import { inspectIncident, lookAfterClose } from '../../src/adapters/postgres/breaker/index.ts';
import { readTradingState } from '../../src/adapters/postgres/breaker/trading-state.ts';
import { auditLedger } from '../../src/client/demo/ledger-audit.ts';
import type { IncidentView } from '../../src/contracts/breaker.ts';
import type { OrderView } from '../../src/contracts/messages.ts';
import type { OrderIntent } from '../../src/contracts/order-intent.ts';
import { look } from '../support/incidents.ts';
import {
  type OrderHandle,
  type OrderStage,
  createOrderStage,
  stageStart,
  totalsOf,
  until,
} from '../support/order-stage.ts';
import { addStrategy, countRows, definitionOf } from '../support/trading.ts';

const minute = 60_000;
const account = { environment: 'live', exchange: 'simulator' } as const;
/** As many entries are asked for before the drawdown and while it trips. */
const before = 12;
const during = 12;

let stage: OrderStage;

beforeAll(async () => {
  stage = await createOrderStage({ rules: {}, env: {} });
  await stage.startWorker();
  await stage.store.balances.open(account, totalsOf((await stage.ledger()).balances), stageStart);
});
afterAll(() => stage.close());

const clientIdOf = ({ orderId }: OrderIntent): string => orderId.replaceAll('-', '');

const market = async (): Promise<OrderIntent> =>
  await stage.intent(await addStrategy(stage.pool, 'active', definitionOf({}, { stop_loss_pct: 5 })));
/** Rests a tenth below the market. */
const limit = async (): Promise<OrderIntent> => {
  const order = { type: 'limit', offset_bps: 1_000, expire_bars: 10_000 } as const;
  return await stage.intent(await addStrategy(stage.pool, 'active', definitionOf({}, { order })));
};
const some = async (count: number): Promise<readonly OrderIntent[]> =>
  await Promise.all(Array.from({ length: count }, (_, n) => (n % 2 === 0 ? market() : limit())));

const strikes = (intent: OrderIntent, fault: Readonly<Record<string, unknown>>): Promise<void> =>
  stage.fault({ ...fault, where: { newClientOrderId: clientIdOf(intent) } });

const closeAt = (bar: number) =>
  stage.store.candles.ingest({
    symbol: 'BTCUSDT',
    interval: '1m',
    candles: [{ time: stageStart + bar * minute, open: '100', high: '100', low: '100', close: '100', volume: '1000' }],
  });
/** What the market's clock does with a close: looks, and wakes the breaker where it has to. */
const lookAt = async (bar: number): Promise<readonly string[]> => {
  await closeAt(bar);
  const environments = await lookAfterClose(stage.pool, { symbol: 'BTCUSDT', at: stageStart + (bar + 1) * minute });
  for (const environment of environments) await look(stage.namespace.client, environment);
  return environments;
};

const auditRow = z.object({ id: z.number(), order_id: z.string(), reduce_only: z.boolean(), after: z.boolean() });

describe('a drawdown that trips while many strategies place their entries', () => {
  it('lets none through after its commit, resolves what was under way, and ends flat with nothing at work', async () => {
    expect(await lookAt(0)).toEqual([]);
    const [early, late] = await Promise.all([some(before), some(during)]);
    const [hung, lost, hidden] = [early[0]!, early[1]!, early[3]!];
    // Taken, and the answers never come: one is held for as long as it takes, one is lost, one is lost and hidden for a while.
    await strikes(hung, { kind: 'hang' });
    await strikes(lost, { kind: 'error' });
    await strikes(hidden, { kind: 'reset' });
    await stage.fault({ kind: 'hide', clientOrderId: clientIdOf(hidden), times: 2, route: undefined });

    const handles: OrderHandle[] = await Promise.all(early.map((intent) => stage.start(intent)));
    await until(async () => (Object.keys((await stage.ledger()).accepted).length >= before / 2 ? true : null));
    await stage.pool.query(sql.unsafe`UPDATE equity_state SET peak_index = peak_index * 2 WHERE environment = 'live'`);
    const [tripped, ...others] = await Promise.all([lookAt(1), ...late.map((intent) => stage.start(intent))]);
    handles.push(...others);
    expect(tripped).toEqual(['live']);
    const { eventId } = await readTradingState(stage.pool, 'live');
    const incident = await until<IncidentView>(async () => {
      const view = await inspectIncident(stage.pool, eventId!);
      return view.actions.every(({ status }) => status === 'done') ? view : null;
    });
    await stage.clearFaults();
    const ends: readonly OrderView[] = await Promise.all(handles.map((handle) => handle.result()));

    const submitted = await stage.pool.any(sql.type(auditRow)`
      SELECT a.id, o.id AS order_id, o.reduce_only, a.id > t.id AS after FROM audit_logs a
      JOIN orders o ON o.id::text = a.entity_id AND a.entity_type = 'order'
      JOIN audit_logs t ON t.action = 'trip_breaker' AND t.entity_id = ${String(eventId)}
      WHERE a.new_value ->> 'status' = 'submitting' AND a.old_value ->> 'status' IS DISTINCT FROM 'submitting'`);
    const entries = submitted.filter(({ reduce_only: reduceOnly }) => !reduceOnly);
    expect(entries.filter(({ after }) => after)).toEqual([]);
    expect(entries.length).toBeGreaterThanOrEqual(before / 2);
    const sent = new Set(entries.map(({ order_id: orderId }) => orderId));
    const unsent = [...early, ...late].filter(({ orderId }) => !sent.has(orderId));
    const ledger = await stage.ledger();
    expect(unsent.filter((intent) => clientIdOf(intent) in ledger.accepted)).toEqual([]);
    const endOf = new Map(ends.map(({ orderId, status }) => [orderId, status]));
    for (const { orderId } of unsent) expect(['rejected', 'cancelled']).toContain(endOf.get(orderId));
    expect(ends.some(({ note }) => note.includes(`event ${eventId}`))).toBe(true);
    expect(await checkBooks(stage.pool)).toEqual([]);
    expect(incident).toMatchObject({ state: 'HALTED', isOver: false, waitsForApproval: false });

    const { orders, accepted, balances } = ledger;
    expect(orders.filter(({ status }) => status === 'NEW' || status === 'PARTIALLY_FILLED')).toEqual([]);
    expect(Object.values(accepted).filter((times) => times !== 1)).toEqual([]);
    for (const intent of [hung, lost, hidden]) expect(accepted[clientIdOf(intent)]).toBe(1);
    expect(await countRows(stage.pool, 'positions')).toBe(0);
    const atWork = sql.fragment`status NOT IN ('filled', 'cancelled', 'expired', 'rejected')`;
    expect(await countRows(stage.pool, 'orders', atWork)).toBe(0);
    expect(await ledgerAgainstRows(orders)).toEqual({ duplicateOrders: 0, missingTrades: 0, surplusTrades: 0 });
    const ours = [...(await stage.store.balances.read(account))];
    const amounts = ours.map(([asset, { free, locked }]) => [asset, { free: String(free), locked: String(locked) }]);
    expect(totalsOf(Object.fromEntries(amounts) as typeof balances)).toEqual(totalsOf(balances));
    expect(ours.filter(([, { locked }]) => !locked.eq('0'))).toEqual([]);
  });
});

const recordedRow = z.object({ clientOrderId: z.string(), tradeIds: z.array(z.string()) });

const ledgerAgainstRows = async (orders: Awaited<ReturnType<OrderStage['ledger']>>['orders']) => {
  const recorded = await stage.pool.any(sql.type(recordedRow)`
    SELECT client_order_id AS "clientOrderId",
           ARRAY(SELECT t.exchange_trade_id FROM trades t WHERE t.order_id = o.id)::text[] AS "tradeIds"
    FROM orders o`);
  const venue = orders.map(({ clientOrderId, trades }) => ({
    orderId: randomUUID(),
    clientOrderId,
    tradeIds: trades.map(({ tradeId }) => String(tradeId)),
  }));
  return auditLedger(venue, recorded);
};
