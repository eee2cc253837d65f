import type { Candle } from '../../src/domain/market/candle.ts';

const minute = 60_000;
/** The market repeats itself every hour, so that every run of a scenario meets the same candles. */
export const cycleMs = 60 * minute;
export const marketStart = Date.UTC(2026, 0, 1);

/** Minutes of a cycle in which the price falls from 100 to 85 and comes back; the volume decides how much rests there fill. */
const dips: Readonly<Record<number, string>> = { 10: '1000', 30: '20', 32: '1000' };

/** Times since a cycle's start, ms. */
export const dip = {
  /** Past a dip with volume for everything. */
  whole: 12 * minute,
  /** Past a dip whose volume gives 2 to a resting order. */
  small: 31.5 * minute,
  /** Past the dip after it, which gives the rest. */
  rest: 34 * minute,
} as const;

/** Stands at 100 but for the dips. */
export const candlesOf = (cycles: number): readonly Candle[] =>
  Array.from({ length: cycles * 60 }, (_, index) => {
    const volume = dips[index % 60];
    return {
      time: marketStart + index * minute,
      open: '100',
      high: '100',
      low: volume === undefined ? '100' : '85',
      close: '100',
      volume: volume ?? '1000',
    };
  });
