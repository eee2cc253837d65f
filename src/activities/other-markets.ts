import type { Store } from '../adapters/postgres/store.ts';
import { DomainError } from '../domain/errors.ts';
import { VenueFailure } from '../domain/orders/venue-failure.ts';
import type { CandleColumns } from '../domain/market/candle.ts';
import type { InformativeMarkets } from '../domain/market/informative.ts';
import { closeTimeOf, dayMs, intervalMs, openTimeOf } from '../domain/market/interval.ts';
import type { Interval } from '../domain/market/interval.ts';
import { mergeMarkets } from '../domain/strategy/compile.ts';
import type { CompiledStrategy, UsedMarket } from '../domain/strategy/compile.ts';
import type { CandleFeed } from './candle-feed.ts';

/** Open time of a market's last candle that has closed by `time`. */
const lastOpenBy = (time: number, interval: Interval): number => openTimeOf(time, interval) - intervalMs[interval];

/**
 * The stored candles of the other markets that a strategy looks at while it is tested over `columns`, with as much history before
 * them as its indicators need, and none that close later.
 * @throws DomainError `NotEnoughCandles` where there are none of a market.
 */
export const storedMarkets = async (
  store: Store,
  { definition, markets }: CompiledStrategy,
  columns: CandleColumns,
): Promise<InformativeMarkets> => {
  const end = closeTimeOf(columns.time[columns.length - 1]!, definition.interval);
  const read = markets.map(async ({ key, symbol, interval, lookback }) => {
    const candles = await store.candles.columns({
      symbol,
      interval,
      from: openTimeOf(columns.time[0]!, interval) - (lookback + 1) * intervalMs[interval],
      to: lastOpenBy(end, interval),
    });
    if (candles.length > 0) return [key, candles] as const;
    throw new DomainError(
      'NotEnoughCandles',
      `'${definition.name}' looks at ${key}, and no candles of it are stored for that period`,
      { next: `import some: \`mastertrade import --symbol ${symbol} --candles FILE\``, details: { market: key } },
    );
  });
  return Object.fromEntries(await Promise.all(read));
};

/** What the venue says for good: the market, or candles of that interval, it does not have. */
const isAbsent = (error: unknown): boolean =>
  (error instanceof DomainError && error.name === 'UnknownSymbol') ||
  (error instanceof VenueFailure && (error.verdict === 'fatal' || error.verdict === 'rejected'));

/**
 * Brings the other markets that strategies look at up to date, and reads what had closed of them at `close`. Where the last candle is
 * not there (the venue does not have the market, or has not published it), a person is told once a day, and what a strategy sees of
 * it is undefined: its conditions are not met, its protection goes on.
 */
export const createOtherMarkets =
  (store: Store, feed: CandleFeed) =>
  async (strategies: readonly CompiledStrategy[], close: number, now: number): Promise<InformativeMarkets> => {
    const readLatest = async (market: UsedMarket) => {
      const { key, symbol, interval, lookback } = market;
      const to = lastOpenBy(close, interval);
      // A prefixed symbol is another venue's, whose candles are imported.
      const reason = symbol.includes(':') ? null : await ingest(market, now);
      const candles = await store.candles.latestColumns({ symbol, interval, to, limit: lookback });
      if (candles.time.at(-1) !== to) await tell(key, to, reason);
      return [key, candles] as const;
    };

    const ingest = async (market: UsedMarket, until: number): Promise<string | null> => {
      try {
        await feed.ingest(market, until, () => market.lookback + 1);
        return null;
      } catch (error) {
        if (isAbsent(error)) return error instanceof Error ? error.message : String(error);
        throw error;
      }
    };

    const tell = async (key: string, time: number, reason: string | null): Promise<void> => {
      const missing = `${key} has no candle that opens at ${new Date(time).toISOString()}`;
      await store.alerts.raise({
        type: 'market_data_missing',
        severity: 'warning',
        title: `No candle of ${key}`,
        message: `${reason === null ? missing : `${missing}: ${reason}`}. Strategies that look at it decide nothing by it.`,
        entityType: 'system',
        entityId: key,
        dedupeKey: `market-data/${key}/${Math.floor(time / dayMs)}`,
      });
    };

    const read: (readonly [string, CandleColumns])[] = [];
    for (const market of mergeMarkets(strategies.flatMap(({ markets }) => markets)))
      read.push(await readLatest(market));
    return Object.fromEntries(read);
  };
