import { afterEach, describe, expect, it } from 'vitest';
import { sql } from 'slonik';
import { checkBooks } from '../../src/adapters/postgres/books-check.ts';
import { haltByHand } from '../../src/adapters/postgres/breaker/index.ts';
import { settleUnknown } from '../../src/adapters/postgres/order-revision.ts';
import type { OrderRecord } from '../../src/adapters/postgres/orders.ts';
import type { GuardView } from '../../src/contracts/messages.ts';
import type { OrderIntent } from '../../src/contracts/order-intent.ts';
import { text } from '../../src/domain/decimal.ts';
import type { RiskParams } from '../../src/domain/strategy/definition.ts';
import { fireEvent } from '../support/incidents.ts';
import { entryIntent } from '../support/intents.ts';
import { type MarketStage, candlesOf, createMarketStage, marketStart, minute } from '../support/market-stage.ts';
import { addStrategy, countRows, definitionOf } from '../support/trading.ts';

/** Stop at 95 and target at 110 of an entry at 100. */
const protectedBy: Partial<RiskParams> = {
  position_size: { type: 'fixed_quote', value: 500 },
  stop_loss_pct: 5,
  take_profit_pct: 10,
};

interface VenueOrder {
  readonly clientOrderId: string;
  readonly type: string;
  readonly status: string;
  readonly quantity: string;
  readonly stopPrice: string;
  readonly price: string;
}

let stage: MarketStage;
let strategyId: string;

/** A market that closes at these prices, one a minute, and an account that is used for the first time. */
const begin = async (
  closes: readonly string[],
  risk: Partial<RiskParams> = protectedBy,
  { volume = '1000', ...environment }: Readonly<Record<string, string>> = {},
): Promise<void> => {
  stage = await createMarketStage(candlesOf(closes, volume), {}, environment);
  await stage.activities.openAccount({ environment: 'live', symbol: 'BTCUSDT' });
  strategyId = await addStrategy(stage.pool, 'active', definitionOf({}, risk));
};
afterEach(async () => {
  const violations = await checkBooks(stage.pool);
  await stage.close();
  expect(violations).toEqual([]);
});

const position = () => ({ strategyId, symbol: 'BTCUSDT', environment: 'live' }) as const;
const intent = (over: Partial<OrderIntent> = {}): OrderIntent => entryIntent(strategyId, marketStart, over);
const enter = (over: Partial<OrderIntent> = {}) => stage.activities.placeOrder(intent(over));
const leave = () => stage.activities.placeOrder(intent({ kind: 'exit' }));
const guard = (): Promise<GuardView> => stage.activities.guardPosition({ ...position(), unprotectedSince: null });
/** As the workflow does it: tried again for as long as it fails in passing. */
const guardUntilSettled = async (): Promise<GuardView> => {
  for (;;) {
    try {
      return await guard();
    } catch (error) {
      if (!(error instanceof Error) || !('nonRetryable' in error) || error.nonRetryable === true) throw error;
    }
  }
};
const protection = async (): Promise<readonly OrderRecord[]> => {
  const ids = await stage.pool.anyFirst(sql.unsafe`
    SELECT id FROM orders WHERE intent = 'protection' ORDER BY created_at, order_type`);
  return await Promise.all(ids.map((id) => stage.store.orders.load(String(id))));
};
const shown = (orders: readonly OrderRecord[]) =>
  orders.map(({ type, status, quantity, price, stopPrice }) => [type, status, quantity, stopPrice ?? price]);
const atVenue = async (): Promise<readonly VenueOrder[]> =>
  (await stage.admin<{ orders: readonly VenueOrder[] }>('GET', 'ledger')).orders;
const openAtVenue = async () => (await atVenue()).filter(({ status }) => status === 'NEW');
const heldBase = async () =>
  (await stage.store.balances.read({ environment: 'live', exchange: 'simulator' })).get('BTC');
const fault = (over: Readonly<Record<string, unknown>>) =>
  stage.admin('POST', 'faults', { route: 'POST /api/v3/orderList/oco', ...over });

const calm = Array.from({ length: 10 }, () => '100');

describe('a position that was entered', () => {
  it('is covered by a stop and a target as a pair, which reserve what is held once', async () => {
    await begin(calm);
    await enter();
    const view = await guard();
    const { quantity } = (await protection())[0]!;
    expect(view).toMatchObject({ state: 'resting', stop: '95', target: '110', exit: null });
    expect(shown(await protection())).toEqual([
      ['STOP_LOSS', 'open', quantity, '95'],
      ['TAKE_PROFIT', 'open', quantity, '110'],
    ]);
    expect((await openAtVenue()).map(({ type }) => type).toSorted()).toEqual(['LIMIT_MAKER', 'STOP_LOSS']);
    expect(text((await heldBase())!.locked)).toBe(quantity);
  });

  it('is looked at again without a change', async () => {
    await begin(calm);
    await enter();
    await guard();
    const before = [
      await countRows(stage.pool, 'orders', sql.fragment`true`),
      await countRows(stage.pool, 'audit_logs', sql.fragment`true`),
    ];
    expect(await guard()).toMatchObject({ state: 'resting' });
    expect([
      await countRows(stage.pool, 'orders', sql.fragment`true`),
      await countRows(stage.pool, 'audit_logs', sql.fragment`true`),
    ]).toEqual(before);
  });

  it.each([
    ['stop', ['100', '100', '94', '94'], 'STOP_LOSS', 'TAKE_PROFIT'],
    ['target', ['100', '100', '111', '111'], 'TAKE_PROFIT', 'STOP_LOSS'],
  ])('is left by its %s at the venue, and the other order ends', async (_, closes, filled, other) => {
    await begin(closes);
    await enter();
    await guard();
    await stage.closeOf(2);
    expect(await guard()).toMatchObject({ state: 'flat', held: '0' });
    const byType = Object.fromEntries((await protection()).map((order) => [order.type, order.status]));
    expect(byType[filled]).toBe('filled');
    expect(['expired', 'cancelled']).toContain(byType[other]);
    expect(await stage.store.positions.of(strategyId)).toEqual([]);
    expect(text((await heldBase())!.locked)).toBe('0');
  });

  it('is left by its exit, which takes the protection back first', async () => {
    await begin(calm);
    await enter();
    await guard();
    expect(await leave()).toMatchObject({ status: 'filled' });
    expect(await openAtVenue()).toEqual([]);
    expect(await guard()).toMatchObject({ state: 'flat' });
  });

  it('keeps its protection where trading is halted and its exit may not go', async () => {
    await begin(calm);
    await enter();
    await guard();
    const before = await openAtVenue();
    await fireEvent(stage.pool, { environment: 'live', actions: [], coolDownUntil: marketStart });
    expect(await leave()).toMatchObject({
      status: 'rejected',
      note: expect.stringMatching(/^EntryForbidden: .*HALTED/),
    });
    expect(await openAtVenue()).toEqual(before);
    expect(before).toHaveLength(2);
  });

  it('is not sold twice where the stop filled before the exit came', async () => {
    await begin(['100', '100', '94', '94']);
    await enter();
    await guard();
    await stage.closeOf(2);
    expect(await leave()).toMatchObject({ status: 'cancelled', filledQuantity: '0' });
    expect(await guard()).toMatchObject({ state: 'flat' });
    expect((await atVenue()).filter(({ type }) => type === 'MARKET')).toHaveLength(1);
  });

  it('stays covered while an exit is refused', async () => {
    await begin(calm);
    await enter();
    await guard();
    await stage.admin('POST', 'faults', {
      route: 'POST /api/v3/order',
      kind: 'reject',
      code: -2010,
      msg: 'Account has insufficient balance for requested action.',
    });
    expect(await leave()).toMatchObject({ status: 'rejected' });
    expect(await guard()).toMatchObject({ state: 'resting', stop: '95' });
    expect(await openAtVenue()).toHaveLength(2);
  });
});

describe('a stop that trails', () => {
  const trailing: Partial<RiskParams> = {
    ...protectedBy,
    take_profit_pct: null,
    stop_loss_pct: null,
    trailing_stop_pct: 5,
  };

  it('is moved at the venue by a close that made a new best price, and only then', async () => {
    await begin(['100', '102', '104', '103', '103'], trailing);
    await stage.closeOf(0);
    await stage.handleClose(null);
    await enter({ candleTime: marketStart, decidedAt: marketStart + minute });
    expect(await guard()).toMatchObject({ state: 'resting', stop: '95' });
    await stage.closeOf(2);
    const tick = await stage.handleClose(marketStart);
    expect(tick.guards).toEqual([`guard/${strategyId}/BTCUSDT/live`]);
    expect(await guard()).toMatchObject({ state: 'resting', stop: '98.8' });
    expect((await openAtVenue()).map(({ stopPrice }) => Number(stopPrice))).toEqual([98.8]);
    await stage.closeOf(3);
    expect((await stage.handleClose(marketStart + 2 * minute)).guards).toEqual([]);
  });
});

describe('a limit entry that fills in parts', () => {
  it('has its protection resized to what is held', async () => {
    const risk = { ...protectedBy, order: { type: 'limit', offset_bps: 0, expire_bars: 20 } } as const;
    await begin(['100.5', '100.4', '100.1', '99.8', '99.6', '99.6'], risk, { volume: '20' });
    const entry = intent();
    await stage.activities.placeOrder(entry);
    let held = '0';
    const sizes: string[] = [];
    for (let bar = 2; bar < 6; bar += 1) {
      await stage.closeOf(bar);
      await stage.activities.syncOrder(entry.orderId);
      const view = await guard();
      if (view.held === held) continue;
      held = view.held;
      const live = (await protection()).filter(({ status }) => status === 'open');
      expect(live).toHaveLength(2);
      sizes.push(live[0]!.quantity);
      expect(Number(live[0]!.quantity)).toBeLessThanOrEqual(Number(held));
    }
    expect(sizes.length).toBeGreaterThan(1);
    expect(sizes.map(Number)).toEqual(sizes.map(Number).toSorted((a, b) => a - b));
  });
});

describe('a pair whose answer is lost', () => {
  it.each([['reset'], ['error'], ['truncate']])(
    'after the venue took it (%s) is asked about and sent once',
    async (kind) => {
      await begin(calm);
      await enter();
      await fault({ kind });
      expect(await guardUntilSettled()).toMatchObject({ state: 'resting', stop: '95', target: '110' });
      expect((await atVenue()).filter(({ type }) => type === 'STOP_LOSS')).toHaveLength(1);
      expect(await countRows(stage.pool, 'orders', sql.fragment`intent = 'protection'`)).toBe(2);
    },
  );
});

describe('a position that cannot be covered', () => {
  it('is left at once where the market is beyond the stop already', async () => {
    await begin(['100', '100', '94', '94']);
    await enter();
    await stage.closeOf(2);
    const view = await guard();
    expect(view).toMatchObject({ state: 'leaving', exit: { kind: 'exit', side: 'SELL', strategyId } });
    expect(await stage.activities.placeOrder(view.exit!)).toMatchObject({ status: 'filled' });
    expect(await guard()).toMatchObject({ state: 'flat' });
  });

  it('is left so while trading is halted, too: what goes out stands for its stop', async () => {
    await begin(['100', '100', '94', '94']);
    await enter();
    await stage.closeOf(2);
    await haltByHand(stage.pool, { environment: 'live', by: 'tom', reason: 'odd', actions: ['notify'] });
    const { exit } = await guard();
    expect(exit).toMatchObject({ protection: { type: 'STOP_LOSS', price: '95' } });
    expect(await stage.activities.placeOrder(exit!)).toMatchObject({ status: 'filled' });
  });

  it('is a person’s business once it has been so for too long', async () => {
    await begin(calm, protectedBy, { MASTERTRADE_UNPROTECTED_LIMIT_MS: '0' });
    await enter();
    await fault({ kind: 'reject', code: -2010, msg: 'This action is disabled on this account.' });
    expect(await guard()).toMatchObject({ state: 'unprotected' });
    const critical = sql.fragment`alert_type = 'position_unprotected' AND severity = 'critical'`;
    expect(await countRows(stage.pool, 'alerts', critical)).toBe(1);
    expect(await guard()).toMatchObject({ state: 'resting' });
  });

  it('is tried again in passing trouble, and covered once', async () => {
    await begin(calm);
    await enter();
    await fault({ kind: 'ban', ms: 300 });
    expect(await guardUntilSettled()).toMatchObject({ state: 'resting' });
    expect((await atVenue()).filter(({ type }) => type === 'STOP_LOSS')).toHaveLength(1);
  });

  it('is not covered a second time while nobody knows what became of the first: a person is told', async () => {
    await begin(calm, protectedBy, { MASTERTRADE_ORDER_HORIZON_MS: '20000' });
    await enter();
    await fault({ kind: 'maintenance' });
    await expect(guard()).rejects.toMatchObject({ message: expect.stringContaining('does not show') });
    await stage.closeOf(2);
    expect(await guardUntilSettled()).toMatchObject({ state: 'unprotected' });
    expect((await protection()).map(({ status }) => status)).toEqual(['unknown', 'unknown']);
    expect((await atVenue()).filter(({ type }) => type === 'STOP_LOSS')).toHaveLength(0);
    expect(await countRows(stage.pool, 'alerts', sql.fragment`alert_type = 'order_unknown'`)).toBe(2);

    for (const { orderId } of await protection())
      await settleUnknown(stage.pool, { orderId, actor: 'ada', reason: 'not in its order history' });
    expect(
      await countRows(stage.pool, 'alerts', sql.fragment`alert_type = 'order_unknown' AND status = 'resolved'`),
    ).toBe(2);
    expect(text((await heldBase())!.locked)).toBe('0');
    await stage.admin('DELETE', 'faults');
    expect(await guard()).toMatchObject({ state: 'resting', stop: '95' });
    await expect(
      settleUnknown(stage.pool, { orderId: (await protection())[0]!.orderId, actor: 'ada', reason: 'again' }),
    ).rejects.toMatchObject({ name: 'IllegalTransition' });
  });
});
