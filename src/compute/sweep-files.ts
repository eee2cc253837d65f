import { parameterSpace, sampledSpace, wholeSpace } from '../domain/backtest/parameter-space.ts';
import { createBestRows } from '../domain/backtest/sweep-ranking.ts';
import type { SweepMetric } from '../domain/backtest/sweep-ranking.ts';
import { createComputePool, shareInput } from './pool.ts';
import { readBacktestInput } from './standalone-backtest.ts';
import type { StandaloneBacktestOptions } from './standalone-backtest.ts';
import { sweep } from './sweep.ts';
import type { SweepOptions, SweepRow } from './sweep.ts';

export interface StandaloneSweepOptions extends StandaloneBacktestOptions, SweepOptions {
  /** Parsed JSON, as `parameterSpace` reads it. */
  readonly grid: unknown;
  /** Draws so many combinations; absent: all of them. */
  readonly random?: { readonly count: number; readonly seed: number };
  /** Threads; default one a core. */
  readonly threads?: number;
  readonly sort: SweepMetric;
  /** Rows of the answer's `best`. */
  readonly top: number;
  /** Takes each row in the space's order; false ends the sweep there. */
  readonly onRow: (row: SweepRow) => Promise<boolean> | boolean;
}

export interface StandaloneSweepResult {
  readonly combinations: number;
  /** Of each combination. */
  readonly bars: number;
  /** Wall time of the sweep, without loading. */
  readonly seconds: number;
  readonly combination_bars_per_second: number;
  readonly threads: number;
  /** The best first. */
  readonly best: readonly SweepRow[];
}

/**
 * A sweep of a file over a file: no database, no server, nothing started but threads, and they are gone afterwards.
 * @throws as `readBacktestInput`, `parameterSpace` and `sweep`
 */
export const standaloneSweep = async (options: StandaloneSweepOptions): Promise<StandaloneSweepResult> => {
  const { grid, random, threads, sort, top, onRow } = options;
  const pool = createComputePool(threads === undefined ? {} : { size: threads });
  try {
    pool.warmUp();
    const input = shareInput(await readBacktestInput(options));
    const space = parameterSpace(grid, input.definition.parameters);
    const places = random === undefined ? wholeSpace(space) : sampledSpace(space, random.count, random.seed);
    const best = createBestRows<SweepRow>(sort, top);
    const started = performance.now();
    let combinations = 0;
    for await (const row of sweep(pool, { input, space, places }, options)) {
      combinations += 1;
      best.add(row);
      if (!(await onRow(row))) break;
    }
    const seconds = (performance.now() - started) / 1000;
    const bars = input.columns.length;
    return {
      combinations,
      bars,
      seconds,
      combination_bars_per_second: (combinations * bars) / seconds,
      threads: pool.size,
      best: best.rows,
    };
  } finally {
    await pool.close();
  }
};
