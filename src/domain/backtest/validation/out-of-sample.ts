import type { BacktestInput } from '../backtest-run.ts';
import { runBacktest } from '../engine.ts';
import { efficiency, windowFigures } from './window-figures.ts';
import type { WindowFigures } from './window-figures.ts';
import { lookBackOf, warmsUp, windowOf } from './windows.ts';

/** How a strategy did on its first bars and, apart from them, on its last. */
export interface OutOfSample {
  /** Fraction of the bars that are out of sample. */
  readonly share: number;
  readonly in_sample: WindowFigures;
  readonly out_of_sample: WindowFigures;
  /** Out of sample less in sample, percentage points of return a day. */
  readonly return_gap_pct_per_day: number;
  /** Out-of-sample return a day as a fraction of that in sample; null where nothing was earned in sample. */
  readonly efficiency: number | null;
}

export const outOfSampleShare = 0.3;

/**
 * Splits a backtest once: the last `share` of its bars is out of sample. Each side is a run of its own that starts with the
 * capital and without a position, so that nothing is carried over the border.
 * @param share fraction of the bars, above 0 and below 1.
 * @returns null where there are too few bars for two runs.
 * @throws as `runBacktest`
 */
export const outOfSample = (input: BacktestInput, share: number = outOfSampleShare): OutOfSample | null => {
  const start = input.firstBar ?? 0;
  const end = input.columns.length;
  const border = end - Math.floor((end - start) * share);
  if (border === end || border === start) return null;
  const lookBack = lookBackOf([input.definition]);
  const windows = [
    windowOf(input, { from: start, to: border }, lookBack),
    windowOf(input, { from: border, to: end }, lookBack),
  ];
  if (!windows.every((window) => warmsUp(window, lookBack))) return null;
  const [before, after] = windows.map((window) => windowFigures(runBacktest(window)));
  if (before === undefined || after === undefined) return null;
  return {
    share: (end - border) / (end - start),
    in_sample: before,
    out_of_sample: after,
    return_gap_pct_per_day: after.return_pct_per_day - before.return_pct_per_day,
    efficiency: efficiency(before.return_pct_per_day, after.return_pct_per_day),
  };
};
