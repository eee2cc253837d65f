import type { Candle } from '../../../src/domain/market/candle.ts';

export const minute = 60_000;

/** Candles a minute apart from 0: [open, high, low, close, volume]. */
export const candlesOf = (rows: readonly (readonly [number, number, number, number, number])[]): readonly Candle[] =>
  rows.map(([open, high, low, close, volume], bar) => ({
    time: bar * minute,
    open: String(open),
    high: String(high),
    low: String(low),
    close: String(close),
    volume: String(volume),
  }));
