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
  const ownTrade = sql.fragment`t.strategy_id = held.strategy_id AND t.symbol = held.symbol AND t.environment = ${environment}
    AND t.exchange_trade_id IS NOT NULL`;
  // Each strategy's trades are looked up by themselves: joined to all trades at once, 1,000 strategies take ten times as long.
  return await db.any(sql.type(closedRow)`
    WITH span AS MATERIALIZED (SELECT ${from} AS after),
    held AS MATERIALIZED (SELECT DISTINCT t.strategy_id, t.symbol FROM trades t, span
      WHERE ${ended} AND t.executed_at > span.after),
    begun AS MATERIALIZED (
      SELECT held.*, flat.* FROM held CROSS JOIN span
      LEFT JOIN LATERAL (SELECT ${place} FROM trades t WHERE ${ownTrade} AND t.is_flat AND t.executed_at <= span.after
        ORDER BY t.executed_at DESC, length(t.exchange_trade_id) DESC, t.exchange_trade_id COLLATE "C" DESC LIMIT 1)
        flat (at, length, id) ON true)
    SELECT held.strategy_id, held.symbol, closed.ended_at, closed.pnl, closed.paid_in,
           (CASE WHEN o.intent = 'protection' THEN o.order_type ELSE o.metadata #>> '{protection,type}' END) IS NOT DISTINCT FROM 'STOP_LOSS' AS by_stop
    FROM begun held CROSS JOIN LATERAL (
      SELECT max(executed_at) AS ended_at, max(exchange_trade_id) FILTER (WHERE is_flat) AS trade_id,
             (array_agg(order_id) FILTER (WHERE is_flat))[1] AS order_id, coalesce(sum(realized_pnl_exact), 0) AS pnl,
             coalesce(sum(price * quantity) FILTER (WHERE side = opened_by), 0) AS paid_in
      FROM (
        SELECT own.*, first_value(side) OVER (PARTITION BY nth ORDER BY n) AS opened_by FROM (
          SELECT t.*, row_number() OVER folded AS n,
                 count(*) FILTER (WHERE t.is_flat) OVER folded - CASE WHEN t.is_flat THEN 1 ELSE 0 END AS nth
          FROM trades t
          WHERE ${ownTrade} AND t.executed_at >= coalesce(held.at, '-infinity')
            AND (held.at IS NULL OR (${place}) > (held.at, held.length, held.id))
            ${until === undefined ? sql.fragment`` : sql.fragment`AND t.executed_at <= ${timestamp(until)}`}
          WINDOW folded AS (ORDER BY ${place})) own
      ) numbered
      GROUP BY nth HAVING bool_or(is_flat)) closed
    JOIN orders o ON o.id = closed.order_id
    ORDER BY closed.ended_at, length(closed.trade_id), closed.trade_id COLLATE "C"`);
};
