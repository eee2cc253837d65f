import { sql } from 'slonik';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NewOrder } from '../../src/adapters/postgres/orders.ts';
import type { VenueOrderReport } from '../../src/contracts/venue.ts';
import { dec, sum, text } from '../../src/domain/decimal.ts';
import type { Fill } from '../../src/domain/orders/order.ts';
import {
  type TradingDatabase,
  accountingRows,
  addStrategy,
  countRows,
  createTradingDatabase,
  newOrder,
} from '../support/trading.ts';

const account = { environment: 'live', exchange: 'simulator' } as const;
const opening = { USDT: '100000', BTC: '10', BNB: '5' };

let database: TradingDatabase;
let strategyId: string;

const openAccount = async (of: TradingDatabase, amounts: Readonly<Record<string, string>> = opening): Promise<void> => {
  await of.store.balances.open(account, amounts, 0);
};

beforeEach(async () => {
  database = await createTradingDatabase();
  strategyId = await addStrategy(database.pool, 'active');
});
afterEach(() => database.drop());

/** An order that is at the venue: written, reserved, marked `submitting`. */
const submitted = async (over: Partial<NewOrder> = {}, reserve?: string): Promise<NewOrder> => {
  const order = newOrder(strategyId, over);
  await database.store.orders.insert(order, 'test');
  const buys = order.side === 'BUY';
  await database.store.orders.markSubmitting({
    orderId: order.orderId,
    sentAt: 60_000,
    reserveAsset: buys ? 'USDT' : 'BTC',
    reserveAmount: reserve ?? (buys ? '1000' : order.quantity),
    actor: 'test',
  });
  return order;
};

const fill = (id: number, quantity: string, over: Partial<Fill> = {}): Fill => ({
  tradeId: String(id),
  price: '100',
  quantity,
  commission: '0',
  commissionAsset: 'USDT',
  executedAt: 100_000 + id,
  ...over,
});

const reportOf = (
  order: NewOrder,
  status: VenueOrderReport['status'],
  fills: readonly Fill[],
  filledQuantity = text(sum(fills.map((one) => dec(one.quantity)))),
): VenueOrderReport => ({
  clientOrderId: order.clientOrderId,
  exchangeOrderId: `venue-${order.clientOrderId}`,
  status,
  filledQuantity,
  fills,
  reportedAt: 200_000,
});

const apply = (order: NewOrder, report: VenueOrderReport) =>
  database.store.orders.applyReport(order.orderId, report, 'test');

const orderAudits = (orderId: string) =>
  countRows(database.pool, 'audit_logs', sql.fragment`entity_type = 'order' AND entity_id = ${orderId}`);

const orderAndBalances = async () => {
  const { orders, balances } = await accountingRows(database.pool);
  return { orders, balances };
};

describe('one report', () => {
  beforeEach(() => openAccount(database));

  it('books trades, order, position and balances by hand: 1 in two fills at 100 and 110, fee in base', async () => {
    const order = await submitted();
    const fills = [
      fill(1, '0.4', { commission: '0.0004', commissionAsset: 'BTC' }),
      fill(2, '0.6', { price: '110', commission: '0.0006', commissionAsset: 'BTC' }),
    ];
    await apply(order, reportOf(order, 'filled', fills));
    const rows = await accountingRows(database.pool);
    expect(rows.orders).toEqual([
      expect.objectContaining({
        status: 'filled',
        filled_quantity: '1.00000000',
        average_fill_price: '106.00000000',
        commission: '0.00100000',
        commission_asset: 'BTC',
        reserved_asset: null,
        reserved_amount: null,
      }),
    ]);
    expect(rows.trades).toHaveLength(2);
    expect(rows.positions).toEqual([
      expect.objectContaining({
        side: 'LONG',
        quantity: '0.99900000',
        cost_basis_exact: '106',
        current_price: '110.00000000',
      }),
    ]);
    expect(rows.balances).toEqual([
      expect.objectContaining({ asset: 'BNB', free: '5', locked: '0' }),
      expect.objectContaining({ asset: 'BTC', free: '10.999', locked: '0' }),
      expect.objectContaining({ asset: 'USDT', free: '99894', locked: '0' }),
    ]);
  });

  it('pays a fee in a third asset from that asset', async () => {
    const order = await submitted();
    await apply(order, reportOf(order, 'filled', [fill(1, '1', { commission: '0.1', commissionAsset: 'BNB' })]));
    const { balances } = await accountingRows(database.pool);
    expect(balances).toContainEqual(expect.objectContaining({ asset: 'BNB', free: '4.9' }));
    expect(balances).toContainEqual(expect.objectContaining({ asset: 'USDT', free: '99900' }));
  });

  it('realizes a sale, closes the position and leaves its trace', async () => {
    const buy = await submitted();
    await apply(buy, reportOf(buy, 'filled', [fill(1, '1')]));
    const sale = await submitted({ side: 'SELL' });
    await apply(sale, reportOf(sale, 'filled', [fill(2, '1', { price: '130', commission: '2' })]));
    const rows = await accountingRows(database.pool);
    expect(rows.positions).toEqual([]);
    expect(rows.trades).toContainEqual(
      expect.objectContaining({ exchange_trade_id: '2', realized_pnl: '28.00', realized_pnl_exact: '28' }),
    );
    expect(await countRows(database.pool, 'audit_logs', sql.fragment`action = 'close_position'`)).toBe(1);
  });

  it('leaves one audit row for what it changed and none for what it did not', async () => {
    const order = await submitted();
    const before = await orderAudits(order.orderId);
    const report = reportOf(order, 'partially_filled', [fill(1, '0.5')]);
    await apply(order, report);
    expect(await orderAudits(order.orderId)).toBe(before + 1);
    await apply(order, report);
    expect(await orderAudits(order.orderId)).toBe(before + 1);
    expect(await countRows(database.pool, 'audit_logs', sql.fragment`entity_type = 'position'`)).toBe(1);
  });
});

describe('reports in any order', () => {
  beforeEach(() => openAccount(database));

  it('FILLED before its trades stays open until they add up', async () => {
    const order = await submitted();
    expect(await apply(order, reportOf(order, 'filled', [], '1'))).toMatchObject({
      status: 'open',
      filledQuantity: '0',
    });
    expect(await apply(order, reportOf(order, 'filled', [fill(1, '0.4')], '1'))).toMatchObject({
      status: 'partially_filled',
      filledQuantity: '0.4',
    });
    const early = await accountingRows(database.pool);
    expect(early.orders).toEqual([expect.objectContaining({ reserved_asset: 'USDT', reserved_amount: '960' })]);
    expect(await apply(order, reportOf(order, 'filled', [fill(1, '0.4'), fill(2, '0.6')]))).toMatchObject({
      status: 'filled',
      reservedAmount: null,
    });
  });

  it('cancelled before its trades keeps its fills: it ends when they add up', async () => {
    const order = await submitted();
    expect((await apply(order, reportOf(order, 'cancelled', [], '0.4'))).status).toBe('open');
    expect(await apply(order, reportOf(order, 'cancelled', [fill(1, '0.4')]))).toMatchObject({
      status: 'cancelled',
      filledQuantity: '0.4',
    });
  });

  it.each(['filled', 'cancelled', 'expired'] as const)('%s stays so, whatever is said afterwards', async (end) => {
    const order = await submitted();
    const fills = end === 'filled' ? [fill(1, '1')] : [fill(1, '0.4')];
    await apply(order, reportOf(order, end, fills));
    const after = await accountingRows(database.pool);
    for (const late of ['open', 'partially_filled', 'filled', 'cancelled', 'rejected', 'expired'] as const) {
      expect((await apply(order, reportOf(order, late, []))).status).toBe(end);
    }
    expect(await accountingRows(database.pool)).toEqual(after);
  });

  it('books a trade that is told of after the end, and the order stays ended', async () => {
    const order = await submitted();
    await apply(order, reportOf(order, 'cancelled', [fill(2, '0.4')]));
    const late = await apply(order, reportOf(order, 'cancelled', [fill(1, '0.3'), fill(2, '0.4')]));
    expect(late).toMatchObject({ status: 'cancelled', filledQuantity: '0.7' });
    const { balances, positions } = await accountingRows(database.pool);
    expect(positions).toEqual([expect.objectContaining({ quantity: '0.70000000' })]);
    expect(balances).toContainEqual(expect.objectContaining({ asset: 'USDT', free: '99930', locked: '0' }));
  });

  it('a trade told of late changes what later ones realized, and takes back what no longer closes anything', async () => {
    const first = await submitted();
    const sale = await submitted({ side: 'SELL' });
    const second = await submitted();
    await apply(sale, reportOf(sale, 'filled', [fill(2, '1', { price: '120' })]));
    await apply(second, reportOf(second, 'filled', [fill(3, '1', { price: '110' })]));
    const realized = async () =>
      (await accountingRows(database.pool)).trades.map(
        (row) => (row as { realized_pnl_exact: unknown }).realized_pnl_exact,
      );
    expect(await realized()).toEqual([null, '10']);
    await apply(first, reportOf(first, 'filled', [fill(1, '1', { price: '100' })]));
    expect(await realized()).toEqual([null, '20', null]);
    expect((await accountingRows(database.pool)).positions).toEqual([
      expect.objectContaining({ quantity: '1.00000000', cost_basis_exact: '110', realized_pnl_exact: '0' }),
    ]);
  });
});

describe('reports at the same time', () => {
  beforeEach(() => openAccount(database));

  it('of one order count once', async () => {
    const order = await submitted();
    const report = reportOf(order, 'filled', [fill(1, '0.4'), fill(2, '0.6')]);
    const before = await orderAudits(order.orderId);
    await Promise.all(Array.from({ length: 8 }, () => apply(order, report)));
    const { trades, balances, positions } = await accountingRows(database.pool);
    expect(trades).toHaveLength(2);
    expect(positions).toEqual([expect.objectContaining({ quantity: '1.00000000' })]);
    expect(balances).toContainEqual(expect.objectContaining({ asset: 'USDT', free: '99900', locked: '0' }));
    expect(await orderAudits(order.orderId)).toBe(before + 1);
  });

  it('of orders in both directions on one account neither block nor lose money', async () => {
    const orders = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        index % 2 === 0
          ? submitted({ orderId: `00000000-0000-5000-8000-00000000000${index}` })
          : submitted({ orderId: `00000000-0000-5000-8000-00000000000${index}`, side: 'SELL' }),
      ),
    );
    await Promise.all(orders.map((order, index) => apply(order, reportOf(order, 'filled', [fill(index + 1, '1')]))));
    const { balances, trades, positions } = await accountingRows(database.pool);
    expect(trades).toHaveLength(10);
    expect(positions).toEqual([]);
    expect(balances).toContainEqual(expect.objectContaining({ asset: 'USDT', free: '100000', locked: '0' }));
    expect(balances).toContainEqual(expect.objectContaining({ asset: 'BTC', free: '10', locked: '0' }));
  });

  it('of two strategies on one symbol stay apart, and a trade id counts for whom it was reported first', async () => {
    const mine = await submitted();
    const theirStrategy = await addStrategy(database.pool, 'active');
    const theirs = newOrder(theirStrategy);
    await database.store.orders.insert(theirs, 'test');
    await database.store.orders.markSubmitting({
      orderId: theirs.orderId,
      sentAt: 60_000,
      reserveAsset: 'USDT',
      reserveAmount: '1000',
      actor: 'test',
    });
    await Promise.all([
      apply(mine, reportOf(mine, 'filled', [fill(1, '1')])),
      apply(theirs, reportOf(theirs, 'partially_filled', [fill(2, '0.5')])),
    ]);
    await apply(theirs, reportOf(theirs, 'partially_filled', [fill(1, '1'), fill(2, '0.5')], '0.5'));
    const [ours] = await database.store.positions.of(strategyId);
    const [other] = await database.store.positions.of(theirStrategy);
    expect([ours?.quantity, other?.quantity]).toEqual(['1', '0.5']);
    expect(await database.store.orders.find(theirs.orderId)).toMatchObject({ filledQuantity: '0.5' });
    expect(await countRows(database.pool, 'trades')).toBe(2);
  });
});

describe('a fill that the books cannot pay for', () => {
  it('is refused with nothing half-written', async () => {
    await openAccount(database, { USDT: '50', BTC: '0' });
    const order = await submitted({}, '50');
    const before = await orderAndBalances();
    await expect(apply(order, reportOf(order, 'filled', [fill(1, '0.5'), fill(2, '0.5')]))).rejects.toMatchObject({
      name: 'InsufficientFunds',
    });
    expect(await orderAndBalances()).toEqual(before);
    expect(await countRows(database.pool, 'trades')).toBe(0);
    expect(await countRows(database.pool, 'positions')).toBe(0);
    expect(await countRows(database.pool, 'audit_logs', sql.fragment`entity_type = 'position'`)).toBe(0);
  });

  it('is told of an order there is none of', async () => {
    const nowhere = newOrder(strategyId);
    await expect(apply(nowhere, reportOf(nowhere, 'open', []))).rejects.toMatchObject({ name: 'NotFound' });
  });
});
