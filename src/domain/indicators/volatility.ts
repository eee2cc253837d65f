import { sma, standardDeviation } from './averages.ts';
import { factor, forgettingBars, period, undefinedSeries, valueOf } from './indicator.ts';
import type { Indicator } from './indicator.ts';
import type { CandleColumns } from '../market/candle.ts';

/** Population standard deviation of the window. */
export const STDDEV: Indicator = {
  name: 'STDDEV',
  parameters: [period(null, 'period', 2)],
  outputs: ['value'],
  source: 'close',
  warmup: (p) => valueOf(p, 'period') - 1,
  history: (p) => valueOf(p, 'period'),
  compute: (columns, p, source) => ({ value: standardDeviation(columns[source], valueOf(p, 'period')) }),
};

/** Bollinger bands: the simple average ± `deviations` population standard deviations. */
export const BBANDS: Indicator = {
  name: 'BBANDS',
  parameters: [period(20, 'period', 2), factor('deviations', 2)],
  outputs: ['middle', 'upper', 'lower'],
  source: 'close',
  warmup: (p) => valueOf(p, 'period') - 1,
  history: (p) => valueOf(p, 'period'),
  compute: (columns, p, source) => {
    const values = columns[source];
    const middle = sma(values, valueOf(p, 'period'));
    const deviation = standardDeviation(values, valueOf(p, 'period'));
    const width = valueOf(p, 'deviations');
    return {
      middle,
      upper: middle.map((mean, i) => mean + width * deviation[i]!),
      lower: middle.map((mean, i) => mean - width * deviation[i]!),
    };
  },
};

/** Wilder's average true range, in quote currency. */
export const ATR: Indicator = {
  name: 'ATR',
  parameters: [period(14)],
  outputs: ['value'],
  source: null,
  warmup: (p) => valueOf(p, 'period'),
  history: (p) => valueOf(p, 'period') + 1 + forgettingBars(1 / valueOf(p, 'period')),
  compute: (columns, p) => ({ value: averageTrueRange(columns, valueOf(p, 'period')) }),
};

export const averageTrueRange = (columns: CandleColumns, bars: number): Float64Array<ArrayBuffer> => {
  const { high, low, close, length } = columns;
  const average = undefinedSeries(length);
  let current = 0;
  for (let i = 1; i < length; i += 1) {
    const before = close[i - 1]!;
    const range = Math.max(high[i]! - low[i]!, Math.abs(high[i]! - before), Math.abs(low[i]! - before));
    if (i < bars) current += range;
    else {
      current = i === bars ? (current + range) / bars : (current * (bars - 1) + range) / bars;
      average[i] = current;
    }
  }
  return average;
};
