import { DomainError } from '../../domain/errors.ts';
import { alignmentProblem } from '../../domain/market/candle-checks.ts';
import { intervalMs, intervals } from '../../domain/market/interval.ts';
import type { Interval } from '../../domain/market/interval.ts';
import { badRow, candleFileHint } from './candle-row.ts';

/** What is known of a file's times once all rows are read. */
export interface CandleTimes {
  readonly source: string;
  /** Open times in epoch ms, rising. */
  readonly times: Float64Array;
  /** The smallest gap between two of them, ms. */
  readonly gap: number;
  /** The line of the row with that index. */
  readonly lineOf: (row: number) => number;
}

/**
 * The interval of a file's candles: the smallest gap. Missing candles are no error.
 * @throws DomainError `BadCandleFile` where that is no interval or a time is not on its grid.
 */
export const intervalOfTimes = ({ source, times, gap, lineOf }: CandleTimes): Interval => {
  const rows = times.length;
  if (rows < 2) {
    throw new DomainError(
      'BadCandleFile',
      `${source}: found ${rows} candles, at least 2 are needed to know the interval`,
      { next: candleFileHint, details: { source, rows } },
    );
  }
  const interval = intervals.find((name) => intervalMs[name] === gap);
  if (interval === undefined) {
    throw new DomainError(
      'BadCandleFile',
      `${source}: the smallest gap between candles is ${gap} ms, which is no interval`,
      {
        next: `give candles of one of ${intervals.join(', ')}`,
        details: { source, column: 'timestamp', found: gap, allowed: intervals },
      },
    );
  }
  const step = intervalMs[interval];
  let before = 0;
  for (let row = 0; row < rows; row += 1) {
    const time = times[row]!;
    const problem = time - before === step ? null : alignmentProblem(time, interval);
    if (problem !== null) throw badRow(source, lineOf(row), problem);
    before = time;
  }
  return interval;
};
