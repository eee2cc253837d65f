import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import { auditOf } from './audit.ts';
import { type OrderRecord, loadOrder } from './orders.ts';
import { decimalText, epochMs, intervalText } from './rows.ts';

const idRow = z.object({ id: z.string() });

/**
 * By id, or by the start of one (8 characters or more).
 * @throws DomainError `NotFound`, or `BadInput` where a start fits more than one
 */
export const showOrder = async (db: CommonQueryMethods, reference: string): Promise<OrderRecord> => {
  const wanted = reference.toLowerCase();
  const found = await db.any(sql.type(idRow)`
    SELECT id::text AS id FROM orders
    WHERE id::text = ${wanted} OR (length(${wanted}) >= 8 AND starts_with(id::text, ${wanted})) LIMIT 2`);
  if (found.length > 1)
    throw new DomainError('BadInput', `'${reference}' names more than one order`, { next: 'give the whole id' });
  return await loadOrder(db, found[0]?.id ?? reference);
};

const fillRow = z
  .object({
    exchange_trade_id: z.string().nullable(),
    executed_at: epochMs,
    quantity: decimalText,
    price: decimalText,
    commission: decimalText.nullable(),
    commission_asset: z.string().nullable(),
    realized_pnl_exact: decimalText.nullable(),
  })
  .transform((row) => ({
    tradeId: row.exchange_trade_id,
    executedAt: row.executed_at,
    quantity: row.quantity,
    price: row.price,
    commission: row.commission,
    commissionAsset: row.commission_asset,
    realizedPnl: row.realized_pnl_exact,
  }));

/** What happened to an order: its fills as they were executed, and every change of its row, oldest first. Times are epoch ms. */
export const trailOf = async (db: CommonQueryMethods, orderId: string) => ({
  fills: await db.any(sql.type(fillRow)`
    SELECT exchange_trade_id, executed_at, quantity, price, commission, commission_asset, realized_pnl_exact
    FROM trades WHERE order_id = ${orderId} ORDER BY executed_at, id`),
  audit: await auditOf(db, { entityType: 'order', entityId: orderId }),
});

const lastRow = z.object({ price: decimalText, time: epochMs, interval: intervalText });

/** The newest stored close of a symbol over all its intervals, and that candle's open time, epoch ms; null without candles. */
export const lastClose = async (db: CommonQueryMethods, symbol: string): Promise<z.infer<typeof lastRow> | null> =>
  await db.maybeOne(sql.type(lastRow)`
    SELECT close AS price, timestamp AS time, interval FROM market_data
    WHERE symbol = ${symbol} ORDER BY timestamp DESC, interval LIMIT 1`);
