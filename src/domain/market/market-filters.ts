/**
 * What a venue demands of an order on one market (Binance: PRICE_FILTER, LOT_SIZE, NOTIONAL). All decimal text;
 * `'0'` means the venue does not limit that side.
 */
export interface MarketFilters {
  readonly tickSize: string;
  readonly stepSize: string;
  readonly minQuantity: string;
  readonly maxQuantity: string;
  /** Smallest price × quantity, in quote. */
  readonly minNotional: string;
}

/** One tradable market of a venue, under the id that our tables use (`BTCUSDT`). */
export interface Market {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly filters: MarketFilters;
}
