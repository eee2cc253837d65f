import type { Candle, CandleColumns } from './candle.ts';

/** Empty columns for `length` candles, of ordinary or shared memory. */
export const emptyColumns = (length: number, shared = false): CandleColumns => {
  const bytes = length * Float64Array.BYTES_PER_ELEMENT;
  const column = (): Float64Array => new Float64Array(shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes));
  return {
    length,
    time: column(),
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volume: column(),
  };
};

/** The nearest float64 of each value. */
export const candlesToColumns = (candles: readonly Candle[]): CandleColumns => {
  const columns = emptyColumns(candles.length);
  for (let i = 0; i < candles.length; i += 1) {
    const candle = candles[i]!;
    columns.time[i] = candle.time;
    columns.open[i] = Number(candle.open);
    columns.high[i] = Number(candle.high);
    columns.low[i] = Number(candle.low);
    columns.close[i] = Number(candle.close);
    columns.volume[i] = Number(candle.volume);
  }
  return columns;
};

/** Candles `from` up to, not including, `to`: views of the same memory. */
export const sliceColumns = (columns: CandleColumns, from: number, to: number): CandleColumns => {
  const time = columns.time.subarray(from, to);
  return {
    length: time.length,
    time,
    open: columns.open.subarray(from, to),
    high: columns.high.subarray(from, to),
    low: columns.low.subarray(from, to),
    close: columns.close.subarray(from, to),
    volume: columns.volume.subarray(from, to),
  };
};

/** The first bar, from `from` on, that opens at `wanted` (epoch ms) or later; the number of bars where none does. By halving. */
export const firstAtOrAfter = (time: Float64Array, wanted: number, from = 0): number => {
  let low = from;
  let high = time.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (time[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** The newest `count` candles, all where there are fewer. */
export const lastColumns = (columns: CandleColumns, count: number): CandleColumns =>
  columns.length <= count ? columns : sliceColumns(columns, columns.length - count, columns.length);

/** The same candles in memory that threads can share. */
export const shareColumns = (columns: CandleColumns): CandleColumns => {
  if (columns.time.buffer instanceof SharedArrayBuffer) return columns;
  const shared = emptyColumns(columns.length, true);
  shared.time.set(columns.time);
  shared.open.set(columns.open);
  shared.high.set(columns.high);
  shared.low.set(columns.low);
  shared.close.set(columns.close);
  shared.volume.set(columns.volume);
  return shared;
};
