import type { Candle } from '../domain/market/candle.ts';
import { type Interval, intervalMs, openTimeOf } from '../domain/market/interval.ts';

export interface GeneratorOptions {
  readonly seed: number;
  readonly interval: Interval;
  /** Price, in quote, that the walk wanders around; default 30000. */
  readonly basePrice?: number;
  /** Digits after the point in prices; default 2. */
  readonly priceScale?: number;
}

/**
 * Lengths of the drift regimes, in candles. Within one regime the drift is constant; regimes of every length are
 * laid over each other, so that the walk trends and turns on every scale.
 */
const regimes = [4, 11, 29, 76, 199, 521, 1364, 3571] as const;
const volatilityOfMinute = 0.0006;
const volumeOfMinute = 30;
const volumeStream = 101;
const upperWickStream = 102;
const lowerWickStream = 103;

/**
 * A uniform number in [0, 1) that depends on its arguments only: the mulberry32 finaliser over a mix of them. It is
 * addressed by index instead of drawn in sequence, which is what makes any range of candles cheap.
 */
export const randomAt = (seed: number, stream: number, index: number): number => {
  let state = Math.imul(seed ^ 0x9e37_79b9, 0x85eb_ca6b) ^ Math.imul(stream + 1, 0xc2b2_ae35);
  state = (state ^ (state >>> 15)) + Math.imul(index | 0, 0x27d4_eb2f) + Math.imul(Math.floor(index / 2 ** 32), 0x6d2b);
  state = (state + 0x6d2b_79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
};

/** Logarithm of price over base price at the open of candle `index`, in units of one candle's volatility. */
const displacement = (seed: number, index: number): number => {
  let total = 0;
  for (const [stream, length] of regimes.entries()) {
    const regime = Math.floor(index / length);
    const from = randomAt(seed, stream, regime);
    const to = randomAt(seed, stream, regime + 1);
    const progress = (index - regime * length) / length;
    total += (2 * (from + (to - from) * progress) - 1) * Math.sqrt(length);
  }
  return total;
};

/**
 * The candle that opens at `openTime` (epoch ms, a multiple of the interval). The same seed, interval and time give the
 * same candle in every process; a candle opens at the close of the one before it.
 */
export const generatedCandle = (options: GeneratorOptions, openTime: number): Candle => {
  const { seed, interval, basePrice = 30_000, priceScale = 2 } = options;
  const minutes = intervalMs[interval] / 60_000;
  const volatility = volatilityOfMinute * minutes ** 0.4;
  const index = openTime / intervalMs[interval];
  const open = basePrice * Math.exp(volatility * displacement(seed, index));
  const close = basePrice * Math.exp(volatility * displacement(seed, index + 1));
  const upperWick = randomAt(seed, upperWickStream, index) * volatility;
  const lowerWick = randomAt(seed, lowerWickStream, index) * volatility;
  const price = (value: number): string => value.toFixed(priceScale);
  return {
    time: openTime,
    open: price(open),
    high: price(Math.max(open, close) * (1 + upperWick)),
    low: price(Math.min(open, close) * (1 - lowerWick)),
    close: price(close),
    volume: (volumeOfMinute * minutes * (0.25 + 1.5 * randomAt(seed, volumeStream, index))).toFixed(5),
  };
};

/**
 * `count` candles, oldest first, from the one that contains `start` (epoch ms): a seeded walk with drift regimes, in which
 * trends form and averages cross. Independent of what was generated before.
 */
export const generateCandles = (options: GeneratorOptions & { start: number; count: number }): Candle[] => {
  const first = openTimeOf(options.start, options.interval);
  return Array.from({ length: options.count }, (_, offset) =>
    generatedCandle(options, first + offset * intervalMs[options.interval]),
  );
};
