import type { CandleColumns } from '../market/candle.ts';
import type { PriceField } from '../strategy/definition.ts';

/** One parameter of an indicator with the values it may take. */
export interface IndicatorParameter {
  readonly name: string;
  readonly integer: boolean;
  readonly min: number;
  readonly max: number;
  /** Taken where the strategy gives none; null where it must. */
  readonly fallback: number | null;
}

export type IndicatorValues = Readonly<Record<string, number>>;
/** Output name → one value a bar, NaN while undefined. */
export type IndicatorSeries = Readonly<Record<string, Float64Array>>;

export interface Indicator {
  readonly name: string;
  readonly parameters: readonly IndicatorParameter[];
  /** The first is the one meant when a strategy names none. */
  readonly outputs: readonly [string, ...string[]];
  /** The column it reads when a strategy names none; null where it reads several and `source` is refused. */
  readonly source: PriceField | null;
  /** Bars at the start for which it is undefined. */
  warmup(parameters: IndicatorValues): number;
  /**
   * Bars of history that fix the last value: exactly for windows, to the resolution of float64 (a weight below
   * 2^-53) for recursive averages. Infinity where all history counts.
   */
  history(parameters: IndicatorValues): number;
  compute(columns: CandleColumns, parameters: IndicatorValues, source: PriceField): IndicatorSeries;
}

const maxPeriod = 5_000;

export const period = (fallback: number | null, name = 'period', min = 1): IndicatorParameter => ({
  name,
  integer: true,
  min,
  max: maxPeriod,
  fallback,
});

export const factor = (name: string, fallback: number): IndicatorParameter => ({
  name,
  integer: false,
  min: 0.01,
  max: 100,
  fallback,
});

/** Reads a parameter that the registry has checked before. */
export const valueOf = (parameters: IndicatorValues, name: string): number => parameters[name] ?? Number.NaN;

/** A column of undefined values. */
export const undefinedSeries = (length: number): Float64Array<ArrayBuffer> => new Float64Array(length).fill(Number.NaN);

/** Bars after which the seed of an exponential average with this smoothing factor weighs less than 2^-53. */
export const forgettingBars = (alpha: number): number =>
  alpha >= 1 ? 1 : Math.ceil((-53 * Math.LN2) / Math.log1p(-alpha));
