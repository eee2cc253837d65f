import type { CandleColumns } from '../market/candle.ts';

/** What ends a hold in which nothing happens. */
export interface QuietBounds {
  /** A low at or under it. */
  readonly lower: number;
  /** A high at or over it. */
  readonly upper: number;
}

/**
 * The first bar from `from` on in which a position meets its protection or a signal; the length where there is none. Most bars of
 * a backtest pass here.
 * @param awaited the signal bits that end it
 */
export const holdQuietly = (
  { low, high, length }: CandleColumns,
  signals: Uint8Array,
  { lower, upper }: QuietBounds,
  awaited: number,
  from: number,
): number => {
  for (let i = from; i < length; i += 1) {
    if (low[i]! <= lower || high[i]! >= upper || (signals[i]! & awaited) !== 0) return i;
  }
  return length;
};

/** The first bar from `from` on whose signals are exactly `wanted`; the length where there is none. */
export const nextSignal = (signals: Uint8Array, wanted: number, from: number): number => {
  const found = signals.indexOf(wanted, from);
  return found < 0 ? signals.length : found;
};
