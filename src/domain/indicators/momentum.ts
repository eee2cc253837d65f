import { ema } from './averages.ts';
import { forgettingBars, period, undefinedSeries, valueOf } from './indicator.ts';
import type { Indicator } from './indicator.ts';

/** Wilder's relative strength index, 0–100; 0 where nothing moved (as TA-Lib). */
export const RSI: Indicator = {
  name: 'RSI',
  parameters: [period(14, 'period', 2)],
  outputs: ['value'],
  source: 'close',
  warmup: (p) => valueOf(p, 'period'),
  history: (p) => valueOf(p, 'period') + 1 + forgettingBars(1 / valueOf(p, 'period')),
  compute: (columns, p, source) => ({ value: relativeStrength(columns[source], valueOf(p, 'period')) }),
};

export const relativeStrength = (values: Float64Array, bars: number): Float64Array<ArrayBuffer> => {
  const strength = undefinedSeries(values.length);
  let gain = 0;
  let loss = 0;
  for (let i = 1; i < values.length; i += 1) {
    const change = values[i]! - values[i - 1]!;
    const up = change > 0 ? change : 0;
    const down = change < 0 ? -change : 0;
    if (i <= bars) {
      gain += up;
      loss += down;
      if (i < bars) continue;
      gain /= bars;
      loss /= bars;
    } else {
      gain = (gain * (bars - 1) + up) / bars;
      loss = (loss * (bars - 1) + down) / bars;
    }
    const moved = gain + loss;
    strength[i] = moved === 0 ? 0 : (100 * gain) / moved;
  }
  return strength;
};

/** Rate of change in per cent over `period` bars. */
export const ROC: Indicator = {
  name: 'ROC',
  parameters: [period(null)],
  outputs: ['value'],
  source: 'close',
  warmup: (p) => valueOf(p, 'period'),
  history: (p) => valueOf(p, 'period') + 1,
  compute: (columns, p, source) => {
    const values = columns[source];
    const bars = valueOf(p, 'period');
    const change = undefinedSeries(values.length);
    for (let i = bars; i < values.length; i += 1) {
      const before = values[i - bars]!;
      change[i] = before === 0 ? 0 : (values[i]! / before - 1) * 100;
    }
    return { value: change };
  },
};

/**
 * Difference of two exponential averages, its own average (`signal`) and their difference (`histogram`). As TA-Lib: both
 * averages start on one bar, and all outputs are defined from the first signal on.
 */
export const MACD: Indicator = {
  name: 'MACD',
  parameters: [period(12, 'fast', 2), period(26, 'slow', 2), period(9, 'signal')],
  outputs: ['macd', 'signal', 'histogram'],
  source: 'close',
  warmup: (p) => slower(p) - 1 + valueOf(p, 'signal') - 1,
  history: (p) =>
    slower(p) +
    valueOf(p, 'signal') +
    forgettingBars(2 / (slower(p) + 1)) +
    forgettingBars(2 / (valueOf(p, 'signal') + 1)),
  compute: (columns, p, source) => {
    const values = columns[source];
    const slow = slower(p);
    const fast = Math.min(valueOf(p, 'fast'), valueOf(p, 'slow'));
    const first = slow - 1;
    const fastEma = ema(values, fast, slow - fast);
    const slowEma = ema(values, slow);
    const macd = undefinedSeries(values.length);
    for (let i = first; i < values.length; i += 1) macd[i] = fastEma[i]! - slowEma[i]!;
    const signal = ema(macd, valueOf(p, 'signal'), first);
    const histogram = undefinedSeries(values.length);
    for (let i = 0; i < values.length; i += 1) {
      histogram[i] = macd[i]! - signal[i]!;
      if (Number.isNaN(signal[i]!)) macd[i] = Number.NaN;
    }
    return { macd, signal, histogram };
  },
};

const slower = (p: Readonly<Record<string, number>>): number => Math.max(valueOf(p, 'fast'), valueOf(p, 'slow'));
