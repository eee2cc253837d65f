import { type CommonQueryMethods, type DatabasePool, sql } from 'slonik';
import type { PortfolioSnapshot, RiskSnapshot, SnapshotRequest } from '../../../contracts/portfolio.ts';
import { text } from '../../../domain/decimal.ts';
import { intervalMs, openTimeOf } from '../../../domain/market/interval.ts';
import type { Environment } from '../../../domain/orders/order.ts';
import { portfolioExposure } from '../../../domain/portfolio/exposure.ts';
import { fitFigures, riskReport } from '../../../domain/portfolio/risk-figures.ts';
import { once } from '../effects.ts';
import { timestamp } from '../pool.ts';
import { jsonb } from '../rows.ts';
import { type EquityReading, carryEquity } from './equity.ts';
import { readBtcCloses, readIndexHistory } from './index-history.ts';
import { marketTimeOf } from './market-time.ts';

/** Takes a snapshot once by its id; taken again it is the first one. */
const takenOnce = async <T>(
  pool: DatabasePool,
  kind: 'portfolio_snapshot' | 'risk_snapshot',
  { snapshotId }: SnapshotRequest,
  take: (tx: CommonQueryMethods) => Promise<T>,
): Promise<T> =>
  await pool.transaction(async (tx) => await once(tx, { key: `${kind}/${snapshotId}`, kind }, () => take(tx)));

/** The greatest sum that DECIMAL(20, 2) holds. */
const greatestSum = '999999999999999999.99';
const bounded = (value: string) =>
  sql.fragment`greatest(least(${value}::numeric, ${greatestSum}::numeric), -${greatestSum}::numeric)`;

/** Writes what an environment holds, a row an asset, its value in US dollars where it has a price. Once by the snapshot's id. */
export const writePortfolioSnapshot = async (
  pool: DatabasePool,
  request: SnapshotRequest,
  { environment, at, equity, unpriced, valuation }: EquityReading,
): Promise<PortfolioSnapshot> =>
  await takenOnce(pool, 'portfolio_snapshot', request, async (tx) => {
    for (const { asset, free, locked, total, value } of valuation.assets) {
      await tx.query(sql.unsafe`
        INSERT INTO portfolio_balances (environment, asset, free_balance, locked_balance, total_balance, usd_value, timestamp)
        VALUES (${environment}, ${asset}, ${text(free)}::numeric, ${text(locked)}::numeric, ${text(total)}::numeric,
                ${value === null ? null : bounded(text(value))}, ${timestamp(at)})
        ON CONFLICT (environment, asset, timestamp) DO UPDATE SET free_balance = EXCLUDED.free_balance,
          locked_balance = EXCLUDED.locked_balance, total_balance = EXCLUDED.total_balance, usd_value = EXCLUDED.usd_value`);
    }
    return { environment, at, equity: text(equity), assets: valuation.assets.length, unpriced };
  });

/**
 * Carries the equity index on and writes the row of risk_metrics that follows from it, in one transaction. Once by the snapshot's id.
 * `metadata` holds `index`, `peakIndex`, `netFlows`, `unpriced`, `exposure`, `reasons`, `days` and, in `raw`, what a column could not.
 */
export const writeRiskSnapshot = async (
  pool: DatabasePool,
  request: SnapshotRequest,
  given: EquityReading,
): Promise<RiskSnapshot> =>
  await takenOnce(pool, 'risk_snapshot', request, async (tx) => {
    const reading = await carryEquity(tx, given);
    const { environment, at, index, valuation, unpriced } = reading;
    const points = [...(await readIndexHistory(tx, environment)).filter((point) => point.at <= at), { at, index }];
    const btcCloses = await readBtcCloses(tx, openTimeOf(points[0]!.at, '1d'), openTimeOf(at, '1d'));
    const { figures, reasons, days } = riskReport({ valuation, points, btcCloses });
    const { columns, raw } = fitFigures(figures);
    const metadata = {
      index,
      peakIndex: reading.peakIndex,
      netFlows: text(reading.netFlows),
      unpriced,
      exposure: portfolioExposure(valuation),
      reasons,
      days,
      raw,
    };
    await tx.query(sql.unsafe`
      INSERT INTO risk_metrics (timestamp, environment, total_portfolio_value, var_95, cvar_95, portfolio_volatility, sharpe_ratio,
        max_drawdown, correlation_btc, diversification_score, position_count, largest_position_pct, metadata)
      VALUES (${timestamp(at)}, ${environment}, ${bounded(text(reading.equity))}, ${columns.var95}, ${columns.cvar95},
        ${columns.volatility}, ${columns.sharpe}, ${columns.maxDrawdownPct}, ${columns.correlationBtc}, ${columns.diversification},
        ${columns.positions}, ${columns.largestPosition}, ${jsonb(metadata)})`);
    return { environment, at, equity: text(reading.equity), unpriced, ...figures, reasons };
  });

const isOlder = async (db: CommonQueryMethods, environment: Environment, at: number): Promise<boolean> =>
  await db.exists(sql.unsafe`
    SELECT FROM balance_flows WHERE environment = ${environment} AND NOT EXISTS (
      SELECT FROM risk_metrics WHERE environment = ${environment} AND timestamp > ${timestamp(at - intervalMs['1h'])})`);

/**
 * Whether a snapshot is due in market time: an account is open, and its newest risk snapshot is an hour or more older than `at` (epoch
 * ms), or there is none. Never before the environment's own market time has come as far: a snapshot would be of the same time again.
 * What a replayed market goes by, whose hours no schedule knows.
 */
export const snapshotDue = async (db: CommonQueryMethods, environment: Environment, at: number): Promise<boolean> => {
  if (!(await isOlder(db, environment, at))) return false;
  const own = await marketTimeOf(db, environment);
  return own !== null && (own >= at || (await isOlder(db, environment, own)));
};
