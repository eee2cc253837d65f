import type { CandleColumns } from '../market/candle.ts';

/** What is held while nothing happens. */
export interface QuietPosition {
  /** Quote that is not at the mercy of the price: equity is this plus `quantity` · (close − `price`). */
  readonly balance: number;
  /** Base; negative for a SHORT. */
  readonly quantity: number;
  readonly price: number;
  /** A low at or under `lower`, a high at or over `upper` ends the quiet. */
  readonly lower: number;
  readonly upper: number;
  /** A close with one of these signal bits ends it. */
  readonly signals: number;
}

/**
 * Marks equity over the bars from `from` on in which a position meets neither its protection nor a signal, and gives the first bar
 * that has to be looked at. Most bars of a backtest pass here.
 */
export const holdQuietly = (
  { low, high, close, length }: CandleColumns,
  signals: Uint8Array,
  position: QuietPosition,
  equity: Float64Array,
  from: number,
): number => {
  const { balance, quantity, price, lower, upper, signals: awaited } = position;
  for (let i = from; i < length; i += 1) {
    if (low[i]! <= lower || high[i]! >= upper || (signals[i]! & awaited) !== 0) return i;
    equity[i] = balance + quantity * (close[i]! - price);
  }
  return length;
};

/** The first bar from `from` on whose signals are exactly `wanted`; the length where there is none. */
export const nextSignal = (signals: Uint8Array, wanted: number, from: number): number => {
  const found = signals.indexOf(wanted, from);
  return found < 0 ? signals.length : found;
};
