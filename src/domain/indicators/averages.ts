import { blockLength } from '../blocks.ts';
import { decimalsOf, onGrid, tickGrid } from './tick-grid.ts';
import { undefinedSeries } from './indicator.ts';

const exactLimit = 2 ** 53;

/**
 * Simple moving average over `period` values, NaN for the first `period − 1` and while the window holds a NaN.
 * Where the window's values lie on a tick grid the sum is exact (tick-grid.ts); otherwise it is Neumaier's compensated
 * sum of the window alone. Either way a value depends on its own window only.
 */
export const sma = (values: Float64Array, period: number): Float64Array<ArrayBuffer> => {
  const grid = tickGrid(values);
  return grid !== null && grid.maxAbs * period < exactLimit
    ? smaOnGrid(values, grid.scale, period)
    : smaOfWindows(values, period);
};

const smaOnGrid = (values: Float64Array, scale: number, period: number): Float64Array<ArrayBuffer> => {
  const length = values.length;
  const average = new Float64Array(length);
  const divisor = scale * period;
  const first = Math.min(period, length);
  let total = 0;
  for (let i = 0; i < first; i += 1) {
    total += onGrid(values[i]!, scale);
    average[i] = Number.NaN;
  }
  if (period <= length) average[period - 1] = total / divisor;
  for (let from = period; from < length; from += blockLength) {
    total = smaOfBlock(values, scale, period, total, average, from, Math.min(from + blockLength, length));
  }
  return average;
};

/** Gives the sum of the last window. */
const smaOfBlock = (
  values: Float64Array,
  scale: number,
  period: number,
  totalBefore: number,
  average: Float64Array,
  from: number,
  to: number,
): number => {
  const divisor = scale * period;
  let total = totalBefore;
  for (let i = from; i < to; i += 1) {
    total += onGrid(values[i]!, scale) - onGrid(values[i - period]!, scale);
    average[i] = total / divisor;
  }
  return total;
};

const smaOfWindows = (values: Float64Array, period: number): Float64Array<ArrayBuffer> => {
  const length = values.length;
  const decimals = new Int8Array(length);
  for (let i = 0; i < length; i += 1) decimals[i] = decimalsOf(values[i]!);
  const average = undefinedSeries(length);
  for (let i = period - 1; i < length; i += 1) average[i] = windowSum(values, decimals, i - period + 1, i, period);
  return average;
};

const windowSum = (values: Float64Array, decimals: Int8Array, from: number, to: number, period: number): number => {
  let most = 0;
  for (let i = from; i <= to; i += 1) {
    const own = decimals[i]!;
    if (own < 0) return compensatedSum(values, from, to) / period;
    if (own > most) most = own;
  }
  const scale = 10 ** most;
  let total = 0;
  for (let i = from; i <= to; i += 1) {
    const tick = Math.round(values[i]! * scale);
    total += tick;
    if (Math.abs(tick) * period >= exactLimit) return compensatedSum(values, from, to) / period;
  }
  return total / (scale * period);
};

/** Neumaier's sum of values[from..to]. */
const compensatedSum = (values: Float64Array, from: number, to: number): number => {
  let total = 0;
  let lost = 0;
  for (let i = from; i <= to; i += 1) {
    const value = values[i]!;
    const next = total + value;
    lost += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total;
    total = next;
  }
  return total + lost;
};

/** Linearly weighted average, the newest value weighing `period`. Exact on a tick grid, as `sma`. */
export const wma = (values: Float64Array, period: number): Float64Array<ArrayBuffer> => {
  const weights = (period * (period + 1)) / 2;
  const grid = tickGrid(values);
  return grid !== null && grid.maxAbs * weights < exactLimit
    ? wmaOnGrid(values, grid.scale, period, weights)
    : wmaOfWindows(values, period, weights);
};

/** From one window to the next, each value but the newest weighs one less: the plain sum is taken away. */
const wmaOnGrid = (values: Float64Array, scale: number, period: number, weights: number): Float64Array<ArrayBuffer> => {
  const average = undefinedSeries(values.length);
  const divisor = scale * weights;
  let plain = 0;
  let weighted = 0;
  for (let i = 0; i < values.length; i += 1) {
    const tick = onGrid(values[i]!, scale);
    const gone = i < period ? 0 : onGrid(values[i - period]!, scale);
    weighted += i < period ? tick * (i + 1) : tick * period - plain;
    plain += tick - gone;
    if (i >= period - 1) average[i] = weighted / divisor;
  }
  return average;
};

const wmaOfWindows = (values: Float64Array, period: number, weights: number): Float64Array<ArrayBuffer> => {
  const average = undefinedSeries(values.length);
  for (let i = period - 1; i < values.length; i += 1) {
    let total = 0;
    for (let back = 0; back < period; back += 1) total += values[i - back]! * (period - back);
    average[i] = total / weights;
  }
  return average;
};

/**
 * Exponential average, α = 2/(period + 1), seeded at `start + period − 1` with the simple average of the `period` values
 * from `start` (TA-Lib's default). NaN before.
 */
export const ema = (values: Float64Array, period: number, start = 0): Float64Array<ArrayBuffer> => {
  const length = values.length;
  const average = undefinedSeries(length);
  const seedAt = start + period - 1;
  if (seedAt >= length) return average;
  let total = 0;
  for (let i = start; i <= seedAt; i += 1) total += values[i]!;
  let previous = total / period;
  average[seedAt] = previous;
  const alpha = 2 / (period + 1);
  for (let i = seedAt + 1; i < length; i += 1) {
    previous += (values[i]! - previous) * alpha;
    average[i] = previous;
  }
  return average;
};

/** Population standard deviation of the window, each window on its own (two passes: no drift, no cancellation). */
export const standardDeviation = (values: Float64Array, period: number): Float64Array<ArrayBuffer> => {
  const length = values.length;
  const deviation = undefinedSeries(length);
  for (let i = period - 1; i < length; i += 1) {
    const from = i - period + 1;
    let total = 0;
    for (let k = from; k <= i; k += 1) total += values[k]!;
    const mean = total / period;
    let squares = 0;
    for (let k = from; k <= i; k += 1) squares += (values[k]! - mean) ** 2;
    deviation[i] = Math.sqrt(squares / period);
  }
  return deviation;
};
