import { type CommonQueryMethods, type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { totalOf } from '../../domain/accounting/balance.ts';
import { text } from '../../domain/decimal.ts';
import { isTerminal } from '../../domain/orders/order.ts';
import { type Account, readBalances } from './balances.ts';
import { isUnfinished } from './order-states.ts';
import { type OrderRecord, lockOrder, moveOrder, ordersWhere } from './orders.ts';
import { timestamp } from './pool.ts';
import { epochMs } from './rows.ts';

/** An order of ours with the time since its row last changed. */
export interface AgedOrder {
  readonly order: OrderRecord;
  readonly ageMs: number;
}

const ofAccount = ({ environment, exchange }: Account) =>
  sql.fragment`environment = ${environment} AND exchange = ${exchange} AND client_order_id IS NOT NULL`;

/** When the account's opening balances were read, venue time in epoch ms; null where it has not been used yet. */
export const accountOpenedAt = async (db: CommonQueryMethods, account: Account): Promise<number | null> => {
  const { at } = await db.one(sql.type(z.object({ at: epochMs.nullable() }))`
    SELECT min(occurred_at) AS at FROM balance_flows
    WHERE environment = ${account.environment} AND exchange = ${account.exchange} AND kind = 'opening'`);
  return at;
};

/** Orders of an account that are not over, and those that are named, oldest first. */
export const ordersToCompare = async (
  db: CommonQueryMethods,
  account: Account,
  named: { readonly exchangeOrderIds: readonly string[]; readonly clientOrderIds: readonly string[] },
): Promise<readonly OrderRecord[]> =>
  await ordersWhere(
    db,
    sql.fragment`${ofAccount(account)} AND (${isUnfinished()}
      OR exchange_order_id = ANY(${sql.array([...named.exchangeOrderIds], 'text')})
      OR client_order_id = ANY(${sql.array([...named.clientOrderIds], 'text')}))`,
  );

const ageRow = z.object({ id: z.string(), age_ms: z.number() });

/** Orders of an account that are not over, with their age by the database's clock. */
export const unfinishedByAge = async (db: CommonQueryMethods, account: Account): Promise<readonly AgedOrder[]> => {
  const ages = await db.any(sql.type(ageRow)`
    SELECT id, (extract(epoch FROM now() - updated_at) * 1000)::float8 AS age_ms
    FROM orders WHERE ${ofAccount(account)} AND ${isUnfinished()}`);
  const ageOf = new Map(ages.map((row) => [row.id, row.age_ms]));
  const orders = await ordersWhere(db, sql.fragment`${ofAccount(account)} AND ${isUnfinished()}`);
  return orders.map((order) => ({ order, ageMs: ageOf.get(order.orderId) ?? 0 }));
};

/** Every market that the account has orders on. */
export const tradedSymbols = async (db: CommonQueryMethods, account: Account): Promise<readonly string[]> => {
  const rows = await db.any(sql.type(z.object({ symbol: z.string() }))`
    SELECT DISTINCT symbol FROM orders WHERE ${ofAccount(account)}
    UNION SELECT symbol FROM reconciliation_cursors
    WHERE environment = ${account.environment} AND exchange = ${account.exchange} ORDER BY symbol`);
  return rows.map(({ symbol }) => symbol);
};

/** Quote assets of the account's orders: what a foreign asset may have been bought with. */
export const quoteAssets = async (db: CommonQueryMethods, account: Account): Promise<readonly string[]> => {
  const rows = await db.any(sql.type(z.object({ quote: z.string() }))`
    SELECT DISTINCT metadata ->> 'quote' AS quote FROM orders WHERE ${ofAccount(account)} AND metadata ? 'quote'`);
  return rows.map(({ quote }) => quote);
};

const movingRow = z.object({ base: z.string().nullable(), quote: z.string().nullable(), fee: z.string().nullable() });

/** Assets of orders that changed within the last `ms` by the database's clock, those of their fees included. */
export const assetsMovedWithin = async (
  db: CommonQueryMethods,
  account: Account,
  ms: number,
): Promise<readonly string[]> => {
  const rows = await db.any(sql.type(movingRow)`
    SELECT DISTINCT metadata ->> 'base' AS base, metadata ->> 'quote' AS quote, t.commission_asset AS fee
    FROM orders o LEFT JOIN LATERAL (SELECT DISTINCT commission_asset FROM trades WHERE order_id = o.id) t ON true
    WHERE ${ofAccount(account)} AND o.updated_at > now() - ${ms / 1000}::float8 * interval '1 second'`);
  return [...new Set(rows.flatMap(({ base, quote, fee }) => [base, quote, fee]))].filter((asset) => asset !== null);
};

/** Free and locked together, by asset, decimal text. */
export const totalsOf = async (db: CommonQueryMethods, account: Account): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries([...(await readBalances(db, account))].map(([asset, balance]) => [asset, text(totalOf(balance))]));

export const readCursor = async (db: CommonQueryMethods, account: Account, symbol: string): Promise<string | null> => {
  const row = await db.maybeOne(sql.type(z.object({ last_trade_id: z.string() }))`
    SELECT last_trade_id FROM reconciliation_cursors
    WHERE environment = ${account.environment} AND exchange = ${account.exchange} AND symbol = ${symbol}`);
  return row?.last_trade_id ?? null;
};

/** Moves a cursor; one that stands there already is not written. */
export const saveCursor = async (
  db: CommonQueryMethods,
  account: Account,
  symbol: string,
  tradeId: string,
): Promise<void> => {
  await db.query(sql.unsafe`
    INSERT INTO reconciliation_cursors AS seen (environment, exchange, symbol, last_trade_id)
    VALUES (${account.environment}, ${account.exchange}, ${symbol}, ${tradeId})
    ON CONFLICT (environment, exchange, symbol) DO UPDATE SET last_trade_id = EXCLUDED.last_trade_id, updated_at = now()
    WHERE seen.last_trade_id <> EXCLUDED.last_trade_id`);
};

/** Which of a symbol's trade ids have a row. */
export const bookedTrades = async (
  db: CommonQueryMethods,
  account: Account,
  symbol: string,
  tradeIds: readonly string[],
): Promise<ReadonlySet<string>> => {
  const rows = await db.any(sql.type(z.object({ exchange_trade_id: z.string() }))`
    SELECT exchange_trade_id FROM trades
    WHERE environment = ${account.environment} AND exchange = ${account.exchange} AND symbol = ${symbol}
      AND exchange_trade_id = ANY(${sql.array([...tradeIds], 'text')})`);
  return new Set(rows.map((row) => row.exchange_trade_id));
};

/** The newest stored close of a symbol before a time in epoch ms, decimal text. */
export const closeBefore = async (db: CommonQueryMethods, symbol: string, time: number): Promise<string | null> => {
  const row = await db.maybeOne(sql.type(z.object({ close: z.string() }))`
    SELECT close FROM market_data WHERE symbol = ${symbol} AND timestamp <= ${timestamp(time)}
    ORDER BY timestamp DESC LIMIT 1`);
  return row?.close ?? null;
};

/** Ends an order that was never sent; one that has been sent meanwhile stays as it is. */
export const giveUpUnsent = async (
  pool: DatabasePool,
  orderId: string,
  change: { readonly note: string; readonly actor: string },
): Promise<OrderRecord> =>
  await pool.transaction(async (tx) => {
    const order = await lockOrder(tx, orderId);
    if (isTerminal(order.status) || order.status !== 'pending') return order;
    return await moveOrder(tx, order, { status: 'cancelled', ...change });
  });
