import type { DatabasePool } from 'slonik';
import { ingestCandles, type IngestedCandles } from '../adapters/postgres/candles.ts';
import { bindVenue, boundVenue, storedSymbol } from '../adapters/postgres/market-venue.ts';
import type { Candle } from '../domain/market/candle.ts';
import type { Interval } from '../domain/market/interval.ts';

interface CandleImport {
  readonly exchange: string;
  readonly symbol: string;
  readonly interval: Interval;
  readonly candles: readonly Candle[];
}

/**
 * Stores an import, all of it or nothing. The first one binds the database to its exchange; another exchange's series
 * is stored under a prefixed symbol, which is answered.
 * @throws DomainError UnknownSymbol when that symbol is too long for the tables.
 */
export const storeImport = async (
  pool: DatabasePool,
  { exchange, symbol, interval, candles }: CandleImport,
): Promise<IngestedCandles & { symbol: string }> =>
  pool.transaction(async (transaction) => {
    // A transaction has every query method of a pool, which is all that these use of it.
    const connection = transaction as unknown as DatabasePool;
    const bound = await boundVenue(connection, 'market_data');
    if (bound === null) await bindVenue(connection, 'market_data', exchange, null);
    const stored = storedSymbol(bound?.exchange ?? exchange, exchange, symbol);
    return { symbol: stored, ...(await ingestCandles(connection, { symbol: stored, interval, candles })) };
  });
