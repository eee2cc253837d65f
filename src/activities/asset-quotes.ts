import type { KnownPrice } from '../adapters/postgres/portfolio/prices.ts';
import type { MarketDataSource } from '../contracts/venue.ts';
import { DomainError } from '../domain/errors.ts';
import { closeTimeOf, intervalMs, openTimeOf } from '../domain/market/interval.ts';
import { VenueFailure } from '../domain/orders/venue-failure.ts';

/** What US dollars are called where an asset is looked for. */
const dollar = 'USDT';
const interval = '1m';
/** A market on which nothing has traded for longer is asked for nothing older. */
const bars = 60;

export type Quote = { readonly price: KnownPrice } | { readonly whyNot: string };

/**
 * The last closed minute of an asset in US dollars at the market data source. A market that is not there, or an answer that does not
 * come, is why there is none, and no failure: figures do not wait for it.
 */
export const quoteOf = async (marketData: MarketDataSource, asset: string): Promise<Quote> => {
  const symbol = `${asset}${dollar}`;
  try {
    const from = openTimeOf(await marketData.now(), interval) - bars * intervalMs[interval];
    const last = (await marketData.candles({ symbol, interval, from, limit: bars })).at(-1);
    if (!last)
      return { whyNot: `no candle of it is stored, and ${marketData.id} has none of ${symbol} of the last hour` };
    return { price: { asset, price: last.close, at: closeTimeOf(last.time, interval) } };
  } catch (error) {
    if (error instanceof DomainError && error.name === 'UnknownSymbol') {
      return { whyNot: `no candle of it is stored, and ${marketData.id} has no market ${symbol}` };
    }
    if (error instanceof VenueFailure) {
      return { whyNot: `no candle of it is stored, and ${marketData.id} did not say one: ${error.message}` };
    }
    throw error;
  }
};
