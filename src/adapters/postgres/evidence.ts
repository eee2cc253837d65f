import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import { validationEvidence } from '../../contracts/validation-evidence.ts';
import { type Interval, dayMs, intervalMs } from '../../domain/market/interval.ts';
import type { BacktestEvidence, PaperEvidence } from '../../domain/lifecycle/gates.ts';

const ratio = (a: number, b: number): number | null => (b > 0 ? a / b : null);
const numberOrNull = z
  .string()
  .nullable()
  .transform((value) => (value === null ? null : Number(value)));

const backtestRow = z.object({
  start_date: z.number(),
  end_date: z.number(),
  total_return_pct: numberOrNull,
  sharpe_ratio: numberOrNull,
  profit_factor: numberOrNull,
  max_drawdown_pct: numberOrNull,
  win_rate: numberOrNull,
  total_trades: z.number().nullable(),
  metadata: z.unknown(),
});

/** The newest backtest of this version; an older version's proves nothing. */
export const backtestEvidence = async (
  db: CommonQueryMethods,
  strategy: { strategyId: string; version: number },
): Promise<BacktestEvidence | null> => {
  const row = await db.maybeOne(sql.type(backtestRow)`
    SELECT start_date, end_date, total_return_pct, sharpe_ratio, profit_factor, max_drawdown_pct, win_rate, total_trades,
           jsonb_build_object('outOfSample', metadata -> 'outOfSample', 'validation', metadata -> 'validation') AS metadata
    FROM backtest_results
    WHERE strategy_id = ${strategy.strategyId} AND strategy_version = ${strategy.version}
    ORDER BY id DESC LIMIT 1`);
  if (!row) return null;
  const days = (row.end_date - row.start_date) / dayMs;
  return {
    trades: row.total_trades ?? 0,
    sharpe: row.sharpe_ratio,
    profitFactor: row.profit_factor,
    maxDrawdownPct: row.max_drawdown_pct,
    ...validationEvidence(row.metadata),
    returnPctPerDay: row.total_return_pct === null ? null : ratio(row.total_return_pct, days),
    winRate: row.win_rate,
  };
};

const paperRow = z.object({
  candles: z.number(),
  trades: z.number(),
  closing: z.number(),
  winners: z.number(),
  realized: z.string(),
  opening: z.string().nullable(),
  critical: z.number(),
  state: z.enum(['ACTIVE', 'REDUCING', 'HALTED']),
});

/**
 * What a strategy did on paper with this version. Market days are the candles that have closed since its promotion
 * (its `start_paper` audit row holds the newest one then): a replay at any speed counts the same, a hole counts nothing.
 */
export const paperEvidence = async (
  db: CommonQueryMethods,
  strategy: { strategyId: string; version: number; symbol: string; interval: Interval; quote: string },
): Promise<PaperEvidence> => {
  const row = await db.one(sql.type(paperRow)`
    WITH counted AS (
      SELECT t.* FROM trades t JOIN orders o ON o.id = t.order_id
      WHERE t.strategy_id = ${strategy.strategyId} AND t.environment = 'paper' AND o.strategy_version = ${strategy.version}
    )
    SELECT
      (SELECT count(*) FROM market_data WHERE symbol = ${strategy.symbol} AND interval = ${strategy.interval}
        AND extract(epoch FROM timestamp) * 1000 > (
          SELECT (new_value ->> 'marketTime')::numeric FROM audit_logs
          WHERE action = 'start_paper' AND entity_type = 'strategy' AND entity_id = ${strategy.strategyId}
            AND (new_value ->> 'version')::int = ${strategy.version}
          ORDER BY id DESC LIMIT 1))::int AS candles,
      (SELECT count(*) FROM counted)::int AS trades,
      (SELECT count(*) FROM counted WHERE realized_pnl_exact IS NOT NULL)::int AS closing,
      (SELECT count(*) FROM counted WHERE realized_pnl_exact > 0)::int AS winners,
      (SELECT coalesce(sum(realized_pnl_exact), 0) FROM counted)::text AS realized,
      (SELECT sum(amount) FROM balance_flows WHERE environment = 'paper' AND asset = ${strategy.quote} AND kind = 'opening')::text AS opening,
      (SELECT count(*) FROM alerts WHERE severity = 'critical' AND status = 'active'
        AND (entity_id = ${strategy.strategyId} OR entity_type = 'system'
          OR entity_id IN (SELECT id::text FROM orders WHERE strategy_id = ${strategy.strategyId})))::int AS critical,
      (SELECT state FROM trading_state WHERE environment = 'live') AS state`);
  const marketDays = (row.candles * intervalMs[strategy.interval]) / dayMs;
  const opening = Number(row.opening ?? '0');
  return {
    marketDays,
    trades: row.trades,
    returnPctPerDay: opening > 0 && marketDays > 0 ? ((Number(row.realized) / opening) * 100) / marketDays : null,
    winRate: ratio(row.winners, row.closing),
    openCriticalAlerts: row.critical,
    tradingState: row.state,
  };
};
