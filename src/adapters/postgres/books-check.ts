import { type CommonQueryMethods, type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import type { BookOrder, BookPosition, BookTrade, Books, BreakerSpan, OrderChange } from '../../domain/books/books.ts';
import type { Violation } from '../../domain/books/books.ts';
import { violationsOf } from '../../domain/books/check.ts';
import { dec } from '../../domain/decimal.ts';
import { orderKinds, orderStatuses } from '../../domain/orders/order.ts';
import { epochMs } from './rows.ts';

const amount = z.string().transform((text) => dec(text));
const environment = z.enum(['paper', 'live']);
const side = z.enum(['BUY', 'SELL']);
const status = z.enum(orderStatuses);

const orderRow = z.object({
  orderId: z.string(),
  strategyId: z.string(),
  symbol: z.string(),
  side,
  environment,
  exchange: z.string(),
  status,
  kind: z.enum(orderKinds).nullable(),
  reduceOnly: z.boolean(),
  quantity: amount,
  filledQuantity: amount,
  averageFillPrice: amount.nullable(),
  commission: amount.nullable(),
  commissionAsset: z.string().nullable(),
  exchangeOrderId: z.string().nullable(),
  reservedAsset: z.string().nullable(),
  reservedAmount: amount.nullable(),
  base: z.string(),
  quote: z.string(),
  stepSize: amount,
  minQuantity: amount,
  minNotional: amount,
  borrowPct: amount,
});

/** Rows from before this program wrote orders have no client id: nothing is claimed of them. */
const readOrders = (tx: CommonQueryMethods): Promise<readonly BookOrder[]> =>
  tx.any(sql.type(orderRow)`
    SELECT id AS "orderId", strategy_id AS "strategyId", symbol, side, environment, exchange, status, intent AS kind,
           reduce_only AS "reduceOnly", quantity, filled_quantity AS "filledQuantity",
           average_fill_price AS "averageFillPrice", commission, commission_asset AS "commissionAsset",
           exchange_order_id AS "exchangeOrderId", reserved_asset AS "reservedAsset", reserved_amount AS "reservedAmount",
           metadata ->> 'base' AS base, metadata ->> 'quote' AS quote, metadata ->> 'stepSize' AS "stepSize",
           coalesce(metadata ->> 'minQuantity', '0') AS "minQuantity", coalesce(metadata ->> 'minNotional', '0') AS "minNotional",
           coalesce(metadata ->> 'borrowPct', '0') AS "borrowPct"
    FROM orders WHERE client_order_id IS NOT NULL ORDER BY created_at, id`);

const tradeRow = z.object({
  tradeId: z.string(),
  orderId: z.string(),
  strategyId: z.string(),
  symbol: z.string(),
  side,
  environment,
  exchange: z.string(),
  quantity: amount,
  price: amount,
  commission: amount,
  commissionAsset: z.string(),
  executedAt: epochMs,
  realizedPnl: amount.nullable(),
  realizedPnlExact: amount.nullable(),
  borrowCost: amount,
  dustQuantity: amount,
});

const readTrades = (tx: CommonQueryMethods): Promise<readonly BookTrade[]> =>
  tx.any(sql.type(tradeRow)`
    SELECT exchange_trade_id AS "tradeId", order_id AS "orderId", strategy_id AS "strategyId", symbol, side, environment,
           exchange, quantity, price, coalesce(commission, 0) AS commission,
           coalesce(commission_asset, '') AS "commissionAsset", executed_at AS "executedAt", realized_pnl AS "realizedPnl",
           realized_pnl_exact AS "realizedPnlExact", coalesce(borrow_cost, 0) AS "borrowCost",
           coalesce(dust_quantity, 0) AS "dustQuantity"
    FROM trades WHERE exchange_trade_id IS NOT NULL AND exchange IS NOT NULL ORDER BY executed_at, id`);

const positionRow = z.object({
  strategyId: z.string(),
  symbol: z.string(),
  environment,
  exchange: z.string(),
  side: z.enum(['LONG', 'SHORT']),
  quantity: amount,
  entryPrice: amount,
  entryFillPrice: amount.nullable(),
  costBasis: amount.nullable(),
  realizedPnl: amount.nullable(),
  collateral: amount,
});

const readPositions = (tx: CommonQueryMethods): Promise<readonly BookPosition[]> =>
  tx.any(sql.type(positionRow)`
    SELECT strategy_id AS "strategyId", symbol, environment, exchange, side, quantity, entry_price AS "entryPrice",
           entry_fill_price AS "entryFillPrice", cost_basis_exact AS "costBasis", realized_pnl_exact AS "realizedPnl", collateral
    FROM positions WHERE exchange IS NOT NULL ORDER BY id`);

const accountColumns = { environment, exchange: z.string(), asset: z.string() };
const balanceRow = z.object({ ...accountColumns, free: amount, locked: amount, total: amount });
const flowRow = z.object({ ...accountColumns, amount });

const orderState = z.object({ status, filled: z.string().nullable().default(null) });
const changeRow = z.object({
  auditId: z.number(),
  orderId: z.string(),
  at: epochMs,
  before: orderState.nullable(),
  after: orderState,
});

const readChanges = (tx: CommonQueryMethods): Promise<readonly OrderChange[]> =>
  tx.any(sql.type(changeRow)`
    SELECT id AS "auditId", entity_id AS "orderId", created_at AS at, old_value AS before, new_value AS after
    FROM audit_logs WHERE entity_type = 'order' AND new_value ? 'status' ORDER BY id`);

const breakerRow = z
  .object({
    id: z.number(),
    environment,
    triggered_at: epochMs,
    resolved_at: epochMs.nullable(),
    tripped_by: z.number().nullable(),
    resolved_by: z.number().nullable(),
  })
  .transform((row): BreakerSpan => ({
    event: `breaker event ${row.id}`,
    environment: row.environment,
    from: { auditId: row.tripped_by, at: row.triggered_at },
    to: row.resolved_at === null ? null : { auditId: row.resolved_by, at: row.resolved_at },
  }));

/** The audit rows of an event are `trip_breaker` and `resolve_breaker` of entity `system`, its id their entity id. */
const readBreakers = (tx: CommonQueryMethods): Promise<readonly BreakerSpan[]> => {
  const auditOf = (action: string) => sql.fragment`
    (SELECT min(a.id) FROM audit_logs a WHERE a.entity_type = 'system' AND a.action = ${action} AND a.entity_id = e.id::text)`;
  return tx.any(sql.type(breakerRow)`
    SELECT e.id, e.environment, e.triggered_at, e.resolved_at, ${auditOf('trip_breaker')} AS tripped_by,
           ${auditOf('resolve_breaker')} AS resolved_by
    FROM circuit_breaker_events e WHERE e.environment IS NOT NULL ORDER BY e.id`);
};

const readBooks = async (tx: CommonQueryMethods): Promise<Books> => ({
  orders: await readOrders(tx),
  trades: await readTrades(tx),
  positions: await readPositions(tx),
  balances: await tx.any(sql.type(balanceRow)`
    SELECT environment, exchange, asset, free_balance AS free, locked_balance AS locked, total_balance AS total
    FROM current_balances ORDER BY environment, exchange, asset`),
  flows: await tx.any(sql.type(flowRow)`
    SELECT environment, exchange, asset, CASE WHEN kind = 'withdrawal' THEN -amount ELSE amount END AS amount
    FROM balance_flows ORDER BY id`),
  changes: await readChanges(tx),
  breakers: await readBreakers(tx),
});

/**
 * Proves the invariants of the books on one snapshot, read only: orders and their trades, positions and realized P&L as
 * their folds say, balances as reservations and flows say, the audit as the table of transitions says, no entry while a
 * breaker was open. Returns each statement that does not hold, none where all do. It reads every order and trade.
 */
export const checkBooks = async (db: DatabasePool): Promise<readonly Violation[]> => {
  const books = await db.transaction(async (tx) => {
    await tx.query(sql.unsafe`SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY`);
    return await readBooks(tx);
  });
  return violationsOf(books);
};
