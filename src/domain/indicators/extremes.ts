import { period, undefinedSeries, valueOf } from './indicator.ts';
import type { Indicator } from './indicator.ts';

/**
 * Greatest (`sign` 1) or least (`sign` −1) value of each window of `bars`, the bar itself included; NaN before the first
 * full window, and where the window holds a NaN. In blocks of the window's length (van Herk 1992, Gil and Werman 1993): a window is
 * the end of one block and the beginning of the next, so that its cost does not depend on its length.
 */
export const rollingExtreme = (values: Float64Array, bars: number, sign: 1 | -1): Float64Array<ArrayBuffer> => {
  const extreme = undefinedSeries(values.length);
  const ends = new Float64Array(bars + 1).fill(sign === 1 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
  const fill = sign === 1 ? fillGreatest : fillLeast;
  for (let block = 0; block < values.length; block += bars) fill(values, bars, block, ends, extreme);
  return extreme;
};

type FillBlock = (values: Float64Array, bars: number, block: number, ends: Float64Array, extreme: Float64Array) => void;

/** `ends[k]` is the extreme of the block before from its k-th value on, nothing counting for k = `bars`. */
const fillGreatest: FillBlock = (values, bars, block, ends, extreme) => {
  const end = Math.min(block + bars, values.length);
  let greatest = Number.NEGATIVE_INFINITY;
  for (let i = block; i < end; i += 1) {
    greatest = Math.max(greatest, values[i]!);
    if (i >= bars - 1) extreme[i] = Math.max(greatest, ends[i - block + 1]!);
  }
  ends[bars] = Number.NEGATIVE_INFINITY;
  for (let k = bars - 1; k >= 0; k -= 1) ends[k] = Math.max(ends[k + 1]!, values[block + k] ?? Number.NaN);
};

const fillLeast: FillBlock = (values, bars, block, ends, extreme) => {
  const end = Math.min(block + bars, values.length);
  let least = Number.POSITIVE_INFINITY;
  for (let i = block; i < end; i += 1) {
    least = Math.min(least, values[i]!);
    if (i >= bars - 1) extreme[i] = Math.min(least, ends[i - block + 1]!);
  }
  ends[bars] = Number.POSITIVE_INFINITY;
  for (let k = bars - 1; k >= 0; k -= 1) ends[k] = Math.min(ends[k + 1]!, values[block + k] ?? Number.NaN);
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
