import { ema } from './averages.ts';
import { rollingExtreme } from './extremes.ts';
import { factor, forgettingBars, period, undefinedSeries, valueOf } from './indicator.ts';
import type { Indicator, IndicatorValues } from './indicator.ts';
import { averageTrueRange } from './volatility.ts';

/** Keltner channel: the exponential average ± `multiplier` average true ranges. */
export const KELTNER: Indicator = {
  name: 'KELTNER',
  parameters: [period(20), period(10, 'atr_period'), factor('multiplier', 2)],
  outputs: ['middle', 'upper', 'lower'],
  source: 'close',
  warmup: (p) => Math.max(valueOf(p, 'period') - 1, valueOf(p, 'atr_period')),
  history: (p) =>
    Math.max(
      valueOf(p, 'period') + forgettingBars(2 / (valueOf(p, 'period') + 1)),
      valueOf(p, 'atr_period') + 1 + forgettingBars(1 / valueOf(p, 'atr_period')),
    ),
  compute: (columns, p, source) => {
    const middle = ema(columns[source], valueOf(p, 'period'));
    const range = averageTrueRange(columns, valueOf(p, 'atr_period'));
    const width = valueOf(p, 'multiplier');
    return {
      middle,
      upper: middle.map((mean, i) => mean + width * range[i]!),
      lower: middle.map((mean, i) => mean - width * range[i]!),
    };
  },
};

const longest = (p: IndicatorValues): number =>
  Math.max(valueOf(p, 'conversion'), valueOf(p, 'base'), valueOf(p, 'span')) + valueOf(p, 'displacement');

/**
 * Ichimoku lines as they stand on the chart at the bar: the spans are those of `displacement` bars before. The lagging line is
 * the close against a price with an `offset`.
 */
export const ICHIMOKU: Indicator = {
  name: 'ICHIMOKU',
  parameters: [period(9, 'conversion'), period(26, 'base'), period(52, 'span'), period(26, 'displacement')],
  outputs: ['conversion', 'base', 'span_a', 'span_b'],
  source: null,
  warmup: (p) => longest(p) - 1,
  history: longest,
  compute: ({ high, low, length }, p) => {
    const middleOf = (bars: number): Float64Array => {
      const bottom = rollingExtreme(low, bars, -1);
      return rollingExtreme(high, bars, 1).map((top, i) => (top + bottom[i]!) / 2);
    };
    const conversion = middleOf(valueOf(p, 'conversion'));
    const base = middleOf(valueOf(p, 'base'));
    const span = middleOf(valueOf(p, 'span'));
    const back = valueOf(p, 'displacement');
    const spanA = undefinedSeries(length);
    const spanB = undefinedSeries(length);
    for (let i = back; i < length; i += 1) {
      spanA[i] = (conversion[i - back]! + base[i - back]!) / 2;
      spanB[i] = span[i - back]!;
    }
    return { conversion, base, span_a: spanA, span_b: spanB };
  },
};
