import type { BacktestRun } from './backtest-run.ts';

/** How a run did on its last bars alone. */
export interface OutOfSample {
  /** Fraction of the bars that are out of sample. */
  readonly share: number;
  readonly total_return_pct: number;
  /** Closed trades that were entered there. */
  readonly trades: number;
}

export const outOfSampleShare = 0.3;

/**
 * Splits a run once: the last `share` of its bars counts as out of sample. Parameters are not fitted by a backtest, so the split
 * shows whether the result holds in the newest part; it is no walk-forward optimisation.
 */
export const outOfSample = (run: BacktestRun, share: number = outOfSampleShare): OutOfSample => {
  const length = run.equity.length;
  const first = length - Math.floor(length * share);
  const before = first === 0 ? run.input.capital : run.equity[first - 1]!;
  return {
    share: (length - first) / length,
    total_return_pct: (run.finalEquity / before - 1) * 100,
    trades: run.trades.filter(({ entryBar }) => entryBar >= first).length,
  };
};
