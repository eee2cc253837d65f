import type { CommonQueryMethods } from 'slonik';
import { text, zero } from '../../domain/decimal.ts';
import type { Environment } from '../../domain/orders/order.ts';
import { portfolioExposure } from '../../domain/portfolio/exposure.ts';
import { readEquity } from './portfolio/equity.ts';
import { type Amounts, type BalanceRecord, type EquityPoint, byStrategyName } from './portfolio-history.ts';

/** What is at stake in open positions, US dollars. */
export interface ExposureRecord {
  readonly bySymbol: Amounts;
  /** By the strategy's name. */
  readonly byStrategy: Amounts;
  readonly bySide: Amounts;
}

/** A portfolio as a snapshot would find it now. */
export interface PortfolioNow {
  readonly point: EquityPoint;
  /** The most valuable first. */
  readonly balances: readonly BalanceRecord[];
  readonly exposure: ExposureRecord;
}

const numbers = (amounts: Readonly<Record<string, string>>): Amounts =>
  Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, Number(amount)]));

/** As of the newest candle; null where that is before `since` (market time, epoch ms) or no account is open. Writes nothing. */
export const readPortfolioNow = async (
  db: CommonQueryMethods,
  environment: Environment,
  since: number,
): Promise<PortfolioNow | null> => {
  const reading = await readEquity(db, environment);
  if (reading === null || reading.at < since) return null;
  const { at, equity, index, peakIndex, netFlows, unpriced, valuation } = reading;
  const { bySymbol, byStrategy, bySide } = portfolioExposure(valuation);
  const exposure = {
    bySymbol: numbers(bySymbol),
    byStrategy: await byStrategyName(db, numbers(byStrategy)),
    bySide: numbers(bySide),
  };
  return {
    point: {
      at,
      equity: Number(equity.toFixed(2)),
      index,
      peakIndex,
      netFlows: Number(text(netFlows)),
      unpriced,
      exposure: exposure.bySymbol,
    },
    balances: valuation.assets
      .filter(({ total }) => !total.eq(zero))
      .toSorted((a, b) => (b.value ?? zero).cmp(a.value ?? zero) || (a.asset < b.asset ? -1 : 1))
      .map(({ asset, free, locked, total, value }) => ({
        asset,
        free: text(free),
        locked: text(locked),
        total: text(total),
        value: value && Number(value.toFixed(2)),
      })),
    exposure,
  };
};
