import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import { type Environment, orderKinds, orderStatuses } from '../../domain/orders/order.ts';
import { isUnfinished } from './order-states.ts';
import { timestamp } from './pool.ts';
import { decimalText, epochMs } from './rows.ts';

const orderRow = z
  .object({
    id: z.string(),
    strategy_id: z.string(),
    strategy: z.string(),
    symbol: z.string(),
    side: z.enum(['BUY', 'SELL']),
    order_type: z.string(),
    intent: z.enum(orderKinds).nullable(),
    status: z.enum(orderStatuses),
    quantity: decimalText,
    filled_quantity: decimalText,
    average_fill_price: decimalText.nullable(),
    reduce_only: z.boolean(),
    incident: z.number().nullable(),
    note: z.string().nullable(),
    updated_at: epochMs,
  })
  .transform((row) => ({
    orderId: row.id,
    strategyId: row.strategy_id,
    strategy: row.strategy,
    symbol: row.symbol,
    side: row.side,
    type: row.order_type,
    kind: row.intent,
    status: row.status,
    quantity: row.quantity,
    filledQuantity: row.filled_quantity,
    averageFillPrice: row.average_fill_price,
    reduceOnly: row.reduce_only,
    incident: row.incident,
    note: row.note ?? '',
    updatedAt: row.updated_at,
  }));

/** An order as a person in a hurry wants it, with its strategy's name. Decimals as text, `updatedAt` in epoch ms, wall time. */
export type DeskOrder = z.infer<typeof orderRow>;

const ordersWhere = async (
  db: CommonQueryMethods,
  condition: ReturnType<typeof sql.fragment>,
): Promise<readonly DeskOrder[]> =>
  await db.any(sql.type(orderRow)`
    SELECT o.id, o.strategy_id, s.name AS strategy, o.symbol, o.side, o.order_type, o.intent, o.status, o.quantity,
           o.filled_quantity, o.average_fill_price, o.reduce_only, (o.metadata ->> 'incident')::int AS incident,
           o.metadata ->> 'note' AS note, o.updated_at
    FROM orders o JOIN strategies s ON s.id = o.strategy_id
    WHERE ${condition} ORDER BY o.created_at, o.id`);

/** Orders of an environment that have not ended, those that are not sent yet included. */
export const ordersAtWork = async (db: CommonQueryMethods, environment: Environment): Promise<readonly DeskOrder[]> =>
  await ordersWhere(
    db,
    sql.fragment`o.environment = ${environment} AND o.client_order_id IS NOT NULL
      AND ${isUnfinished(sql.fragment`o.status`)}`,
  );

/** Orders by their ids, as they stand now. */
export const deskOrders = async (db: CommonQueryMethods, orderIds: readonly string[]): Promise<readonly DeskOrder[]> =>
  await ordersWhere(db, sql.fragment`o.id = ANY(${sql.array(orderIds, 'uuid')})`);

/** The orders by which a breaker's event closes positions. */
export const incidentOrders = async (db: CommonQueryMethods, eventId: number): Promise<readonly DeskOrder[]> =>
  await ordersWhere(db, sql.fragment`o.metadata ->> 'incident' = ${String(eventId)}`);

/** Orders of an environment that have filled and changed since an instant, epoch ms, wall time. */
export const filledSince = async (
  db: CommonQueryMethods,
  environment: Environment,
  since: number,
): Promise<readonly DeskOrder[]> =>
  await ordersWhere(
    db,
    sql.fragment`o.environment = ${environment} AND o.filled_quantity > 0
      AND o.updated_at >= ${timestamp(since)}`,
  );

const positionRow = z
  .object({
    strategy_id: z.string(),
    strategy: z.string(),
    symbol: z.string(),
    side: z.enum(['LONG', 'SHORT']),
    quantity: decimalText,
    entry_price: decimalText,
    current_price: decimalText.nullable(),
  })
  .transform((row) => ({
    strategyId: row.strategy_id,
    strategy: row.strategy,
    symbol: row.symbol,
    side: row.side,
    quantity: row.quantity,
    entryPrice: row.entry_price,
    markPrice: row.current_price,
  }));

/** An open position with its strategy's name. Decimals as text: quantity in base, prices in quote. */
export type DeskPosition = z.infer<typeof positionRow>;

/** Every open position of an environment. */
export const positionsHeld = async (
  db: CommonQueryMethods,
  environment: Environment,
): Promise<readonly DeskPosition[]> =>
  await db.any(sql.type(positionRow)`
    SELECT p.strategy_id, s.name AS strategy, p.symbol, p.side, p.quantity, p.entry_price, p.current_price
    FROM positions p JOIN strategies s ON s.id = p.strategy_id
    WHERE p.environment = ${environment} ORDER BY s.name, p.symbol`);

/** Whether an account of the environment was ever opened: without one nothing can be held. */
export const isEverOpened = async (db: CommonQueryMethods, environment: Environment): Promise<boolean> =>
  await db.exists(sql.unsafe`SELECT FROM current_balances WHERE environment = ${environment}`);
