import { ema, sma, wma } from './averages.ts';
import { forgettingBars, period, valueOf } from './indicator.ts';
import type { Indicator } from './indicator.ts';

/** Simple moving average. */
export const SMA: Indicator = {
  name: 'SMA',
  parameters: [period(null)],
  outputs: ['value'],
  source: 'close',
  warmup: (p) => valueOf(p, 'period') - 1,
  history: (p) => valueOf(p, 'period'),
  compute: (columns, p, source) => ({ value: sma(columns[source], valueOf(p, 'period')) }),
};

/** Simple moving average of volume. */
export const VOLUME_SMA: Indicator = { ...SMA, name: 'VOLUME_SMA', source: 'volume' };

/** Linearly weighted moving average. */
export const WMA: Indicator = {
  ...SMA,
  name: 'WMA',
  compute: (columns, p, source) => ({ value: wma(columns[source], valueOf(p, 'period')) }),
};

/** Exponential moving average, seeded by the simple one. */
export const EMA: Indicator = {
  ...SMA,
  name: 'EMA',
  history: (p) => valueOf(p, 'period') + forgettingBars(2 / (valueOf(p, 'period') + 1)),
  compute: (columns, p, source) => ({ value: ema(columns[source], valueOf(p, 'period')) }),
};
