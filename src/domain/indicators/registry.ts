import { DomainError } from '../errors.ts';
import { ICHIMOKU, KELTNER } from './channels.ts';
import { DONCHIAN, HIGHEST, LOWEST } from './extremes.ts';
import type { Indicator, IndicatorValues } from './indicator.ts';
import { MACD, ROC, RSI } from './momentum.ts';
import { EMA, SMA, VOLUME_SMA, WMA } from './moving-averages.ts';
import { CCI, MFI, STOCH, STOCHRSI, WILLR } from './oscillators.ts';
import { ADX, PSAR, SUPERTREND } from './trend.ts';
import { ATR, BBANDS, STDDEV } from './volatility.ts';
import { OBV, VWAP } from './volume.ts';

const all: readonly Indicator[] = [
  ADX,
  ATR,
  BBANDS,
  CCI,
  DONCHIAN,
  EMA,
  HIGHEST,
  ICHIMOKU,
  KELTNER,
  LOWEST,
  MACD,
  MFI,
  OBV,
  PSAR,
  ROC,
  RSI,
  SMA,
  STDDEV,
  STOCH,
  STOCHRSI,
  SUPERTREND,
  VOLUME_SMA,
  VWAP,
  WILLR,
  WMA,
];

/** Every indicator a strategy can name. */
export const indicators: Readonly<Record<string, Indicator>> = Object.fromEntries(
  all.map((indicator) => [indicator.name, indicator]),
);

export const indicatorNames = Object.keys(indicators) as readonly string[];

/** @throws DomainError `UnknownIndicator` listing what exists. */
export const indicatorOf = (name: string): Indicator => {
  const indicator = Object.hasOwn(indicators, name) ? indicators[name] : undefined;
  if (indicator !== undefined) return indicator;
  throw new DomainError('UnknownIndicator', `unknown indicator '${name}'`, {
    next: `use one of ${indicatorNames.join(', ')}`,
    details: { indicator: name, known: indicatorNames },
  });
};

/** Given parameters with the fallbacks filled in, in the registry's order; NaN where a required one is absent. */
export const completeParameters = (indicator: Indicator, given: IndicatorValues): IndicatorValues =>
  Object.fromEntries(indicator.parameters.map(({ name, fallback }) => [name, given[name] ?? fallback ?? Number.NaN]));

/**
 * The name under which values are stored: `SMA_20`, `MACD_12_26_9`.
 * @throws DomainError `UnknownIndicator`.
 */
export const indicatorName = (name: string, given: IndicatorValues): string =>
  [name, ...Object.values(completeParameters(indicatorOf(name), given))].join('_');
