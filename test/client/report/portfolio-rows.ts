import { type DatabasePool, type FragmentSqlToken, sql } from 'slonik';
import type { GoalHistory } from '../../../src/adapters/postgres/portfolio-goals.ts';
import type { PortfolioHistory } from '../../../src/client/report/portfolio/history.ts';

const time = (column: string): FragmentSqlToken =>
  sql.fragment`to_timestamp(${sql.identifier([column])} / 1000.0) AT TIME ZONE 'UTC'`;

const json = (value: unknown) => sql.jsonb(JSON.parse(JSON.stringify(value)));

/** Writes a portfolio's history as snapshots, breaker and goals write it. `strategyIds` own the newest exposure, by turns. */
export const writePortfolio = async (
  pool: DatabasePool,
  history: PortfolioHistory,
  strategyIds: readonly string[],
): Promise<void> => {
  const { environment, figures, points, balances, flows, incidents, goals, state } = history;
  const newest = points.at(-1)!;
  const snapshots = points.map((point) => ({
    at: point.at,
    equity: point.equity,
    metadata: {
      index: point.index,
      peakIndex: point.peakIndex,
      netFlows: String(point.netFlows),
      unpriced: point.unpriced,
      exposure: {
        bySymbol: textOf(point.exposure),
        byStrategy: textOf(
          Object.fromEntries(strategyIds.map((id, at) => [id, Object.values(point.exposure)[at] ?? 0])),
        ),
        bySide: textOf({ LONG: Object.values(point.exposure).reduce((sum, value) => sum + value, 0), SHORT: 0 }),
      },
      reasons: figures.reasons,
    },
  }));
  await pool.query(sql.unsafe`
    INSERT INTO risk_metrics (timestamp, environment, total_portfolio_value, metadata)
    SELECT ${time('at')}, ${environment}, equity, metadata
    FROM jsonb_to_recordset(${json(snapshots)}) AS row(at float8, equity numeric, metadata jsonb)`);
  await pool.query(sql.unsafe`
    UPDATE risk_metrics SET var_95 = ${figures.var95}, cvar_95 = ${figures.cvar95}, portfolio_volatility = ${figures.volatility},
      sharpe_ratio = ${figures.sharpe}, max_drawdown = ${figures.maxDrawdownPct}, correlation_btc = ${figures.correlationBtc},
      diversification_score = ${figures.diversification}, position_count = ${figures.positions},
      largest_position_pct = ${figures.largestPosition}
    WHERE timestamp = to_timestamp(${newest.at / 1000}) AT TIME ZONE 'UTC'`);
  await pool.query(sql.unsafe`
    INSERT INTO portfolio_balances (environment, asset, free_balance, locked_balance, total_balance, usd_value, timestamp)
    SELECT ${environment}, asset, free, locked, total, value, to_timestamp(${newest.at / 1000}) AT TIME ZONE 'UTC'
    FROM jsonb_to_recordset(${json(balances)}) AS row(asset text, free numeric, locked numeric, total numeric, value numeric)`);
  await pool.query(sql.unsafe`
    INSERT INTO balance_flows (flow_key, environment, exchange, asset, amount, kind, occurred_at)
    SELECT 'flow/' || at, ${environment}, 'simulator', asset, amount, kind, ${time('at')}
    FROM jsonb_to_recordset(${json(flows)}) AS row(at float8, asset text, amount numeric, kind text)`);
  await pool.query(sql.unsafe`
    INSERT INTO circuit_breaker_events (id, environment, trigger_type, threshold_value, actual_value, state, triggered_at, resolved_at,
                                        cool_down_until, actions_taken, metadata)
    SELECT "eventId", ${environment}, trigger, threshold, actual, state, ${time('triggeredAt')}, ${time('resolvedAt')},
      ${time('coolDownUntil')}, taken, jsonb_build_object('reason', reason, 'marketTime', "marketTime")
    FROM jsonb_to_recordset(${json(incidents)}) AS row("eventId" int, trigger text, threshold numeric, actual numeric, state text,
      "triggeredAt" float8, "resolvedAt" float8, "coolDownUntil" float8, taken jsonb, reason text, "marketTime" float8)`);
  await pool.query(sql.unsafe`
    UPDATE trading_state SET state = ${state.state}, reason = ${state.reason} WHERE environment = ${environment}`);
  for (const goal of goals) await writeGoal(pool, goal);
};

const textOf = (amounts: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(amounts).map(([name, value]) => [name, value.toFixed(8)]));

/** Sets the seed's goal of its type, and writes its hours. */
const writeGoal = async (pool: DatabasePool, { goal, progress, adjustments }: GoalHistory): Promise<void> => {
  const { environment, targetDate, adjusts, baseline } = goal;
  const id = await pool.oneFirst(sql.unsafe`
    UPDATE financial_goals SET target_value = ${goal.target}, status = ${goal.status}, priority = ${goal.priority},
      metadata = ${json({ environment, targetDate, adjusts, baseline })}
    WHERE goal_type = ${goal.type} RETURNING id`);
  await pool.query(sql.unsafe`
    INSERT INTO goal_progress (goal_id, timestamp, current_value, target_value, status)
    SELECT ${id as number}, ${time('at')}, current, target, status
    FROM jsonb_to_recordset(${json(progress)}) AS row(at float8, current numeric, target numeric, status text)`);
  await pool.query(sql.unsafe`
    INSERT INTO goal_adjustments (goal_id, adjustment_type, old_value, new_value, reason, applied_at)
    SELECT ${id as number}, kind, before, after, reason, ${time('at')}
    FROM jsonb_to_recordset(${json(adjustments)}) AS row(at float8, kind text, before numeric, after numeric, reason text)`);
};
