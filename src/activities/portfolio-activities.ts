import type { EquityReading } from '../adapters/postgres/portfolio/equity.ts';
import type { KnownPrice } from '../adapters/postgres/portfolio/prices.ts';
import type { Store } from '../adapters/postgres/store.ts';
import type { PortfolioActivities } from '../contracts/portfolio.ts';
import type { MarketDataSource } from '../contracts/venue.ts';
import { zero } from '../domain/decimal.ts';
import { DomainError } from '../domain/errors.ts';
import { dayMs } from '../domain/market/interval.ts';
import type { Environment } from '../domain/orders/order.ts';
import { quoteOf } from './asset-quotes.ts';
import { withMappedFailures } from './failures.ts';
import { heartbeating } from './heartbeat.ts';

export interface PortfolioDeps {
  readonly store: Pick<Store, 'portfolio'>;
  readonly marketData: MarketDataSource;
}

const noHistory = (environment: Environment): DomainError =>
  new DomainError('NoHistory', `no account of ${environment} has been opened yet: there is nothing to value`, {
    next: 'promote a strategy to it, or place an order there',
  });

const noMarketTime = (environment: Environment): DomainError =>
  new DomainError('NoHistory', `no candle is stored yet, so there is no market time to value ${environment} at`, {
    next: 'run a strategy on a market, or store candles: mastertrade import',
  });

/** A stored close that is older than this prices nothing well: its market is looked at no more. */
const staleMs = dayMs;

/** Assets to ask the venue about: those that no stored candle prices, or an old one. */
const unquoted = ({ at, valuation }: EquityReading): readonly string[] =>
  valuation.assets.flatMap(({ asset, source, pricedAt, total }) => {
    const isStored = source === 'unit' || source === 'candle' || source === 'bridge';
    const isOld = pricedAt !== null && at - pricedAt > staleMs;
    return !total.eq(zero) && (!isStored || isOld) ? [asset] : [];
  });

export const createPortfolioActivities = ({ store: { portfolio }, marketData }: PortfolioDeps): PortfolioActivities => {
  const read = async (environment: Environment): Promise<EquityReading> => {
    const reading = await portfolio.equity(environment);
    if (!reading) throw noHistory(environment);
    return reading;
  };

  /** Equity with every price there is; what has none is said. @throws DomainError `NoHistory`, `PriceMissing` */
  const valued = async (environment: Environment): Promise<EquityReading> => {
    const first = await read(environment);
    if (first.at === 0) throw noMarketTime(environment);
    const known: KnownPrice[] = [];
    const whyNot = new Map<string, string>();
    for (const asset of unquoted(first)) {
      const quote = await quoteOf(marketData, asset);
      if ('price' in quote) known.push(quote.price);
      else whyNot.set(asset, quote.whyNot);
    }
    await portfolio.keepPrices(known);
    const reading = known.length > 0 ? await read(environment) : first;
    const missing = reading.unpriced.map((asset) => ({ asset, why: whyNot.get(asset) ?? 'no candle of it is stored' }));
    await portfolio.tellMissingPrices(environment, missing);
    if (missing.length > 0 && reading.valuation.assets.every(({ price, total }) => price === null || total.eq(zero))) {
      throw new DomainError(
        'PriceMissing',
        `nothing that ${environment} holds has a price: ${reading.unpriced.join(', ')}`,
        { next: 'store candles of a market of it in US dollars: `mastertrade import`, or a strategy on that market' },
      );
    }
    return reading;
  };

  return withMappedFailures<PortfolioActivities>({
    snapshotPortfolio: async (request) =>
      await heartbeating(async () => await portfolio.writeBalances(request, await valued(request.environment))),
    snapshotRisk: async (request) =>
      await heartbeating(async () => await portfolio.writeRisk(request, await valued(request.environment))),
  });
};
