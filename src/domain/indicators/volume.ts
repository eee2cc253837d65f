import { dayMs } from '../market/interval.ts';
import { undefinedSeries } from './indicator.ts';
import type { Indicator } from './indicator.ts';
import { typicalPrice } from './oscillators.ts';

/** On-balance volume from the first bar on. Only its changes mean something: its level depends on where the series starts. */
export const OBV: Indicator = {
  name: 'OBV',
  parameters: [],
  outputs: ['value'],
  source: null,
  warmup: () => 0,
  history: () => Infinity,
  compute: ({ close, volume, length }) => {
    const value = new Float64Array(length);
    let balance = volume[0] ?? 0;
    for (let i = 0; i < length; i += 1) {
      if (i > 0 && close[i]! > close[i - 1]!) balance += volume[i]!;
      else if (i > 0 && close[i]! < close[i - 1]!) balance -= volume[i]!;
      value[i] = balance;
    }
    return { value };
  },
};

/** Volume-weighted average of the typical price since 00:00 UTC; undefined until something traded. */
export const VWAP: Indicator = {
  name: 'VWAP',
  parameters: [],
  outputs: ['value'],
  source: null,
  warmup: () => 0,
  /** A day of minutes, and the day before cut off. */
  history: () => 1_441,
  compute: (columns) => {
    const typical = typicalPrice(columns);
    const value = undefinedSeries(columns.length);
    let day = Number.NaN;
    let traded = 0;
    let volume = 0;
    for (let i = 0; i < columns.length; i += 1) {
      const today = Math.floor(columns.time[i]! / dayMs);
      if (today !== day) {
        day = today;
        traded = 0;
        volume = 0;
      }
      traded += typical[i]! * columns.volume[i]!;
      volume += columns.volume[i]!;
      if (volume > 0) value[i] = traded / volume;
    }
    return { value };
  },
};
