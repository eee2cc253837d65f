import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import type { VenueOrderReport } from '../../contracts/venue.ts';
import { type PositionContext, leftoverOf } from '../../domain/accounting/position-fold.ts';
import type { TradeFigures } from '../../domain/accounting/running-position.ts';
import { type PositionTrade, inExecutionOrder } from '../../domain/accounting/trade.ts';
import { type Decimal, dec, text, zero } from '../../domain/decimal.ts';
import { isTerminal, orderStatuses } from '../../domain/orders/order.ts';
import type { OrderRecord } from './orders.ts';
import { timestamp } from './pool.ts';

/** A counted trade with the figures that its row has now; `isFlat` is null where none were written yet. */
export type StoredTrade = PositionTrade & {
  readonly exchange: string;
  readonly stored: {
    readonly realized: Decimal | null;
    readonly borrowCost: Decimal;
    readonly dust: Decimal;
    readonly isFlat: boolean | null;
  };
};

const tradeRow = z
  .object({
    order_id: z.string(),
    order_status: z.enum(orderStatuses),
    reduce_only: z.boolean(),
    step_size: z.string(),
    min_quantity: z.string(),
    min_notional: z.string(),
    borrow_pct: z.string(),
    exchange: z.string(),
    exchange_trade_id: z.string(),
    side: z.enum(['BUY', 'SELL']),
    quantity: z.string(),
    price: z.string(),
    commission: z.string().nullable(),
    commission_asset: z.string().nullable(),
    executed_at: z.number(),
    realized_pnl_exact: z.string().nullable(),
    borrow_cost: z.string().nullable(),
    dust_quantity: z.string().nullable(),
    is_flat: z.boolean().nullable(),
  })
  .transform((row): StoredTrade => ({
    tradeId: row.exchange_trade_id,
    exchange: row.exchange,
    side: row.side,
    quantity: dec(row.quantity),
    price: dec(row.price),
    commission: dec(row.commission ?? '0'),
    commissionAsset: row.commission_asset ?? '',
    executedAt: row.executed_at,
    order: {
      orderId: row.order_id,
      isEnded: isTerminal(row.order_status),
      reduceOnly: row.reduce_only,
      stepSize: dec(row.step_size),
      minQuantity: dec(row.min_quantity),
      minNotional: dec(row.min_notional),
      borrowPct: dec(row.borrow_pct),
    },
    stored: {
      realized: row.realized_pnl_exact === null ? null : dec(row.realized_pnl_exact),
      borrowCost: dec(row.borrow_cost ?? '0'),
      dust: dec(row.dust_quantity ?? '0'),
      isFlat: row.is_flat,
    },
  }));

const selectTrades = sql.fragment`
  SELECT t.order_id, o.status AS order_status, o.reduce_only, coalesce(o.metadata ->> 'stepSize', '0') AS step_size,
         coalesce(o.metadata ->> 'minQuantity', '0') AS min_quantity, coalesce(o.metadata ->> 'minNotional', '0') AS min_notional,
         coalesce(o.metadata ->> 'borrowPct', '0') AS borrow_pct, t.exchange, t.exchange_trade_id, t.side, t.quantity, t.price,
         t.commission, t.commission_asset, t.executed_at, t.realized_pnl_exact, t.borrow_cost, t.dust_quantity, t.is_flat
  FROM trades t JOIN orders o ON o.id = t.order_id`;

/** Stores the fills that are not there yet, and returns their trade ids; one that is known costs no id. */
export const insertTrades = async (
  tx: CommonQueryMethods,
  order: OrderRecord,
  report: VenueOrderReport,
): Promise<ReadonlySet<string>> => {
  const inserted = new Set<string>();
  for (const fill of report.fills) {
    const { rowCount } = await tx.query(sql.unsafe`
      INSERT INTO trades (order_id, strategy_id, symbol, side, quantity, price, commission, commission_asset, environment,
                          exchange, exchange_trade_id, executed_at)
      SELECT ${order.orderId}, ${order.strategyId}, ${order.symbol}, ${order.side}, ${fill.quantity}::numeric,
             ${fill.price}::numeric, ${fill.commission}::numeric, ${fill.commissionAsset}, ${order.environment},
             ${order.exchange}, ${fill.tradeId}, ${timestamp(fill.executedAt)}
      WHERE NOT EXISTS (
        SELECT 1 FROM trades WHERE exchange = ${order.exchange} AND symbol = ${order.symbol}
          AND exchange_trade_id = ${fill.tradeId} AND environment = ${order.environment})
      ON CONFLICT DO NOTHING`);
    if (rowCount > 0) inserted.add(fill.tradeId);
  }
  return inserted;
};

export const tradesOfOrder = async (tx: CommonQueryMethods, orderId: string): Promise<readonly StoredTrade[]> =>
  await tx.any(sql.type(tradeRow)`${selectTrades} WHERE t.order_id = ${orderId} AND t.exchange_trade_id IS NOT NULL`);

const flatRow = z.object({
  side: z.enum(['BUY', 'SELL']),
  executed_at: z.number(),
  exchange_trade_id: z.string(),
  dust_quantity: z.string().nullable(),
});

/** The order of all folds (`inExecutionOrder`) as a row to compare by. */
const place = sql.fragment`(t.executed_at, length(t.exchange_trade_id), t.exchange_trade_id COLLATE "C")`;

/**
 * The trades of an order's position from the last time that nothing was held before the order's first trade: what is before
 * that cannot change with the order. `leftover` is the signed base that was written off then.
 * @param own The order's trades; at least one.
 */
export const tradesSinceFlat = async (
  tx: CommonQueryMethods,
  order: OrderRecord,
  own: readonly StoredTrade[],
  context: PositionContext,
): Promise<{ readonly trades: readonly StoredTrade[]; readonly leftover: Decimal }> => {
  const ofPosition = sql.fragment`t.strategy_id = ${order.strategyId} AND t.symbol = ${order.symbol}
    AND t.environment = ${order.environment} AND t.exchange_trade_id IS NOT NULL`;
  const placeOf = (at: number, tradeId: string) =>
    sql.fragment`(${timestamp(at)}, length(${tradeId}), ${tradeId} COLLATE "C")`;
  const [first] = inExecutionOrder(own);
  const flat =
    first &&
    (await tx.maybeOne(sql.type(flatRow)`
      SELECT t.side, t.executed_at, t.exchange_trade_id, t.dust_quantity FROM trades t
      WHERE ${ofPosition} AND t.is_flat AND t.executed_at <= ${timestamp(first.executedAt)}
        AND ${place} < ${placeOf(first.executedAt, first.tradeId)}
      ORDER BY t.executed_at DESC, length(t.exchange_trade_id) DESC, t.exchange_trade_id COLLATE "C" DESC LIMIT 1`));
  const since = flat
    ? sql.fragment`AND t.executed_at >= ${timestamp(flat.executed_at)}
        AND ${place} > ${placeOf(flat.executed_at, flat.exchange_trade_id)}`
    : sql.fragment``;
  return {
    trades: await tx.any(sql.type(tradeRow)`${selectTrades} WHERE ${ofPosition} ${since} ORDER BY t.executed_at`),
    leftover: flat ? leftoverOf({ side: flat.side, dust: dec(flat.dust_quantity ?? '0') }, context) : zero,
  };
};

const sameAmount = (a: Decimal | null, b: Decimal | null): boolean => (a === null || b === null ? a === b : a.eq(b));

const isStored = ({ stored }: StoredTrade, figures: TradeFigures): boolean =>
  sameAmount(stored.realized, figures.realized) &&
  stored.borrowCost.eq(figures.borrowCost) &&
  stored.dust.eq(figures.dust) &&
  stored.isFlat === figures.isFlat;

/** A late trade may change what others realized, or make an opening one of what closed: rows that differ are written. */
export const writeFigures = async (
  tx: CommonQueryMethods,
  order: OrderRecord,
  trades: readonly StoredTrade[],
  figures: ReadonlyMap<string, TradeFigures>,
): Promise<void> => {
  const unlessZero = (amount: Decimal): string | null => (amount.eq(zero) ? null : text(amount));
  const rows = trades.flatMap((trade) => {
    const found = figures.get(trade.tradeId);
    if (!found || isStored(trade, found)) return [];
    const { realized, borrowCost, dust, isFlat } = found;
    const amounts = [realized && text(realized), unlessZero(borrowCost), unlessZero(dust)];
    return [[trade.exchange, trade.tradeId, ...amounts, isFlat]];
  });
  if (rows.length === 0) return;
  await tx.query(sql.unsafe`
    UPDATE trades t SET realized_pnl = f.realized, realized_pnl_exact = f.realized, borrow_cost = f.borrow_cost,
      dust_quantity = f.dust, is_flat = f.is_flat
    FROM ${sql.unnest(rows, ['text', 'text', 'numeric', 'numeric', 'numeric', 'bool'])}
      AS f (exchange, trade_id, realized, borrow_cost, dust, is_flat)
    WHERE t.exchange = f.exchange AND t.exchange_trade_id = f.trade_id
      AND t.symbol = ${order.symbol} AND t.environment = ${order.environment}`);
};
