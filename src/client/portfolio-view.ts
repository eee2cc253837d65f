import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { readEquity } from '../adapters/postgres/portfolio/equity.ts';
import { type RiskFigures, byStrategyName, readRiskFigures } from '../adapters/postgres/portfolio-history.ts';
import { type Money, text, zero } from '../domain/decimal.ts';
import { DomainError } from '../domain/errors.ts';
import type { Environment } from '../domain/orders/order.ts';
import { portfolioExposure } from '../domain/portfolio/exposure.ts';

/** What one thing is worth, US dollars as decimal text, and which part of equity that is, per cent. */
export interface Share {
  readonly name: string;
  readonly value: string;
  readonly pct: number | null;
}

/** One asset that is held. Decimal text; `price` and `value` in US dollars, null where it has no price. */
export interface ShownBalance {
  readonly asset: string;
  readonly free: string;
  readonly locked: string;
  readonly total: string;
  readonly price: string | null;
  readonly value: string | null;
  /** Market time of the price, epoch ms; null for a dollar, a position's mark, or where there is none. */
  readonly pricedAt: number | null;
}

/** What an environment is worth and risks: all as of now but `risk`, which is the newest snapshot's. */
export interface PortfolioView {
  readonly environment: Environment;
  /** Market time, epoch ms; null where no candle is stored yet. */
  readonly at: number | null;
  /** US dollars, decimal text. */
  readonly equity: string;
  readonly netFlows: string;
  /** What was earned: equity less what came from the outside. */
  readonly profit: string;
  readonly index: number;
  readonly peakIndex: number;
  readonly drawdownPct: number | null;
  readonly unpriced: readonly string[];
  readonly balances: readonly ShownBalance[];
  readonly exposure: {
    readonly bySymbol: readonly Share[];
    readonly byStrategy: readonly Share[];
    readonly bySide: readonly Share[];
  };
  /** `days`: daily returns that the figures are drawn from. */
  readonly risk: (RiskFigures & { readonly days: number | null }) | null;
}

const cents = 2;
const usd = (value: Money): string => value.toFixed(cents);

/** The largest first. */
const sharesOf = (amounts: Readonly<Record<string, string>>, equity: Money): readonly Share[] =>
  Object.entries(amounts)
    .map(([name, value]) => ({ name, value: Number(value), text: value }))
    .filter(({ value }) => value !== 0)
    .toSorted((a, b) => b.value - a.value || (a.name < b.name ? -1 : 1))
    .map(({ name, value, text: exact }) => ({
      name,
      value: exact,
      pct: equity.gt(zero) ? (value / Number(text(equity))) * 100 : null,
    }));

/** The environment that a person means who names none: live money where there is any. */
export const chosenEnvironment = async (pool: DatabasePool, asked: Environment | undefined): Promise<Environment> =>
  asked ?? ((await readEquity(pool, 'live')) ? 'live' : 'paper');

/** Later than any market time. */
const endOfTime = Date.UTC(9999, 0, 1);

const newestRow = z.object({ days: z.number().nullable() });

const newestFigures = async (pool: DatabasePool, environment: Environment): Promise<PortfolioView['risk']> => {
  const newest = await pool.maybeOne(sql.type(newestRow)`
    SELECT (metadata ->> 'days')::int AS days FROM risk_metrics WHERE environment = ${environment}
    ORDER BY timestamp DESC, id DESC LIMIT 1`);
  return newest && { ...(await readRiskFigures(pool, environment, endOfTime)), days: newest.days };
};

/** @throws DomainError `NoHistory` where no account of the environment has been opened */
export const readPortfolio = async (pool: DatabasePool, environment: Environment): Promise<PortfolioView> => {
  const reading = await readEquity(pool, environment);
  if (!reading) {
    throw new DomainError('NoHistory', `no account of ${environment} has been opened yet`, {
      next: `promote a strategy to ${environment === 'paper' ? 'paper' : 'active'}, or place an order on ${environment}`,
    });
  }
  const { valuation, equity, netFlows } = reading;
  const exposure = portfolioExposure(valuation);
  return {
    environment,
    at: reading.at > 0 ? reading.at : null,
    equity: usd(equity),
    netFlows: usd(netFlows),
    profit: usd(equity.minus(netFlows)),
    index: reading.index,
    peakIndex: reading.peakIndex,
    drawdownPct: reading.drawdownPct,
    unpriced: reading.unpriced,
    balances: valuation.assets
      .filter(({ total }) => !total.eq(zero))
      .toSorted((a, b) => (b.value ?? zero).cmp(a.value ?? zero))
      .map(({ asset, free, locked, total, price, value, pricedAt }) => ({
        asset,
        free: text(free),
        locked: text(locked),
        total: text(total),
        price: price && text(price),
        value: value && usd(value),
        pricedAt,
      })),
    exposure: {
      bySymbol: sharesOf(exposure.bySymbol, equity),
      byStrategy: sharesOf(await byStrategyName(pool, exposure.byStrategy), equity),
      bySide: sharesOf(exposure.bySide, equity),
    },
    risk: await newestFigures(pool, environment),
  };
};
