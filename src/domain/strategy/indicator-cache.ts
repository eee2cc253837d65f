import type { IndicatorSeries } from '../indicators/indicator.ts';

/** Indicators already computed over one set of candles, for strategies that run over the same. */
export interface IndicatorCache {
  /** The series kept under `key`, computed where it is not. */
  readonly get: (key: string, compute: () => IndicatorSeries) => IndicatorSeries;
}

/** @param maxBytes what it holds at most; the series used longest ago go first. */
export const createIndicatorCache = (maxBytes: number): IndicatorCache => {
  const kept = new Map<string, IndicatorSeries>();
  let bytes = 0;
  const forgetOldest = (): void => {
    for (const [key, series] of kept) {
      if (bytes <= maxBytes) return;
      kept.delete(key);
      bytes -= sizeOf(series);
    }
  };
  return {
    get: (key, compute) => {
      const earlier = kept.get(key);
      if (earlier !== undefined) {
        kept.delete(key);
        kept.set(key, earlier);
        return earlier;
      }
      const series = compute();
      kept.set(key, series);
      bytes += sizeOf(series);
      forgetOldest();
      return series;
    },
  };
};

const sizeOf = (series: IndicatorSeries): number =>
  Object.values(series).reduce((total, values) => total + values.byteLength, 0);
