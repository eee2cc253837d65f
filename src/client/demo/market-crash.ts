import type { Candle } from '../../domain/market/candle.ts';
import { type Interval, intervalMs } from '../../domain/market/interval.ts';

export interface CrashShape {
  /** Per cent that the price loses within the hour after the last candle. */
  readonly fallPct: number;
  /** How many candles follow, those of the fall included. */
  readonly count: number;
}

/** What the demo stages: a quarter at least within the hour, whatever the candles' own moves, and then time for a cool-down. */
export const demoCrash: CrashShape = { fallPct: 27, count: 130 };

const digitsOf = (price: string): number => price.split('.')[1]?.length ?? 0;

/**
 * What could come after a market's last candle: the moves of its own last candles once more, without their drift, on top of a
 * fall that is straight and lasts an hour (one candle where candles are longer). Prices keep the digits that they have.
 */
export const crashAfter = (
  candles: readonly Candle[],
  interval: Interval,
  { fallPct, count }: CrashShape,
): readonly Candle[] => {
  const source = candles.slice(-count);
  const [first, last] = [source[0], source.at(-1)];
  if (!first || !last) return [];
  const length = intervalMs[interval];
  const anchor = Number(last.close);
  const start = Number(first.open);
  const drift = (anchor / start) ** (1 / source.length);
  const digits = Math.max(...[first.open, last.open, last.close].map(digitsOf));
  const fallen = (bars: number): number =>
    1 - (fallPct / 100) * Math.min(1, (bars * length) / Math.max(intervalMs['1h'], length));
  return source.map(({ open, high, low, close, volume }, bar) => {
    const at = (price: string, bars: number): number =>
      ((Number(price) * anchor) / start) * drift ** -bars * fallen(bars);
    const [from, to] = [at(open, bar), at(close, bar + 1)];
    return {
      time: last.time + (bar + 1) * length,
      open: from.toFixed(digits),
      high: Math.max(from, to, at(high, bar + 1)).toFixed(digits),
      low: Math.min(from, to, at(low, bar + 1)).toFixed(digits),
      close: to.toFixed(digits),
      volume,
    };
  });
};
