import type { Store } from '../adapters/postgres/store.ts';
import type { MarketDataSource } from '../contracts/venue.ts';
import { DomainError } from '../domain/errors.ts';
import type { MarketName } from '../domain/market/informative.ts';
import { closeTimeOf, intervalMs, openTimeOf } from '../domain/market/interval.ts';

/** Candles fetched at least when a market is looked at for the first time. */
const firstFetchBars = 500;
export const pageSize = 1_000;

export interface CandleFeed {
  /** @throws DomainError `VenueMismatch` where candles of another exchange are asked for. */
  requireSource(exchange: string): void;
  /**
   * Stores what has closed since the last stored candle, page by page, so that a gap is repaired before anything is judged.
   * @param barsWanted how far back to begin where nothing is stored yet
   * @returns how many candles were stored
   */
  ingest(market: MarketName, now: number, barsWanted: () => Promise<number> | number): Promise<number>;
}

/** Brings candles from the venue into the database. */
export const createCandleFeed = (store: Store, marketData: MarketDataSource): CandleFeed => ({
  requireSource: (exchange) => {
    if (exchange === marketData.id) return;
    throw new DomainError(
      'VenueMismatch',
      `this worker reads candles from ${marketData.id}, the workflow asks for ${exchange}`,
      { next: `start a worker with MASTERTRADE_EXCHANGE=${exchange}` },
    );
  },
  ingest: async ({ symbol, interval }, now, barsWanted) => {
    await store.venues.bind('market_data', marketData.id, null);
    const last = await store.candles.lastTime({ symbol, interval });
    let from =
      last === null
        ? openTimeOf(now, interval) - Math.max(firstFetchBars, await barsWanted()) * intervalMs[interval]
        : closeTimeOf(last, interval);
    let stored = 0;
    while (closeTimeOf(from, interval) <= now) {
      const page = await marketData.candles({ symbol, interval, from, limit: pageSize });
      const newest = page.at(-1);
      if (!newest) break;
      const { inserted, updated } = await store.candles.ingest({ symbol, interval, candles: page });
      stored += inserted + updated;
      from = closeTimeOf(newest.time, interval);
    }
    return stored;
  },
});
