import { type CommonQueryMethods, type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import type { Environment } from '../../domain/orders/order.ts';
import { isUnfinished } from './order-states.ts';
import { timestamp } from './pool.ts';
import { decimalText, epochMs } from './rows.ts';

const positionRow = z
  .object({
    strategy_id: z.string(),
    symbol: z.string(),
    environment: z.enum(['paper', 'live']),
    side: z.enum(['LONG', 'SHORT']),
    quantity: decimalText,
    entry_price: decimalText,
    current_price: decimalText.nullable(),
    unrealized_pnl: decimalText.nullable(),
    opened_at: epochMs,
  })
  .transform((row) => ({
    strategyId: row.strategy_id,
    symbol: row.symbol,
    environment: row.environment,
    side: row.side,
    quantity: row.quantity,
    entryPrice: row.entry_price,
    currentPrice: row.current_price,
    unrealizedPnl: row.unrealized_pnl,
    openedAt: row.opened_at,
  }));

/** An open position: decimals as text, quantity in base, prices and P&L in quote, times epoch ms. */
export type PositionRecord = z.infer<typeof positionRow>;

const columns = sql.fragment`strategy_id, symbol, environment, side, quantity, entry_price, current_price, unrealized_pnl, opened_at`;

export const positionsOf = async (db: CommonQueryMethods, strategyId: string): Promise<readonly PositionRecord[]> =>
  await db.any(
    sql.type(
      positionRow,
    )`SELECT ${columns} FROM positions WHERE strategy_id = ${strategyId} ORDER BY environment, symbol`,
  );

const standingRow = z.object({
  strategy_id: z.string(),
  environment: z.enum(['paper', 'live']),
  entry_price: z.string().nullable(),
  opened_at: epochMs.nullable(),
  working: z.boolean(),
  resting: z.array(z.string()),
  last_loss_at: epochMs.nullable(),
});

export interface StandingRecord {
  readonly environment: Environment;
  /** `entryPrice` is the average price of the entry's fills, fees apart. */
  readonly position: { readonly entryPrice: number; readonly openedAt: number } | null;
  readonly hasWorkingOrder: boolean;
  /** Types of the protective orders that rest at the venue for it: they need no judging here. */
  readonly resting: readonly string[];
  readonly lastLossAt: number | null;
}

/** What each strategy that trades a market holds and has working there, in the environment of its status. */
export const standingsOn = async (
  db: CommonQueryMethods,
  market: { symbol: string; interval: string },
): Promise<ReadonlyMap<string, StandingRecord>> => {
  const rows = await db.any(sql.type(standingRow)`
    SELECT s.id AS strategy_id, e.environment, p.opened_at,
           coalesce(p.entry_fill_price, p.entry_price) AS entry_price,
           EXISTS (SELECT 1 FROM orders o WHERE o.strategy_id = s.id AND o.environment = e.environment
                   AND o.intent IS DISTINCT FROM 'protection'
                   AND ${isUnfinished(sql.fragment`o.status`)}) AS working,
           ARRAY(SELECT DISTINCT o.order_type FROM orders o WHERE o.strategy_id = s.id AND o.environment = e.environment
                 AND o.intent = 'protection' AND o.status IN ('open', 'partially_filled'))::text[] AS resting,
           (SELECT max(t.executed_at) FROM trades t
             WHERE t.strategy_id = s.id AND t.environment = e.environment AND t.realized_pnl_exact < 0) AS last_loss_at
    FROM strategies s
    CROSS JOIN LATERAL (SELECT CASE WHEN s.status = 'paper' THEN 'paper' ELSE 'live' END AS environment) e
    LEFT JOIN positions p ON p.strategy_id = s.id AND p.symbol = s.symbol AND p.environment = e.environment
    WHERE s.symbol = ${market.symbol} AND s.interval = ${market.interval} AND s.status IN ('paper', 'active', 'paused')`);
  return new Map(
    rows.map((row) => [
      row.strategy_id,
      {
        environment: row.environment,
        position:
          row.entry_price === null ? null : { entryPrice: Number(row.entry_price), openedAt: row.opened_at ?? 0 },
        hasWorkingOrder: row.working,
        resting: row.resting,
        lastLossAt: row.last_loss_at,
      },
    ]),
  );
};

/** Marks every open position on a symbol at a price; a reading, not a change of state. Locks: positions by id. */
export const markPositions = async (
  pool: DatabasePool,
  mark: { symbol: string; price: string; at: number },
): Promise<void> => {
  await pool.query(sql.unsafe`
    UPDATE positions SET current_price = ${mark.price}::numeric, updated_at = ${timestamp(mark.at)},
      unrealized_pnl_exact = pnl.exact, unrealized_pnl = pnl.exact,
      unrealized_pnl_pct = CASE WHEN cost_basis_exact > 0 THEN least(greatest(pnl.exact / cost_basis_exact * 100, -999999), 999999) END
    FROM (SELECT id AS pid, (quantity * ${mark.price}::numeric - cost_basis_exact) * CASE WHEN side = 'LONG' THEN 1 ELSE -1 END AS exact
          FROM (SELECT * FROM positions WHERE symbol = ${mark.symbol} ORDER BY id FOR UPDATE) held) pnl
    WHERE pnl.pid = positions.id`);
};
