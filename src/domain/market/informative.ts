import type { CandleColumns } from './candle.ts';
import type { Interval } from './interval.ts';

/** Candles of other markets by `marketKey`. */
export type InformativeMarkets = Readonly<Record<string, CandleColumns>>;

/** `BTCUSDT:1h`: how the candles of one market and interval are named beside others. */
export const marketKey = ({ symbol, interval }: { readonly symbol: string; readonly interval: Interval }): string =>
  `${symbol}:${interval}`;
