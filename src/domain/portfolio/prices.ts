import { type Decimal, type Price, one } from '../decimal.ts';

/** What counts as one US dollar; the first that has a price counts where several do at the same time. */
export const dollars = ['USDT', 'USDC', 'FDUSD', 'TUSD', 'DAI', 'BUSD', 'USD'] as const;

/** The asset through which one is priced that is traded against no unit of account. */
export const bridgeAsset = 'BTC';

/** The newest stored close of a market. */
export interface Close {
  readonly price: Price;
  /** When it closed, epoch ms. */
  readonly at: number;
}

/** What a position was last worth per unit of its base, in the quote of its market. */
export interface PositionMark {
  readonly base: string;
  readonly quote: string;
  readonly price: Price;
}

/** Where a price comes from: a unit of account, a stored close, two of them, the last look at it, or a position's mark. */
export type PriceSource = 'unit' | 'candle' | 'bridge' | 'last' | 'mark';

export interface AssetPrice {
  /** In units of account. */
  readonly price: Price;
  /** Market time, epoch ms; null for a unit and for a mark. */
  readonly at: number | null;
  readonly source: PriceSource;
}

export interface PriceFacts {
  /** What is worth one: US dollars by several names, or one quote asset. */
  readonly units: readonly string[];
  /** By symbol, base and quote written together. */
  readonly closes: ReadonlyMap<string, Close>;
  readonly marks: readonly PositionMark[];
  /** In US dollars, as it was last known. */
  readonly last: ReadonlyMap<string, Close>;
}

/** Every market whose close may price one of these assets. */
export const pricingSymbols = (assets: Iterable<string>, units: readonly string[]): readonly string[] => {
  const needed = new Set([...assets].filter((asset) => !units.includes(asset)));
  if (needed.size === 0) return [];
  needed.add(bridgeAsset);
  const quotes = [...units, bridgeAsset];
  return [...needed].flatMap((asset) => quotes.filter((quote) => quote !== asset).map((quote) => `${asset}${quote}`));
};

const unitPrice: AssetPrice = { price: one, at: null, source: 'unit' };

const newestClose = (asset: string, { units, closes }: PriceFacts): AssetPrice | null => {
  let newest: Close | null = null;
  for (const unit of units) {
    const close = closes.get(`${asset}${unit}`);
    if (close && (!newest || close.at > newest.at)) newest = close;
  }
  return newest && { ...newest, source: 'candle' };
};

const throughBridge = (asset: string, facts: PriceFacts): AssetPrice | null => {
  const leg = facts.closes.get(`${asset}${bridgeAsset}`);
  const bridge = leg && newestClose(bridgeAsset, facts);
  if (!leg || !bridge) return null;
  return { price: leg.price.times(bridge.price), at: Math.min(leg.at, bridge.at ?? leg.at), source: 'bridge' };
};

const traded = (asset: string, facts: PriceFacts): AssetPrice | null =>
  facts.units.includes(asset) ? unitPrice : (newestClose(asset, facts) ?? throughBridge(asset, facts));

const markOf = (asset: string, facts: PriceFacts): AssetPrice | null => {
  for (const { base, quote, price } of facts.marks) {
    if (base !== asset) continue;
    const perQuote = traded(quote, facts);
    if (perQuote) return { price: price.times(perQuote.price), at: null, source: 'mark' };
  }
  return null;
};

/**
 * What one unit of an asset is worth in units of account: the newest stored close against any of them, else through BTC, or the price that
 * was last known where that is newer (old candles may be stored later); else the mark of a position that holds it. Null where it has
 * never had a price.
 */
export const priceOf = (asset: string, facts: PriceFacts): AssetPrice | null => {
  const stored = traded(asset, facts);
  const last = facts.last.get(asset);
  if (stored && (!last || stored.at === null || stored.at >= last.at)) return stored;
  return last ? { ...last, source: 'last' } : markOf(asset, facts);
};

/** The longer name first: `BTCFDUSD` is no market of USD. */
const quotesByLength = [...dollars, 'BTC', 'ETH', 'BNB', 'EUR', 'TRY', 'BRL', 'GBP', 'JPY'].toSorted(
  (a, b) => b.length - a.length,
);

/** Base and quote of a symbol where no order names them, by the quotes that are usual; null where none fits. */
export const assetsOf = (symbol: string): { readonly base: string; readonly quote: string } | null => {
  const quote = quotesByLength.find((name) => symbol.endsWith(name) && symbol.length > name.length);
  return quote === undefined ? null : { base: symbol.slice(0, -quote.length), quote };
};

/** An amount in units of account; null where the asset has no price. */
export const valueIn = (amount: Decimal, price: AssetPrice | null): Decimal | null =>
  price && amount.times(price.price);
