import { DomainError } from '../../domain/errors.ts';
import type { Market } from '../../domain/market/market-filters.ts';
import { filterLimit, type MarketReply, parseMarket } from './binance-replies.ts';
import type { CcxtClient } from './ccxt-client.ts';

const maxAgeMs = 3_600_000;

/** The exchange's markets, loaded when first asked for and again when an hour old or found to be wrong. */
export interface MarketCatalogue {
  /** @throws DomainError `UnknownSymbol` with the nearest names. */
  market(symbol: string): Promise<Market>;
  /** ccxt's unified name (`BTC/USDT`) of our symbol (`BTCUSDT`), its markets loaded. */
  unified(symbol: string): Promise<string>;
  /** The next question loads the markets again: their filters have changed. */
  invalidate(): void;
}

const toMarket = (reply: MarketReply): Market => ({
  symbol: reply.id,
  base: reply.baseId,
  quote: reply.quoteId,
  filters: {
    tickSize: filterLimit(reply, ['PRICE_FILTER'], 'tickSize'),
    stepSize: filterLimit(reply, ['LOT_SIZE'], 'stepSize'),
    minQuantity: filterLimit(reply, ['LOT_SIZE'], 'minQty'),
    maxQuantity: filterLimit(reply, ['LOT_SIZE'], 'maxQty'),
    minNotional: filterLimit(reply, ['NOTIONAL', 'MIN_NOTIONAL'], 'minNotional'),
  },
});

/** Single-character edits between two names. */
const editDistance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1)
      next.push(
        Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)),
      );
    row = next;
  }
  return row[b.length] ?? 0;
};

const nearest = (symbol: string, known: readonly string[]): readonly string[] => {
  const wanted = symbol.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
  return known
    .map((name) => ({ name, distance: editDistance(wanted, name) }))
    .filter(({ distance }) => distance <= 3)
    .sort((a, b) => a.distance - b.distance || a.name.localeCompare(b.name))
    .slice(0, 3)
    .map(({ name }) => name);
};

type MarketsById = Readonly<Record<string, readonly unknown[]>>;

export const createMarketCatalogue = (client: CcxtClient): MarketCatalogue => {
  let loaded: { readonly byId: MarketsById; readonly at: number } | null = null;
  let loading: Promise<MarketsById> | null = null;
  /** How often the markets were found to be wrong: what was asked for before that is not kept. */
  let invalidations = 0;

  const load = async (): Promise<MarketsById> => {
    const before = invalidations;
    const byId = await client.call('fetch', 'public', async (exchange) => {
      await exchange.loadMarkets(true);
      return exchange.markets_by_id ?? {};
    });
    loaded = before === invalidations ? { byId, at: performance.now() } : null;
    return byId;
  };

  /** One load at a time: whoever comes meanwhile waits for it. One that was under way when the filters changed is old. */
  const markets = async (): Promise<MarketsById> => {
    for (;;) {
      if (loaded !== null && performance.now() - loaded.at <= maxAgeMs) return loaded.byId;
      const before = invalidations;
      loading ??= load().finally(() => {
        loading = null;
      });
      const byId = await loading;
      if (before === invalidations) return byId;
    }
  };

  const lookUp = async (symbol: string): Promise<MarketReply> => {
    const byId = await markets();
    const found = Object.hasOwn(byId, symbol) ? byId[symbol] : undefined;
    if (found !== undefined) return parseMarket(found[0]);
    const near = nearest(symbol, Object.keys(byId));
    throw new DomainError('UnknownSymbol', `${client.exchange} has no spot market '${symbol}'`, {
      next: near.length > 0 ? `did you mean ${near.join(', ')}?` : 'write base and quote together, as in BTCUSDT',
      details: { symbol, suggestions: near },
    });
  };

  return {
    market: async (symbol) => toMarket(await lookUp(symbol)),
    unified: async (symbol) => (await lookUp(symbol)).symbol,
    invalidate: () => {
      invalidations += 1;
      loaded = null;
    },
  };
};
