import { sql } from 'slonik';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkBooks } from '../../src/adapters/postgres/books-check.ts';
import type { NewOrder, OrderMetadata } from '../../src/adapters/postgres/orders.ts';
import { submitProtection } from '../../src/adapters/postgres/protection.ts';
import type { VenueOrderReport } from '../../src/contracts/venue.ts';
import { dec, sum, text } from '../../src/domain/decimal.ts';
import type { Fill } from '../../src/domain/orders/order.ts';
import {
  type TradingDatabase,
  accountingRows,
  addStrategy,
  createTradingDatabase,
  newOrder,
} from '../support/trading.ts';

const dayMs = 86_400_000;

let database: TradingDatabase;
let strategyId: string;
let nextTrade: number;

beforeEach(async () => {
  database = await createTradingDatabase();
  strategyId = await addStrategy(database.pool, 'active');
  nextTrade = 10;
});
afterEach(() => database.drop());

const open = (environment: 'paper' | 'live', amounts: Readonly<Record<string, string>>): Promise<void> =>
  database.store.balances.open({ environment, exchange: 'simulator' }, amounts, 0);

const submitted = async (
  over: Partial<NewOrder>,
  [reserveAmount, reserveAsset]: readonly [string, string],
  metadata: Partial<OrderMetadata> = {},
): Promise<NewOrder> => {
  const plain = newOrder(strategyId, over);
  const order = { ...plain, metadata: { ...plain.metadata, ...metadata } };
  await database.store.orders.insert(order, 'test');
  const { orderId } = order;
  await database.store.orders.markSubmitting({ orderId, sentAt: 0, reserveAsset, reserveAmount, actor: 'test' });
  return order;
};

const fill = (quantity: string, price = '100', over: Partial<Fill> = {}): Fill => {
  const id = nextTrade++;
  return { tradeId: String(id), price, quantity, commission: '0', commissionAsset: 'USDT', executedAt: id, ...over };
};

const report = (order: NewOrder, status: VenueOrderReport['status'], fills: readonly Fill[]) =>
  database.store.orders.applyReport(
    order.orderId,
    {
      clientOrderId: order.clientOrderId,
      exchangeOrderId: `venue-${order.clientOrderId}`,
      status,
      filledQuantity: text(sum(fills.map((one) => dec(one.quantity)))),
      fills,
      reportedAt: 0,
    },
    'test',
  );

/** Free and locked of each asset that is there. */
const balances = async (): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries(
    (await accountingRows(database.pool)).balances.map((row) => {
      const { asset, free, locked } = row as Readonly<Record<'asset' | 'free' | 'locked', string>>;
      return [asset, locked === '0' ? free : `${free} + ${locked} locked`];
    }),
  );

const positionRow = z.object({
  side: z.string(),
  quantity: z.string(),
  collateral: z.string(),
  entry_fill_price: z.string(),
});
const positions = () =>
  database.pool.any(sql.type(positionRow)`
    SELECT side, trim_scale(quantity)::text AS quantity, trim_scale(collateral)::text AS collateral,
           trim_scale(entry_fill_price)::text AS entry_fill_price FROM positions`);

const auditRow = z.object({ action: z.string(), new: z.record(z.string(), z.string()) });
const audits = () =>
  database.pool.any(sql.type(auditRow)`
    SELECT action, new_value - 'order' AS new FROM audit_logs WHERE entity_type = 'position' ORDER BY id`);

const closing = { side: 'SELL', kind: 'exit', reduceOnly: true } as const;

describe('dust', () => {
  const limits = { minQuantity: '0.01', minNotional: '5' };
  const bought = async (): Promise<void> => {
    await open('live', { USDT: '1000' });
    const entry = await submitted({}, ['200', 'USDT'], limits);
    await report(entry, 'filled', [fill('1')]);
  };

  it('ends a position by name, with quantity and value, and the base stays on the account', async () => {
    await bought();
    const exit = await submitted({ ...closing, quantity: '0.96' }, ['0.96', 'BTC'], limits);
    await report(exit, 'filled', [fill('0.96', '110')]);
    expect(await positions()).toEqual([]);
    expect(await balances()).toMatchObject({ BTC: '0.04', USDT: '1005.6' });
    expect((await audits()).slice(1)).toEqual([
      {
        action: 'close_position_as_dust',
        new: { quantity: '0.04', value: '4.4', asset: 'BTC', trade: '11', realized_pnl: '5.6' },
      },
    ]);
    expect(await checkBooks(database.pool)).toEqual([]);
  });

  it('ends it when the order that leaves it ends, not while it works', async () => {
    await bought();
    const exit = await submitted(closing, ['1', 'BTC'], limits);
    const sold = fill('0.96');
    await report(exit, 'partially_filled', [sold]);
    expect(await positions()).toMatchObject([{ quantity: '0.04' }]);
    await report(exit, 'cancelled', [sold]);
    expect(await positions()).toEqual([]);
    expect((await audits()).at(-1)).toMatchObject({ action: 'close_position_as_dust', new: { quantity: '0.04' } });
    expect(await checkBooks(database.pool)).toEqual([]);
  });

  it('is reckoned again with a trade told of late, and that leaves its trace', async () => {
    await bought();
    const exit = await submitted(closing, ['1', 'BTC'], limits);
    const sold = fill('0.96');
    await report(exit, 'cancelled', [sold]);
    await report(exit, 'cancelled', [sold, fill('0.03')]);
    expect((await audits()).slice(-2)).toEqual([
      { action: 'withdraw_dust', new: {} },
      { action: 'close_position_as_dust', new: { quantity: '0.01', value: '1', asset: 'BTC', trade: '12' } },
    ]);
    expect(await balances()).toMatchObject({ BTC: '0.01', USDT: '999' });
    expect(await checkBooks(database.pool)).toEqual([]);
  });

  it('is sold by a reduce-only order that was still at work: no short is opened', async () => {
    await bought();
    const resting = await submitted({ ...closing, quantity: '0.04' }, ['0.04', 'BTC'], limits);
    const exit = await submitted({ ...closing, quantity: '0.96' }, ['0.96', 'BTC'], limits);
    await report(exit, 'filled', [fill('0.96')]);
    await report(resting, 'filled', [fill('0.04', '90')]);
    expect(await positions()).toEqual([]);
    expect(await balances()).toMatchObject({ BTC: '0', USDT: '999.6' });
    expect(await checkBooks(database.pool)).toEqual([]);
  });
});

describe('fees of several assets', () => {
  it('are split in the metadata, each paid from its own balance; P&L is net of base and quote alone', async () => {
    await open('live', { USDT: '1000', BNB: '1' });
    const entry = await submitted({ quantity: '3' }, ['400', 'USDT']);
    const fees = [
      { commission: '0.002', commissionAsset: 'BTC' },
      { commission: '0.5', commissionAsset: 'USDT' },
      { commission: '0.1', commissionAsset: 'BNB' },
    ];
    await report(
      entry,
      'filled',
      fees.map((fee) => fill('1', '100', fee)),
    );
    const { metadata } = await database.store.orders.load(entry.orderId);
    expect(metadata.commissions).toEqual({ BTC: '0.002', USDT: '0.5', BNB: '0.1' });
    const { orders } = await accountingRows(database.pool);
    expect(orders).toMatchObject([{ commission: null, commission_asset: null }]);
    expect(await balances()).toEqual({ BNB: '0.9', BTC: '2.998', USDT: '699.5' });
    const exit = await submitted({ ...closing, quantity: '2.998' }, ['2.998', 'BTC']);
    await report(exit, 'filled', [fill('2.998', '110', { commission: '0.2', commissionAsset: 'BNB' })]);
    const { trades } = await accountingRows(database.pool);
    expect(trades.at(-1)).toMatchObject({ realized_pnl_exact: '29.28' });
    expect(await balances()).toEqual({ BNB: '0.7', BTC: '0', USDT: '1029.28' });
  });

  it('a third asset that the books hold too little of refuses the report whole', async () => {
    await open('live', { USDT: '1000', BNB: '0.05' });
    const entry = await submitted({}, ['200', 'USDT']);
    const paid = fill('1', '100', { commission: '0.1', commissionAsset: 'BNB' });
    await expect(report(entry, 'filled', [paid])).rejects.toMatchObject({ name: 'InsufficientFunds' });
    expect(await balances()).toEqual({ BNB: '0.05', USDT: '800 + 200 locked' });
  });
});

describe('a short on paper', () => {
  const paper = { environment: 'paper' } as const;
  const shorts = { ...paper, side: 'SELL', kind: 'entry', reduceOnly: false } as const;
  const covers = { ...paper, side: 'BUY', kind: 'exit', reduceOnly: true } as const;
  const day = (days: number): Partial<Fill> => ({ executedAt: days * dayMs });

  it('locks collateral out of its reservation, moves no base, and frees all of it when it is covered', async () => {
    await open('paper', { USDT: '1000' });
    const entry = await submitted({ ...shorts, quantity: '2' }, ['220', 'USDT'], { borrowPct: '0.5' });
    expect(await balances()).toEqual({ USDT: '780 + 220 locked' });
    await report(entry, 'filled', [fill('2', '100', day(1))]);
    expect(await positions()).toEqual([{ side: 'SHORT', quantity: '2', collateral: '400', entry_fill_price: '100' }]);
    expect(await balances()).toEqual({ BTC: '0', USDT: '800 + 400 locked' });
    const cover = await submitted({ ...covers, quantity: '2' }, ['0', 'USDT']);
    await report(cover, 'partially_filled', [fill('0.5', '80', day(2))]);
    // A quarter of a day's 1 is charged: 1200 − 40 − 0.25.
    expect(await balances()).toEqual({ BTC: '0', USDT: '859.75 + 300 locked' });
    await report(cover, 'filled', [fill('1.5', '90', day(3))]);
    expect(await positions()).toEqual([]);
    // 0.75 from before and another day of 150: 1159.75 − 135 − 1.5.
    expect(await balances()).toEqual({ BTC: '0', USDT: '1023.25' });
    expect(await checkBooks(database.pool)).toEqual([]);
  });

  it('takes a loss beyond its collateral from what is free, and is refused where that is too little', async () => {
    await open('paper', { USDT: '300' });
    const entry = await submitted(shorts, ['105', 'USDT']);
    await report(entry, 'filled', [fill('1')]);
    expect(await balances()).toEqual({ BTC: '0', USDT: '200 + 200 locked' });
    const cover = await submitted(covers, ['0', 'USDT']);
    const dear = fill('1', '401');
    await expect(report(cover, 'filled', [dear])).rejects.toMatchObject({ name: 'InsufficientFunds' });
    expect(await balances()).toEqual({ BTC: '0', USDT: '200 + 200 locked' });
    await report(cover, 'filled', [{ ...dear, price: '350' }]);
    expect(await balances()).toEqual({ BTC: '0', USDT: '50' });
    expect(await checkBooks(database.pool)).toEqual([]);
  });

  it('flips through zero and back on one account', async () => {
    await open('paper', { USDT: '1000' });
    const long = await submitted(paper, ['110', 'USDT']);
    await report(long, 'filled', [fill('1')]);
    const flip = await submitted({ ...shorts, quantity: '3' }, ['220', 'USDT']);
    await report(flip, 'filled', [fill('3', '110')]);
    expect(await positions()).toEqual([{ side: 'SHORT', quantity: '2', collateral: '440', entry_fill_price: '110' }]);
    expect(await balances()).toEqual({ BTC: '0', USDT: '790 + 440 locked' });
    const back = await submitted({ ...paper, quantity: '2.5' }, ['0', 'USDT']);
    await report(back, 'filled', [fill('2.5')]);
    expect(await positions()).toEqual([{ side: 'LONG', quantity: '0.5', collateral: '0', entry_fill_price: '100' }]);
    expect(await balances()).toEqual({ BTC: '0.5', USDT: '980' });
    expect(await checkBooks(database.pool)).toEqual([]);
  });
});

describe('a pair', () => {
  it('sells what its first order has reserved for both, whichever of its ends is told of first', async () => {
    await open('live', { USDT: '200', BTC: '0' });
    const entry = await submitted({}, ['150', 'USDT']);
    await report(entry, 'filled', [fill('1')]);
    const leg = (): NewOrder => newOrder(strategyId, { ...closing, kind: 'protection', orderListId: 'pair' });
    const [stop, target] = [leg(), leg()];
    for (const order of [stop, target]) await database.store.orders.insert(order, 'test');
    const orderIds = [stop.orderId, target.orderId];
    await submitProtection(database.pool, { orderIds, sentAt: 0, actor: 'test' });
    expect(await balances()).toMatchObject({ BTC: '0 + 1 locked' });
    await report(target, 'partially_filled', [fill('0.4', '120')]);
    expect(await balances()).toMatchObject({ BTC: '0 + 0.6 locked', USDT: '148' });
    await report(target, 'filled', [fill('0.6', '120')]);
    await report(stop, 'expired', []);
    expect(await balances()).toEqual({ BTC: '0', USDT: '220' });
    expect(await checkBooks(database.pool)).toEqual([]);
  });
});
