import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import { type Environment, orderStatuses } from '../../../domain/orders/order.ts';
import { hasEnded, isUnfinished } from '../order-states.ts';
import { type OrderRecord, ordersWhere } from '../orders.ts';
import { timestamp } from '../pool.ts';
import { decimalText, epochMs } from '../rows.ts';

const working = isUnfinished();
const isOurs = sql.fragment`client_order_id IS NOT NULL`;
/** May open something: neither closes what is held nor protects it. */
const opens = sql.fragment`NOT reduce_only AND intent IS DISTINCT FROM 'protection'`;

/** Orders of an environment that may open something and have not ended, oldest first. */
export const openingOrders = async (
  db: CommonQueryMethods,
  environment: Environment,
): Promise<readonly OrderRecord[]> =>
  await ordersWhere(db, sql.fragment`environment = ${environment} AND ${isOurs} AND ${opens} AND ${working}`);

/** Orders of an environment that may have opened something and ended since an instant, epoch ms by the database's clock. */
export const openingOrdersEnded = async (
  db: CommonQueryMethods,
  { environment, since }: { readonly environment: Environment; readonly since: number },
) =>
  await db.any(sql.type(z.object({ id: z.string(), status: z.enum(orderStatuses) }))`
    SELECT id, status FROM orders
    WHERE environment = ${environment} AND ${isOurs} AND ${opens}
      AND ${hasEnded} AND updated_at >= ${timestamp(since)}
    ORDER BY created_at, id`);

/** Orders of an environment that close something and have not ended, protection left out, oldest first. */
export const closingOrders = async (
  db: CommonQueryMethods,
  environment: Environment,
): Promise<readonly OrderRecord[]> =>
  await ordersWhere(
    db,
    sql.fragment`environment = ${environment} AND ${isOurs} AND reduce_only AND intent IS DISTINCT FROM 'protection' AND ${working}`,
  );

/** The orders by which an event has closed positions and that have ended, oldest first. */
export const closingAttempts = async (db: CommonQueryMethods, eventId: number): Promise<readonly OrderRecord[]> =>
  await ordersWhere(db, sql.fragment`metadata ->> 'incident' = ${String(eventId)} AND NOT ${working}`);

const heldRow = z
  .object({
    strategy_id: z.string(),
    name: z.string(),
    symbol: z.string(),
    environment: z.enum(['paper', 'live']),
    side: z.enum(['LONG', 'SHORT']),
    quantity: decimalText,
    mark: z.string(),
    opened_at: epochMs,
  })
  .transform(({ strategy_id: strategyId, opened_at: openedAt, ...row }) => ({ ...row, strategyId, openedAt }));

/** A position to close: `quantity` in base, `mark` in quote, decimal text; `openedAt` epoch ms. */
export type HeldPosition = z.infer<typeof heldRow>;

/** Everything that an environment holds, by strategy and symbol. */
export const heldPositions = async (
  db: CommonQueryMethods,
  environment: Environment,
): Promise<readonly HeldPosition[]> =>
  await db.any(sql.type(heldRow)`
    SELECT p.strategy_id, s.name, p.symbol, p.environment, p.side, p.quantity, coalesce(p.current_price, p.entry_price)::text AS mark, p.opened_at
    FROM positions p JOIN strategies s ON s.id = p.strategy_id
    WHERE p.environment = ${environment} ORDER BY s.name, p.symbol, p.strategy_id`);
