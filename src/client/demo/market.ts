import { readFile, writeFile } from 'node:fs/promises';
import type { Candle } from '../../domain/market/candle.ts';
import { DomainError } from '../../domain/errors.ts';
import { type Interval, intervalMs, openTimeOf } from '../../domain/market/interval.ts';
import { VenueFailure } from '../../domain/orders/venue-failure.ts';
import { generateCandles } from '../../simulator/generator.ts';
import type { DemoOptions } from './types.ts';

/** The candles that the demo replays, and where they are from. */
export interface DemoMarket {
  readonly symbol: string;
  readonly interval: Interval;
  readonly candles: readonly Candle[];
  /** For people: `generated, seed 7`. */
  readonly origin: string;
}

const defaultSymbol = 'BTCUSDT';
const defaultSeed = 7;
const dayOfMinutes = 1440;
const generatedStart = Date.UTC(2024, 0, 15);

const downloaded = async (exchange: string, symbol: string, count: number): Promise<readonly Candle[]> => {
  const { createCcxtClient } = await import('../../adapters/exchange/ccxt-client.ts');
  const { createCcxtMarketData } = await import('../../adapters/exchange/ccxt-market-data.ts');
  const client = await createCcxtClient({ exchange, credentials: null });
  const source = createCcxtMarketData({ client, id: exchange });
  try {
    const from = openTimeOf(await source.now(), '1m') - count * intervalMs['1m'];
    return await source.candles({ symbol, interval: '1m', from, limit: count });
  } catch (cause) {
    if (!(cause instanceof VenueFailure)) throw cause;
    throw new DomainError(
      'VenueUnreachable',
      `the candles of ${symbol} could not be downloaded from ${exchange}: ${cause.message}`,
      {
        next: 'check the connection to the internet, or leave --exchange out for a generated market',
        details: { exchange, symbol },
        cause,
      },
    );
  }
};

/**
 * The market to replay: a file's, an exchange's newest day of minutes (public data, no key), or a generated one.
 * @throws DomainError `BadCandleFile`, `VenueUnreachable`, `UnknownSymbol`, `BadInput` for a file and an exchange at once.
 */
export const loadMarket = async (options: DemoOptions): Promise<DemoMarket> => {
  const { candles: file, exchange, symbol = defaultSymbol, count = dayOfMinutes, seed = defaultSeed } = options;
  if (file !== undefined && exchange !== undefined) {
    throw new DomainError('BadInput', '--candles and --exchange both name a market', { next: 'give one of them' });
  }
  if (file !== undefined) {
    const { parseCandleCsv } = await import('../../adapters/files/candle-csv.ts');
    const { candles, interval } = parseCandleCsv(await readFile(file, 'utf8'), file);
    return { symbol, interval, candles, origin: `real candles from ${file}` };
  }
  if (exchange !== undefined) {
    const candles = await downloaded(exchange, symbol, count);
    return { symbol, interval: '1m', candles, origin: `public candles of ${exchange}` };
  }
  const candles = generateCandles({ seed, interval: '1m', start: generatedStart, count });
  return { symbol, interval: '1m', candles, origin: `generated with seed ${seed}: not a real market` };
};

/** Writes candles as the CSV that the simulator reads. */
export const writeMarket = (file: string, candles: readonly Candle[]): Promise<void> => {
  const rows = candles.map(({ time, open, high, low, close, volume }) =>
    [time, open, high, low, close, volume].join(','),
  );
  return writeFile(file, `timestamp,open,high,low,close,volume\n${rows.join('\n')}\n`);
};
