import { period, undefinedSeries, valueOf } from './indicator.ts';
import type { Indicator } from './indicator.ts';

/**
 * Greatest (`sign` 1) or least (`sign` −1) value of each window of `bars`, the bar itself included; NaN before the first
 * full window. A monotonic queue: one visit a value.
 */
export const rollingExtreme = (values: Float64Array, bars: number, sign: 1 | -1): Float64Array<ArrayBuffer> => {
  const extreme = undefinedSeries(values.length);
  const queue = new Int32Array(values.length);
  let head = 0;
  let tail = 0;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i]! * sign;
    while (tail > head && values[queue[tail - 1]!]! * sign <= value) tail -= 1;
    queue[tail] = i;
    tail += 1;
    if (queue[head]! <= i - bars) head += 1;
    if (i >= bars - 1) extreme[i] = values[queue[head]!]!;
  }
  return extreme;
};

const window = {
  parameters: [period(null)],
  outputs: ['value'],
  warmup: (p) => valueOf(p, 'period') - 1,
  history: (p) => valueOf(p, 'period'),
} as const satisfies Partial<Indicator>;

/** Greatest value of the last `period` bars, of highs unless a source is named. */
export const HIGHEST: Indicator = {
  ...window,
  name: 'HIGHEST',
  source: 'high',
  compute: (columns, p, source) => ({ value: rollingExtreme(columns[source], valueOf(p, 'period'), 1) }),
};

/** Least value of the last `period` bars, of lows unless a source is named. */
export const LOWEST: Indicator = {
  ...window,
  name: 'LOWEST',
  source: 'low',
  compute: (columns, p, source) => ({ value: rollingExtreme(columns[source], valueOf(p, 'period'), -1) }),
};

/** Highest high, lowest low and their mean. The bar itself counts: use `offset` 1 for a breakout of the earlier channel. */
export const DONCHIAN: Indicator = {
  name: 'DONCHIAN',
  parameters: [period(20)],
  outputs: ['upper', 'middle', 'lower'],
  source: null,
  warmup: window.warmup,
  history: window.history,
  compute: (columns, p) => {
    const upper = rollingExtreme(columns.high, valueOf(p, 'period'), 1);
    const lower = rollingExtreme(columns.low, valueOf(p, 'period'), -1);
    return { upper, middle: upper.map((top, i) => (top + lower[i]!) / 2), lower };
  },
};
