import type { DatabasePool } from 'slonik';
import { ingestCandles, type IngestedCandles } from '../adapters/postgres/candles.ts';
import { bindVenue, boundVenue, storedSymbol } from '../adapters/postgres/market-venue.ts';
import { DomainError } from '../domain/errors.ts';
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
 * @throws DomainError UnknownSymbol when that symbol is too long for the tables, BadCandleFile when a number is.
 */
export const storeImport = async (
  pool: DatabasePool,
  request: CandleImport,
): Promise<IngestedCandles & { symbol: string }> => {
  try {
    return await storeAll(pool, request);
  } catch (error) {
    throw isOverflow(error) ? tooLarge(request, error) : error;
  }
};

/** SQLSTATE numeric_value_out_of_range. */
const isOverflow = (error: unknown): boolean =>
  error instanceof Error && (('code' in error && error.code === '22003') || isOverflow(error.cause));

const tooLarge = ({ symbol }: CandleImport, cause: unknown): DomainError =>
  new DomainError('BadCandleFile', `a price or volume of ${symbol} has more than the 12 digits that the table holds`, {
    next: 'correct the file; nothing of it was stored',
    cause,
  });

const storeAll = (
  pool: DatabasePool,
  { exchange, symbol, interval, candles }: CandleImport,
): Promise<IngestedCandles & { symbol: string }> =>
  pool.transaction(async (transaction) => {
    const bound = await boundVenue(transaction, 'market_data');
    if (bound === null) await bindVenue(transaction, 'market_data', exchange, null);
    const stored = storedSymbol(bound?.exchange ?? exchange, exchange, symbol);
    return { symbol: stored, ...(await ingestCandles(transaction, { symbol: stored, interval, candles })) };
  });
