import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import type { ClosedPosition } from '../../domain/breaker/closed-position.ts';
import { dec } from '../../domain/decimal.ts';
import type { Environment } from '../../domain/orders/order.ts';
import { timestamp } from './pool.ts';
import { epochMs } from './rows.ts';

const amount = z.string().transform((text) => dec(text));

const closedRow = z
  .object({
    strategy_id: z.string(),
    symbol: z.string(),
    ended_at: epochMs,
    pnl: amount,
    paid_in: amount,
    by_stop: z.boolean(),
  })
  .transform((row): ClosedPosition => ({
    strategyId: row.strategy_id,
    symbol: row.symbol,
    endedAt: row.ended_at,
    pnl: row.pnl,
    paidIn: row.paid_in,
    byStop: row.by_stop,
  }));

export interface ClosedPositionsQuery {
  readonly environment: Environment;
  /** Those that ended after it, market time, epoch ms; null: all. */
  readonly since: number | null;
  /** Those that ended later do not count. */
  readonly until?: number;
  /** Of these alone; all where left out. */
  readonly strategyIds?: readonly string[];
  /** At least as many of the newest as this, where there are; older ones are not read. */
  readonly newest?: number;
}

/** The order of all folds, as for `inExecutionOrder`. */
const place = sql.fragment`t.executed_at, length(t.exchange_trade_id), t.exchange_trade_id COLLATE "C"`;

/**
 * Positions that have ended, oldest first. Only their own trades are read, from the last moment at which nothing was held.
 * A trade that crosses zero ends none: what it closes and what it opens are one position until nothing is held.
 */
export const closedPositions = async (
  db: CommonQueryMethods,
  { environment, since, until, strategyIds, newest }: ClosedPositionsQuery,
): Promise<readonly ClosedPosition[]> => {
  const after = since === null ? sql.fragment`'-infinity'::timestamp` : timestamp(since);
  const ended = sql.fragment`t.environment = ${environment} AND t.is_flat AND t.exchange_trade_id IS NOT NULL
    ${until === undefined ? sql.fragment`` : sql.fragment`AND t.executed_at <= ${timestamp(until)}`}
    ${strategyIds ? sql.fragment`AND t.strategy_id = ANY(${sql.array([...strategyIds], 'uuid')})` : sql.fragment``}`;
  const from =
    newest === undefined
      ? after
      : sql.fragment`greatest(${after}, (SELECT t.executed_at - interval '1 microsecond' FROM trades t WHERE ${ended}
          ORDER BY t.executed_at DESC OFFSET ${newest - 1} LIMIT 1))`;
  return await db.any(sql.type(closedRow)`
    WITH span AS MATERIALIZED (SELECT ${from} AS after),
    held AS MATERIALIZED (SELECT DISTINCT t.strategy_id, t.symbol FROM trades t, span
      WHERE ${ended} AND t.executed_at > span.after),
    numbered AS (
      SELECT t.*, count(*) FILTER (WHERE t.is_flat) OVER earlier AS nth, row_number() OVER (PARTITION BY t.strategy_id, t.symbol ORDER BY ${place}) AS n
      FROM held CROSS JOIN span
      LEFT JOIN LATERAL (SELECT ${place} FROM trades t
        WHERE t.strategy_id = held.strategy_id AND t.symbol = held.symbol AND t.environment = ${environment}
          AND t.is_flat AND t.exchange_trade_id IS NOT NULL AND t.executed_at <= span.after
        ORDER BY t.executed_at DESC, length(t.exchange_trade_id) DESC, t.exchange_trade_id COLLATE "C" DESC LIMIT 1)
        flat (executed_at, length, id) ON true
      JOIN trades t ON t.strategy_id = held.strategy_id AND t.symbol = held.symbol AND t.environment = ${environment}
        AND t.exchange_trade_id IS NOT NULL
        AND (flat.executed_at IS NULL OR (t.executed_at >= flat.executed_at AND (${place}) > (flat.executed_at, flat.length, flat.id)))
        ${until === undefined ? sql.fragment`` : sql.fragment`AND t.executed_at <= ${timestamp(until)}`}
      WINDOW earlier AS (PARTITION BY t.strategy_id, t.symbol ORDER BY ${place} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ),
    summed AS (
      SELECT strategy_id, symbol, nth, max(n) AS last, (array_agg(side ORDER BY n))[1] AS opened_by,
             sum(coalesce(realized_pnl_exact, 0)) AS pnl,
             sum(price * quantity) FILTER (WHERE side = 'BUY') AS bought, sum(price * quantity) FILTER (WHERE side = 'SELL') AS sold
      FROM numbered GROUP BY strategy_id, symbol, nth
    )
    SELECT l.strategy_id, l.symbol, l.executed_at AS ended_at, s.pnl,
           coalesce(CASE WHEN s.opened_by = 'BUY' THEN s.bought ELSE s.sold END, 0) AS paid_in,
           (CASE WHEN o.intent = 'protection' THEN o.order_type ELSE o.metadata #>> '{protection,type}' END) IS NOT DISTINCT FROM 'STOP_LOSS' AS by_stop
    FROM summed s
    JOIN numbered l ON l.strategy_id = s.strategy_id AND l.symbol = s.symbol AND l.nth = s.nth AND l.n = s.last
    JOIN orders o ON o.id = l.order_id
    WHERE l.is_flat
    ORDER BY l.executed_at, length(l.exchange_trade_id), l.exchange_trade_id COLLATE "C"`);
};
