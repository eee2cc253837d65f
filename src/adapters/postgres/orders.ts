import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import {
  type Environment,
  type OrderStatus,
  type TimeInForce,
  orderKinds,
  orderStatuses,
  orderTypes,
} from '../../domain/orders/order.ts';
import { writeAudit } from './audit.ts';
import { hasEnded, isUnfinished, mayBeAtVenue } from './order-states.ts';
import { timestamp } from './pool.ts';
import { decimalText, intervalText } from './rows.ts';

/** What an order remembers beside the columns: the decision it came from and the market it was sized for. */
const orderMetadata = z.object({
  interval: intervalText,
  candleTime: z.number(),
  decidedAt: z.number(),
  base: z.string(),
  quote: z.string(),
  stepSize: z.string(),
  /** The market's least quantity and least price × quantity: what is below either can't be sold. `'0'`: no limit. */
  minQuantity: z.string().default('0'),
  minNotional: z.string().default('0'),
  /** What a short on paper pays for what it borrows, per cent of what it was sold for a day; absent: nothing. */
  borrowPct: z.string().optional(),
  reason: z.string(),
  /** Market time from which no further fill counts on paper. */
  cancelRequestedAt: z.number().nullable().default(null),
  /** Market time at which an unfilled limit order is cancelled. */
  expireAt: z.number().nullable().default(null),
  /** Quote that a paper market order may spend, fee included: what was reserved for it. */
  budget: z.string().nullable().default(null),
  /** Quote that an entry on paper spends at whatever price it fills: `quantity` is the decision's guess until then. */
  stake: z.string().nullable().default(null),
  /** The market's greatest quantity. `'0'`: no limit. */
  maxQuantity: z.string().default('0'),
  /** The protective order that this exit stands for on paper: it fills as if it had rested at its level. */
  protection: z
    .object({ type: z.enum(['STOP_LOSS', 'TAKE_PROFIT']), price: z.string(), candleTime: z.number() })
    .nullable()
    .default(null),
  /** Fees by asset where they are of several; `orders.commission` holds those of one. */
  commissions: z.record(z.string(), z.string()).nullable().optional(),
  /** The end that the venue told of before all of its trades, and how much they come to. */
  ending: z
    .object({ status: z.enum(['cancelled', 'rejected', 'expired']), filledQuantity: z.string() })
    .nullable()
    .optional(),
  /** The order that takes the place of this one, which was amended. */
  replacedBy: z.string().nullable().default(null),
  /** The breaker's event that closes a position by it. */
  incident: z.number().nullish(),
  /** What the strategy's own stake was multiplied by, decimal text; absent where the order was not sized by a stake. */
  riskScale: z.string().optional(),
  /** The last thing the venue or the rules said. */
  note: z.string().default(''),
});
export type OrderMetadata = z.infer<typeof orderMetadata>;

const orderRow = z
  .object({
    id: z.string(),
    strategy_id: z.string(),
    strategy_version: z.number().nullable(),
    symbol: z.string(),
    side: z.enum(['BUY', 'SELL']),
    order_type: z.enum(orderTypes),
    intent: z.enum(orderKinds).nullable(),
    environment: z.enum(['paper', 'live']),
    exchange: z.string(),
    status: z.enum(orderStatuses),
    quantity: decimalText,
    price: decimalText.nullable(),
    stop_price: decimalText.nullable(),
    order_list_id: z.string().nullable(),
    client_order_id: z.string(),
    exchange_order_id: z.string().nullable(),
    sent_at: z.number().nullable(),
    filled_quantity: decimalText,
    average_fill_price: decimalText.nullable(),
    time_in_force: z.string().nullable(),
    reduce_only: z.boolean(),
    reserved_asset: z.string().nullable(),
    reserved_amount: decimalText.nullable(),
    metadata: orderMetadata,
  })
  .transform((row) => ({
    orderId: row.id,
    strategyId: row.strategy_id,
    strategyVersion: row.strategy_version ?? 1,
    symbol: row.symbol,
    side: row.side,
    type: row.order_type,
    kind: row.intent,
    environment: row.environment,
    exchange: row.exchange,
    status: row.status,
    quantity: row.quantity,
    price: row.price,
    stopPrice: row.stop_price,
    orderListId: row.order_list_id,
    clientOrderId: row.client_order_id,
    exchangeOrderId: row.exchange_order_id,
    sentAt: row.sent_at,
    filledQuantity: row.filled_quantity,
    averageFillPrice: row.average_fill_price,
    timeInForce: row.time_in_force as TimeInForce | null,
    reduceOnly: row.reduce_only,
    reservedAsset: row.reserved_asset,
    reservedAmount: row.reserved_amount,
    metadata: row.metadata,
  }));

/** One of our orders, with decimals as text and times as epoch ms in venue time. */
export type OrderRecord = z.infer<typeof orderRow>;

const columns = sql.fragment`id, strategy_id, strategy_version, symbol, side, order_type, intent, environment, exchange, status,
  quantity, price, stop_price, order_list_id, client_order_id, exchange_order_id, sent_at, filled_quantity, average_fill_price, time_in_force,
  reduce_only, reserved_asset, reserved_amount, metadata`;

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Null also where the text is no order's id at all. */
export const findOrder = async (db: CommonQueryMethods, orderId: string): Promise<OrderRecord | null> =>
  uuid.test(orderId)
    ? await db.maybeOne(sql.type(orderRow)`SELECT ${columns} FROM orders WHERE id = ${orderId}`)
    : null;

export const findOrderByClientId = async (db: CommonQueryMethods, clientOrderId: string): Promise<OrderRecord | null> =>
  await db.maybeOne(sql.type(orderRow)`SELECT ${columns} FROM orders WHERE client_order_id = ${clientOrderId}`);

export const noOrder = (orderId: string): DomainError =>
  new DomainError('NotFound', `there is no order ${orderId}`, { next: 'list them with `mastertrade orders`' });

const present = (order: OrderRecord | null, orderId: string): OrderRecord => {
  if (order) return order;
  throw noOrder(orderId);
};

/** @throws DomainError `NotFound` */
export const loadOrder = async (db: CommonQueryMethods, orderId: string): Promise<OrderRecord> =>
  present(await findOrder(db, orderId), orderId);

/** @throws DomainError `NotFound` */
export const lockOrder = async (tx: CommonQueryMethods, orderId: string): Promise<OrderRecord> => {
  const order = await tx.maybeOne(sql.type(orderRow)`SELECT ${columns} FROM orders WHERE id = ${orderId} FOR UPDATE`);
  return present(order, orderId);
};

/** Orders by any condition on their columns, oldest first. */
export const ordersWhere = async (
  db: CommonQueryMethods,
  condition: ReturnType<typeof sql.fragment>,
): Promise<readonly OrderRecord[]> =>
  await db.any(sql.type(orderRow)`SELECT ${columns} FROM orders WHERE ${condition} ORDER BY created_at, id`);

/** Orders of an account that may still change at the venue. */
export const workingOrders = async (
  db: CommonQueryMethods,
  where: { exchange: string; symbol?: string },
): Promise<readonly OrderRecord[]> =>
  await db.any(sql.type(orderRow)`
    SELECT ${columns} FROM orders
    WHERE ${mayBeAtVenue} AND exchange = ${where.exchange}
      ${where.symbol === undefined ? sql.fragment`` : sql.fragment`AND symbol = ${where.symbol}`}
    ORDER BY created_at`);

/** Ids of an account's orders on one market that have ended since `since`, epoch ms by the database's clock. */
export const ordersEndedSince = async (
  db: CommonQueryMethods,
  where: { exchange: string; symbol: string; interval: string; since: number },
): Promise<readonly string[]> =>
  await db.anyFirst(sql.type(z.object({ id: z.string() }))`
    SELECT id FROM orders
    WHERE ${hasEnded} AND exchange = ${where.exchange}
      AND symbol = ${where.symbol} AND metadata ->> 'interval' = ${where.interval}
      AND updated_at >= ${timestamp(where.since)}
    ORDER BY created_at`);

/** Orders of a strategy that are not terminal. */
export const unfinishedOrders = async (db: CommonQueryMethods, strategyId: string): Promise<readonly OrderRecord[]> =>
  await db.any(sql.type(orderRow)`
    SELECT ${columns} FROM orders
    WHERE strategy_id = ${strategyId} AND ${isUnfinished()}
    ORDER BY created_at`);

export type NewOrder = Omit<
  OrderRecord,
  'exchangeOrderId' | 'sentAt' | 'filledQuantity' | 'averageFillPrice' | 'reservedAsset' | 'reservedAmount' | 'metadata'
> & { status: 'pending' | 'rejected'; metadata: z.input<typeof orderMetadata> };

/** Writes an order's row and its audit row inside a transaction; one that is there already is left as it is, locked. */
export const writeNewOrder = async (tx: CommonQueryMethods, order: NewOrder, actor: string): Promise<OrderRecord> => {
  const written = await tx.maybeOne(sql.type(orderRow)`
      INSERT INTO orders (id, strategy_id, strategy_version, symbol, side, order_type, intent, environment, exchange, status,
                          quantity, price, stop_price, order_list_id, client_order_id, time_in_force, reduce_only, metadata)
      VALUES (${order.orderId}, ${order.strategyId}, ${order.strategyVersion}, ${order.symbol}, ${order.side}, ${order.type},
              ${order.kind}, ${order.environment}, ${order.exchange}, ${order.status}, ${order.quantity}::numeric,
              ${order.price}::numeric, ${order.stopPrice}::numeric, ${order.orderListId}, ${order.clientOrderId}, ${order.timeInForce}, ${order.reduceOnly},
              ${sql.jsonb(order.metadata)})
      ON CONFLICT (id) DO NOTHING RETURNING ${columns}`);
  if (!written) return await lockOrder(tx, order.orderId);
  await writeAudit(tx, {
    actor,
    action: 'create_order',
    entityType: 'order',
    entityId: order.orderId,
    old: null,
    new: {
      status: order.status,
      side: order.side,
      quantity: order.quantity,
      reason: order.metadata.reason,
      note: order.metadata.note,
    },
  });
  return written;
};

/** A change of an order whose row the transaction has locked, with its audit row. */
export const moveOrder = async (
  tx: CommonQueryMethods,
  order: OrderRecord,
  change: {
    status: OrderStatus;
    actor: string;
    note?: string;
    metadata?: Partial<OrderMetadata>;
    set?: ReturnType<typeof sql.fragment>;
    details?: Readonly<Record<string, unknown>>;
  },
): Promise<OrderRecord> => {
  const note = change.note ?? order.metadata.note;
  const metadata = { ...change.metadata, note };
  const moved = await tx.one(sql.type(orderRow)`
    UPDATE orders
    SET status = ${change.status}, updated_at = now(), metadata = metadata || ${sql.jsonb(metadata)}
        ${change.set ? sql.fragment`, ${change.set}` : sql.fragment``}
    WHERE id = ${order.orderId}
    RETURNING ${columns}`);
  await writeAudit(tx, {
    actor: change.actor,
    action: 'update_order',
    entityType: 'order',
    entityId: order.orderId,
    old: { status: order.status, filled: order.filledQuantity },
    new: { status: moved.status, filled: moved.filledQuantity, ...(note ? { note } : {}), ...change.details },
  });
  return moved;
};

/** Orders of all strategies, newest first; what is left out does not narrow. */
export const listOrders = async (
  db: CommonQueryMethods,
  where: { strategyId?: string; status?: OrderStatus; environment?: Environment; limit: number },
): Promise<readonly (OrderRecord & { createdAt: number })[]> =>
  await db.any(sql.type(
    z.intersection(
      orderRow,
      z.object({ created_at: z.number() }).transform((row) => ({ createdAt: row.created_at })),
    ),
  )`
    SELECT ${columns}, created_at FROM orders
    WHERE client_order_id IS NOT NULL
      ${where.strategyId === undefined ? sql.fragment`` : sql.fragment`AND strategy_id = ${where.strategyId}`}
      ${where.status === undefined ? sql.fragment`` : sql.fragment`AND status = ${where.status}`}
      ${where.environment === undefined ? sql.fragment`` : sql.fragment`AND environment = ${where.environment}`}
    ORDER BY created_at DESC, id LIMIT ${where.limit}`);
