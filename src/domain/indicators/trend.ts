import type { CandleColumns } from '../market/candle.ts';
import { factor, forgettingBars, period, undefinedSeries, valueOf } from './indicator.ts';
import type { Indicator, IndicatorSeries } from './indicator.ts';
import { averageTrueRange } from './volatility.ts';

/** Wilder's average directional index with its two directional indicators, 0–100. */
export const ADX: Indicator = {
  name: 'ADX',
  parameters: [period(14, 'period', 2)],
  outputs: ['adx', 'plus_di', 'minus_di'],
  source: null,
  warmup: (p) => 2 * valueOf(p, 'period') - 1,
  history: (p) => 2 * valueOf(p, 'period') + 2 * forgettingBars(1 / valueOf(p, 'period')),
  compute: (columns, p) => directional(columns, valueOf(p, 'period')),
};

const directional = ({ high, low, close, length }: CandleColumns, bars: number): IndicatorSeries => {
  const adx = undefinedSeries(length);
  const plusDi = undefinedSeries(length);
  const minusDi = undefinedSeries(length);
  let plus = 0;
  let minus = 0;
  let range = 0;
  let average = 0;
  for (let i = 1; i < length; i += 1) {
    const up = high[i]! - high[i - 1]!;
    const down = low[i - 1]! - low[i]!;
    const before = close[i - 1]!;
    const keep = i < bars ? 1 : 1 - 1 / bars;
    plus = plus * keep + (up > 0 && up > down ? up : 0);
    minus = minus * keep + (down > 0 && down > up ? down : 0);
    range = range * keep + Math.max(high[i]! - low[i]!, Math.abs(high[i]! - before), Math.abs(low[i]! - before));
    if (i < bars) continue;
    plusDi[i] = range === 0 ? 0 : (100 * plus) / range;
    minusDi[i] = range === 0 ? 0 : (100 * minus) / range;
    const moved = plusDi[i]! + minusDi[i]!;
    const index = moved === 0 ? 0 : (100 * Math.abs(plusDi[i]! - minusDi[i]!)) / moved;
    if (i < 2 * bars - 1) average += index;
    else {
      average = i === 2 * bars - 1 ? (average + index) / bars : (average * (bars - 1) + index) / bars;
      adx[i] = average;
    }
  }
  return { adx, plus_di: plusDi, minus_di: minusDi };
};

/** Wilder's parabolic stop and reverse, as TA-Lib starts it: by the direction of the first two bars. */
export const PSAR: Indicator = {
  name: 'PSAR',
  parameters: [factor('step', 0.02), factor('maximum', 0.2)],
  outputs: ['value'],
  source: null,
  warmup: () => 1,
  history: () => Infinity,
  compute: (columns, p) => ({ value: parabolic(columns, valueOf(p, 'step'), valueOf(p, 'maximum')) }),
};

const parabolic = ({ high, low, length }: CandleColumns, step: number, maximum: number): Float64Array<ArrayBuffer> => {
  const value = undefinedSeries(length);
  if (length < 2) return value;
  const falls = low[0]! - low[1]!;
  let long = !(falls > 0 && falls > high[1]! - high[0]!);
  let extreme = long ? high[1]! : low[1]!;
  let stop = long ? low[0]! : high[0]!;
  let pace = Math.min(step, maximum);
  for (let i = 1; i < length; i += 1) {
    const lastHigh = high[Math.max(1, i - 1)]!;
    const lastLow = low[Math.max(1, i - 1)]!;
    if (long ? low[i]! <= stop : high[i]! >= stop) {
      long = !long;
      stop = long ? Math.min(extreme, lastLow, low[i]!) : Math.max(extreme, lastHigh, high[i]!);
      value[i] = stop;
      pace = Math.min(step, maximum);
      extreme = long ? high[i]! : low[i]!;
    } else {
      value[i] = stop;
      const further = long ? high[i]! > extreme : low[i]! < extreme;
      if (further) {
        extreme = long ? high[i]! : low[i]!;
        pace = Math.min(pace + step, maximum);
      }
    }
    const next = stop + pace * (extreme - stop);
    stop = long ? Math.min(next, lastLow, low[i]!) : Math.max(next, lastHigh, high[i]!);
  }
  return value;
};

/**
 * Supertrend: median price ± `multiplier` average true ranges, each band held while the close stays on its side.
 * `direction` is 1 while the lower band supports, −1 while the upper one caps.
 */
export const SUPERTREND: Indicator = {
  name: 'SUPERTREND',
  parameters: [period(10), factor('multiplier', 3)],
  outputs: ['value', 'direction'],
  source: null,
  warmup: (p) => valueOf(p, 'period'),
  history: () => Infinity,
  compute: (columns, p) => supertrend(columns, valueOf(p, 'period'), valueOf(p, 'multiplier')),
};

const supertrend = (columns: CandleColumns, bars: number, multiplier: number): IndicatorSeries => {
  const { high, low, close, length } = columns;
  const range = averageTrueRange(columns, bars);
  const value = undefinedSeries(length);
  const direction = undefinedSeries(length);
  let upper = Infinity;
  let lower = -Infinity;
  let rising = true;
  for (let i = bars; i < length; i += 1) {
    const median = (high[i]! + low[i]!) / 2;
    const top = median + multiplier * range[i]!;
    const bottom = median - multiplier * range[i]!;
    const before = close[i - 1]!;
    upper = top < upper || before > upper ? top : upper;
    lower = bottom > lower || before < lower ? bottom : lower;
    if (close[i]! > upper) rising = true;
    else if (close[i]! < lower) rising = false;
    value[i] = rising ? lower : upper;
    direction[i] = rising ? 1 : -1;
  }
  return { value, direction };
};
