import { type CommonQueryMethods, type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { reserve } from '../../domain/accounting/balance.ts';
import { dec, text } from '../../domain/decimal.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Environment } from '../../domain/orders/order.ts';
import { balanceOf, lockBalances, writeBalance } from './balances.ts';
import { isUnfinished } from './order-states.ts';
import {
  type NewOrder,
  type OrderRecord,
  lockOrder,
  moveOrder,
  ordersWhere,
  unfinishedOrders,
  writeNewOrder,
} from './orders.ts';
import { timestamp } from './pool.ts';
import { decimalText, epochMs } from './rows.ts';

/** One strategy's position on one market. */
export interface PositionKey {
  readonly strategyId: string;
  readonly symbol: string;
  readonly environment: Environment;
}

const heldRow = z
  .object({
    side: z.enum(['LONG', 'SHORT']),
    quantity: decimalText,
    exchange: z.string(),
    opened_at: epochMs,
    entry_price: z.string(),
  })
  .transform((row) => ({
    side: row.side,
    quantity: row.quantity,
    exchange: row.exchange,
    openedAt: row.opened_at,
    entryPrice: row.entry_price,
  }));

/** A position with the average price of its entry's fills, fees apart; `quantity` is decimal text, `openedAt` epoch ms. */
export type HeldRecord = z.infer<typeof heldRow>;

export const heldPosition = async (db: CommonQueryMethods, key: PositionKey): Promise<HeldRecord | null> =>
  await db.maybeOne(sql.type(heldRow)`
    SELECT p.side, p.quantity, p.exchange, p.opened_at, coalesce(p.entry_fill_price, p.entry_price) AS entry_price
    FROM positions p
    WHERE p.strategy_id = ${key.strategyId} AND p.symbol = ${key.symbol} AND p.environment = ${key.environment}`);

const ofPosition = (key: PositionKey) =>
  sql.fragment`strategy_id = ${key.strategyId} AND symbol = ${key.symbol} AND environment = ${key.environment}`;

/** Protective orders of a position that are not terminal, oldest first. */
export const protectiveOrders = async (db: CommonQueryMethods, key: PositionKey): Promise<readonly OrderRecord[]> =>
  await ordersWhere(
    db,
    sql.fragment`${ofPosition(key)} AND intent = 'protection'
      AND ${isUnfinished()}`,
  );

const countRow = z.object({ count: z.number() });

/** How many protective orders a position's strategy has ever had there: numbers the next ones. */
export const countProtectiveOrders = async (db: CommonQueryMethods, key: PositionKey): Promise<number> => {
  const { count } = await db.one(sql.type(countRow)`
    SELECT count(*)::int AS count FROM orders WHERE ${ofPosition(key)} AND intent = 'protection'`);
  return count;
};

/** Whether an order that closes the position is at work: protection then makes way for it. */
export const isLeaving = async (db: CommonQueryMethods, key: PositionKey): Promise<boolean> =>
  (await unfinishedOrders(db, key.strategyId)).some(
    ({ kind, symbol, environment }) => kind === 'exit' && symbol === key.symbol && environment === key.environment,
  );

/**
 * Writes protective orders as `pending`, unless the position is being left, is smaller than they are, or has others: the
 * strategy's row is locked, as it is where an exit is written, so that one of the two sees the other.
 * @returns Null where they were not written.
 */
export const insertProtection = async (
  pool: DatabasePool,
  key: PositionKey,
  legs: readonly NewOrder[],
  actor: string,
): Promise<readonly OrderRecord[] | null> =>
  await pool.transaction(async (tx) => {
    await tx.query(sql.unsafe`SELECT 1 FROM strategies WHERE id = ${key.strategyId} FOR NO KEY UPDATE`);
    const own = new Set(legs.map((leg) => leg.orderId));
    const others = (await protectiveOrders(tx, key)).filter(({ orderId }) => !own.has(orderId));
    const held = await heldPosition(tx, key);
    const isCovered = held !== null && legs.every((leg) => dec(leg.quantity).lte(dec(held.quantity)));
    if (others.length > 0 || !isCovered || (await isLeaving(tx, key))) return null;
    const written: OrderRecord[] = [];
    for (const leg of legs) {
      written.push(await writeNewOrder(tx, leg, actor));
    }
    return written;
  });

/**
 * `pending → submitting` for protective orders that are sent together. What they sell is reserved once, by the first. They lower
 * risk, so no trading state forbids them. Locks: balance, orders.
 * @param sentAt Venue time, epoch ms.
 * @returns Null where one of them was not pending any more.
 * @throws DomainError `InsufficientFunds`
 */
export const submitProtection = async (
  pool: DatabasePool,
  request: { readonly orderIds: readonly string[]; readonly sentAt: number; readonly actor: string },
): Promise<readonly OrderRecord[] | null> =>
  await pool.transaction(async (tx) => {
    const [first] = await ordersWhere(tx, sql.fragment`id = ANY(${sql.array([...request.orderIds], 'uuid')})`);
    if (!first) return null;
    const account = { environment: first.environment, exchange: first.exchange };
    const { base } = first.metadata;
    const balances = await lockBalances(tx, account, [base]);
    const orders: OrderRecord[] = [];
    for (const orderId of [...request.orderIds].sort()) orders.push(await lockOrder(tx, orderId));
    if (orders.some(({ status }) => status !== 'pending')) return null;
    const reserved = reserve(balanceOf(balances, base), dec(first.quantity));
    if (!reserved) {
      throw new DomainError(
        'InsufficientFunds',
        `protection of ${first.quantity} ${base} on ${first.exchange}: ${text(balanceOf(balances, base).free)} are free`,
        { next: 'compare the balances with the venue: `mastertrade reconcile`' },
      );
    }
    await writeBalance(tx, account, base, reserved);
    const moved: OrderRecord[] = [];
    for (const orderId of request.orderIds) {
      const order = orders.find((candidate) => candidate.orderId === orderId)!;
      const reserves = orderId === request.orderIds[0];
      moved.push(
        await moveOrder(tx, order, {
          status: 'submitting',
          actor: request.actor,
          note: 'sent to the venue',
          set: reserves
            ? sql.fragment`sent_at = ${timestamp(request.sentAt)}, reserved_asset = ${base}, reserved_amount = ${order.quantity}::numeric`
            : sql.fragment`sent_at = ${timestamp(request.sentAt)}`,
          ...(reserves ? { details: { reserved: `${order.quantity} ${base}` } } : {}),
        }),
      );
    }
    return moved;
  });

/** The orders of one pair. */
export const ordersOfList = async (db: CommonQueryMethods, orderListId: string): Promise<readonly OrderRecord[]> =>
  await ordersWhere(db, sql.fragment`order_list_id = ${orderListId}`);
