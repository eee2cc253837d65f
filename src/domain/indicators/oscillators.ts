import type { CandleColumns } from '../market/candle.ts';
import { sma } from './averages.ts';
import { rollingExtreme } from './extremes.ts';
import { forgettingBars, period, undefinedSeries, valueOf } from './indicator.ts';
import type { Indicator, IndicatorSeries } from './indicator.ts';
import { relativeStrength } from './momentum.ts';

/** (high + low + close) / 3. */
export const typicalPrice = ({ high, low, close, length }: CandleColumns): Float64Array<ArrayBuffer> => {
  const typical = new Float64Array(length);
  for (let i = 0; i < length; i += 1) typical[i] = (high[i]! + low[i]! + close[i]!) / 3;
  return typical;
};

/** Commodity channel index: distance of the typical price from its mean in units of 0.015 mean deviations. */
export const CCI: Indicator = {
  name: 'CCI',
  parameters: [period(20, 'period', 2)],
  outputs: ['value'],
  source: null,
  warmup: (p) => valueOf(p, 'period') - 1,
  history: (p) => valueOf(p, 'period'),
  compute: (columns, p) => {
    const bars = valueOf(p, 'period');
    const typical = typicalPrice(columns);
    const value = undefinedSeries(columns.length);
    for (let i = bars - 1; i < columns.length; i += 1) {
      let total = 0;
      for (let k = i - bars + 1; k <= i; k += 1) total += typical[k]!;
      const mean = total / bars;
      let deviation = 0;
      for (let k = i - bars + 1; k <= i; k += 1) deviation += Math.abs(typical[k]! - mean);
      value[i] = deviation === 0 ? 0 : (typical[i]! - mean) / ((0.015 * deviation) / bars);
    }
    return { value };
  },
};

/** Money flow index, 0–100: the share of rising typical prices in the traded value of `period` changes. */
export const MFI: Indicator = {
  name: 'MFI',
  parameters: [period(14, 'period', 2)],
  outputs: ['value'],
  source: null,
  warmup: (p) => valueOf(p, 'period'),
  history: (p) => valueOf(p, 'period') + 1,
  compute: (columns, p) => {
    const bars = valueOf(p, 'period');
    const typical = typicalPrice(columns);
    const value = undefinedSeries(columns.length);
    for (let i = bars; i < columns.length; i += 1) {
      let rising = 0;
      let falling = 0;
      for (let k = i - bars + 1; k <= i; k += 1) {
        const flow = typical[k]! * columns.volume[k]!;
        if (typical[k]! > typical[k - 1]!) rising += flow;
        else if (typical[k]! < typical[k - 1]!) falling += flow;
      }
      value[i] = rising + falling < 1 ? 0 : (100 * rising) / (rising + falling);
    }
    return { value };
  },
};

/** Williams %R, −100–0; 0 where the window has no range. */
export const WILLR: Indicator = {
  name: 'WILLR',
  parameters: [period(14, 'period', 2)],
  outputs: ['value'],
  source: null,
  warmup: (p) => valueOf(p, 'period') - 1,
  history: (p) => valueOf(p, 'period'),
  compute: ({ high, low, close }, p) => {
    const top = rollingExtreme(high, valueOf(p, 'period'), 1);
    const bottom = rollingExtreme(low, valueOf(p, 'period'), -1);
    return {
      value: top.map((highest, i) => {
        const range = highest - bottom[i]!;
        return range === 0 ? 0 : (-100 * (highest - close[i]!)) / range;
      }),
    };
  },
};

/** Position of each value in the range of its window, 0–100; 0 where there is no range. */
const fastK = (value: Float64Array, high: Float64Array, low: Float64Array, bars: number): Float64Array<ArrayBuffer> => {
  const top = rollingExtreme(high, bars, 1);
  const bottom = rollingExtreme(low, bars, -1);
  return top.map((highest, i) => {
    const range = highest - bottom[i]!;
    return range === 0 ? 0 : (100 * (value[i]! - bottom[i]!)) / range;
  });
};

/** Both outputs from the first bar on which both are defined, as TA-Lib gives them. */
const kAndD = (k: Float64Array<ArrayBuffer>, dBars: number): IndicatorSeries => {
  const d = sma(k, dBars);
  return { k: k.map((value, i) => (Number.isNaN(d[i]!) ? Number.NaN : value)), d };
};

/** Slow stochastic: %K smoothed over `slowing`, %D its average over `d`. */
export const STOCH: Indicator = {
  name: 'STOCH',
  parameters: [period(14, 'k'), period(3, 'slowing'), period(3, 'd')],
  outputs: ['k', 'd'],
  source: null,
  warmup: (p) => valueOf(p, 'k') + valueOf(p, 'slowing') + valueOf(p, 'd') - 3,
  history: (p) => valueOf(p, 'k') + valueOf(p, 'slowing') + valueOf(p, 'd') - 2,
  compute: ({ high, low, close }, p) =>
    kAndD(sma(fastK(close, high, low, valueOf(p, 'k')), valueOf(p, 'slowing')), valueOf(p, 'd')),
};

/** Fast stochastic of the RSI. */
export const STOCHRSI: Indicator = {
  name: 'STOCHRSI',
  parameters: [period(14, 'period', 2), period(14, 'k'), period(3, 'd')],
  outputs: ['k', 'd'],
  source: 'close',
  warmup: (p) => valueOf(p, 'period') + valueOf(p, 'k') + valueOf(p, 'd') - 2,
  history: (p) => valueOf(p, 'period') + valueOf(p, 'k') + valueOf(p, 'd') + forgettingBars(1 / valueOf(p, 'period')),
  compute: (columns, p, source) => {
    const bars = valueOf(p, 'period');
    const strength = relativeStrength(columns[source], bars).subarray(bars);
    const defined = kAndD(fastK(strength, strength, strength, valueOf(p, 'k')), valueOf(p, 'd'));
    return Object.fromEntries(
      Object.entries(defined).map(([output, values]) => {
        const whole = undefinedSeries(columns.length);
        whole.set(values, Math.min(bars, columns.length));
        return [output, whole];
      }),
    );
  },
};
