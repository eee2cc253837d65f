import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import type { Environment } from '../../domain/orders/order.ts';
import type { RiskFigures as Figures } from '../../domain/portfolio/risk-figures.ts';
import { timestamp } from './pool.ts';
import { numberText, numberTextOrNull } from './rows.ts';

/** US dollars by name. */
export type Amounts = Readonly<Record<string, number>>;

/** One row of risk_metrics as a chart needs it. Sums are US dollars. */
export interface EquityPoint {
  /** Market time, epoch ms. */
  readonly at: number;
  readonly equity: number;
  /** The equity without what came from or went to the outside; null in rows that were written without it. */
  readonly index: number | null;
  readonly peakIndex: number | null;
  /** Came from the outside since the beginning, less what went there; null in rows that were written without it. */
  readonly netFlows: number | null;
  readonly unpriced: readonly string[];
  readonly exposure: Amounts;
}

/** The figures of the newest row. Null where one is not defined, and `reasons` says why. */
export interface RiskFigures extends Omit<Figures, 'positions'> {
  /** Market time, epoch ms. */
  readonly at: number;
  readonly positions: number | null;
  readonly reasons: Readonly<Record<string, string>>;
  readonly bySymbol: Amounts;
  /** By the strategy's name. */
  readonly byStrategy: Amounts;
  readonly bySide: Amounts;
}

/** Money from or to the outside. */
export interface FlowRecord {
  readonly at: number;
  readonly kind: 'opening' | 'deposit' | 'withdrawal';
  readonly asset: string;
  /** Decimal text, units of the asset. */
  readonly amount: string;
}

/** One asset as the newest snapshot found it. Amounts are decimal text. */
export interface BalanceRecord {
  readonly asset: string;
  readonly free: string;
  readonly locked: string;
  readonly total: string;
  /** US dollars; null without a price. */
  readonly value: number | null;
}

const amount = z.union([z.number(), z.string()]).transform(Number);
const amounts = z.record(z.string(), amount).catch({});
const names = z.array(z.string()).catch([]);
const pointRow = z.object({
  at: z.number(),
  equity: numberText,
  index: z.number().nullable(),
  peakIndex: z.number().nullable(),
  netFlows: z.number().nullable(),
  unpriced: names,
  exposure: amounts,
});

/** The environment that has snapshots: live where both have. @throws DomainError `NoHistory` */
export const environmentWithHistory = async (db: CommonQueryMethods): Promise<Environment> => {
  const row = z.object({ environment: z.enum(['paper', 'live']) });
  const found = await db.maybeOneFirst(sql.type(row)`
    SELECT environment FROM risk_metrics WHERE environment IN ('live', 'paper') GROUP BY environment ORDER BY environment LIMIT 1`);
  if (found === null) throw noHistory('there is no snapshot of a portfolio yet');
  return found;
};

export const noHistory = (message: string): DomainError =>
  new DomainError('NoHistory', message, {
    next: 'take one with `mastertrade portfolio --snapshot`; a worker takes one every hour',
  });

/** Every snapshot up to `to` (epoch ms), the oldest first; of those at one market time the one that was written last. */
export const readEquityPoints = async (
  db: CommonQueryMethods,
  environment: Environment,
  to: number,
): Promise<readonly EquityPoint[]> =>
  await db.any(sql.type(pointRow)`
    SELECT DISTINCT ON (timestamp) timestamp AS at, total_portfolio_value::text AS equity,
      (metadata->>'index')::float8 AS index, (metadata->>'peakIndex')::float8 AS "peakIndex",
      (metadata->>'netFlows')::float8 AS "netFlows", coalesce(metadata->'unpriced', '[]') AS unpriced,
      coalesce(metadata->'exposure'->'bySymbol', '{}') AS exposure
    FROM risk_metrics WHERE environment = ${environment} AND timestamp <= ${timestamp(to)} ORDER BY timestamp, id DESC`);

const riskRow = z
  .object({
    timestamp: z.number(),
    var_95: numberTextOrNull,
    cvar_95: numberTextOrNull,
    portfolio_volatility: numberTextOrNull,
    sharpe_ratio: numberTextOrNull,
    max_drawdown: numberTextOrNull,
    correlation_btc: numberTextOrNull,
    diversification_score: numberTextOrNull,
    position_count: z.number().nullable(),
    largest_position_pct: numberTextOrNull,
    reasons: z.record(z.string(), z.string()).catch({}),
    by_symbol: amounts,
    by_strategy: amounts,
    by_side: amounts,
  })
  .transform((row): RiskFigures => ({
    at: row.timestamp,
    var95: row.var_95,
    cvar95: row.cvar_95,
    volatility: row.portfolio_volatility,
    sharpe: row.sharpe_ratio,
    maxDrawdownPct: row.max_drawdown,
    correlationBtc: row.correlation_btc,
    diversification: row.diversification_score,
    positions: row.position_count,
    largestPosition: row.largest_position_pct,
    reasons: row.reasons,
    bySymbol: row.by_symbol,
    byStrategy: row.by_strategy,
    bySide: row.by_side,
  }));

/** The figures of the newest snapshot up to `to` (epoch ms). */
export const readRiskFigures = async (
  db: CommonQueryMethods,
  environment: Environment,
  to: number,
): Promise<RiskFigures> => {
  const figures = await db.one(sql.type(riskRow)`
    SELECT timestamp, var_95::text, cvar_95::text, portfolio_volatility::text, sharpe_ratio::text, max_drawdown::text,
      correlation_btc::text, diversification_score::text, position_count, largest_position_pct::text,
      coalesce(metadata->'reasons', '{}') AS reasons, coalesce(metadata->'exposure'->'bySymbol', '{}') AS by_symbol,
      coalesce(metadata->'exposure'->'byStrategy', '{}') AS by_strategy, coalesce(metadata->'exposure'->'bySide', '{}') AS by_side
    FROM risk_metrics WHERE environment = ${environment} AND timestamp <= ${timestamp(to)}
    ORDER BY timestamp DESC, id DESC LIMIT 1`);
  return { ...figures, byStrategy: await byStrategyName(db, figures.byStrategy) };
};

/** The same amounts by the strategies' names; two of one name are told apart by the start of their ids. */
export const byStrategyName = async <T>(
  db: CommonQueryMethods,
  byId: Readonly<Record<string, T>>,
): Promise<Readonly<Record<string, T>>> => {
  const row = z.object({ id: z.string(), name: z.string() });
  const found = await db.any(sql.type(row)`
    SELECT id::text, name FROM strategies WHERE id::text = ANY(${sql.array(Object.keys(byId), 'text')})`);
  const nameOf = (id: string): string => {
    const name = found.find((each) => each.id === id)?.name;
    if (name === undefined) return id;
    return found.filter((each) => each.name === name).length > 1 ? `${name} (${id.slice(0, 8)})` : name;
  };
  return Object.fromEntries(Object.entries(byId).map(([id, value]) => [nameOf(id), value]));
};

const balanceRow = z.object({
  asset: z.string(),
  free: z.string(),
  locked: z.string(),
  total: z.string(),
  value: numberTextOrNull,
});

/** What was held at the newest snapshot of balances up to `to` (epoch ms), the most valuable first. */
export const readBalanceSnapshot = async (
  db: CommonQueryMethods,
  environment: Environment,
  to: number,
): Promise<readonly BalanceRecord[]> =>
  await db.any(sql.type(balanceRow)`
    SELECT asset, trim_scale(free_balance)::text AS free, trim_scale(coalesce(locked_balance, 0))::text AS locked,
      trim_scale(total_balance)::text AS total, usd_value::text AS value
    FROM portfolio_balances
    WHERE environment = ${environment} AND total_balance <> 0 AND timestamp = (
      SELECT max(timestamp) FROM portfolio_balances
      WHERE environment = ${environment} AND usd_value IS NOT NULL AND timestamp <= ${timestamp(to)})
    ORDER BY usd_value DESC NULLS LAST, asset`);

const flowRow = z.object({
  at: z.number(),
  kind: z.enum(['opening', 'deposit', 'withdrawal']),
  asset: z.string(),
  amount: z.string(),
});

/** What came from and went to the outside up to `to` (epoch ms), the oldest first. */
export const readFlows = async (
  db: CommonQueryMethods,
  environment: Environment,
  to: number,
): Promise<readonly FlowRecord[]> =>
  await db.any(sql.type(flowRow)`
    SELECT occurred_at AS at, kind, asset, trim_scale(amount)::text AS amount FROM balance_flows
    WHERE environment = ${environment} AND occurred_at <= ${timestamp(to)} ORDER BY occurred_at, id`);
