import { setImmediate as nextTurn } from 'node:timers/promises';
import type { BacktestInput } from '../domain/backtest/backtest-run.ts';
import type { BacktestFigures } from '../domain/backtest/metrics.ts';
import { combinationAt } from '../domain/backtest/parameter-space.ts';
import type { ParameterSpace } from '../domain/backtest/parameter-space.ts';
import type { StrategyParameters } from '../domain/strategy/definition.ts';
import { shareInput } from './pool.ts';
import type { ComputePool } from './pool.ts';
import { createProgress } from './progress.ts';
import type { Progress } from './progress.ts';
import { checkCombination } from './sweep-check.ts';

/** One combination of a sweep: its parameters and the figures of its backtest. */
export interface SweepRow extends BacktestFigures {
  readonly parameters: StrategyParameters;
}

export interface SweepRequest {
  /** The backtest of which the strategy's parameters are replaced. */
  readonly input: BacktestInput;
  readonly space: ParameterSpace;
  /** The combinations to run by their places in the space (`wholeSpace`, `sampledSpace`). */
  readonly places: Float64Array;
}

export interface SweepOptions {
  readonly signal?: AbortSignal;
  /** Called a few times a second while combinations are run. */
  readonly onProgress?: (progress: Pick<Progress, 'done' | 'total'>) => void;
}

/** Tasks a thread gets of one sweep at least, so that all end at about the same time. */
const tasksPerThread = 8;
const mostCombinationsOfTask = 64;
/** Indicators that all threads of a pool keep together. */
const cacheBytes = 256 * 2 ** 20;
const progressMs = 200;
/** Combinations that are checked before the event loop turns. */
const checkedAtOnce = 100;

let sweeps = 0;

/**
 * Runs the combinations on all threads of a pool and gives their rows in the order of `places`, whichever is done first. Each row is
 * exactly what the single backtest gives. No more than two tasks a thread are under way: who reads slowly holds the sweep up, and
 * memory does not grow with the number of combinations.
 * @throws DomainError `BadStrategy` or `NotEnoughCandles` naming the first combination that cannot run, before any is run; otherwise
 * as `ComputePool.backtest`. Nothing runs on after that, nor when the reader stops early.
 */
export const sweep = async function* (
  pool: ComputePool,
  { input, space, places }: SweepRequest,
  { signal, onProgress }: SweepOptions = {},
): AsyncGenerator<SweepRow, void, undefined> {
  const fixed = input.definition.parameters;
  for (const [index, place] of places.entries()) {
    if (index % checkedAtOnce === 0) await nextTurn(undefined, signal === undefined ? {} : { signal });
    checkCombination(input, combinationAt(space, place, fixed));
  }

  const shared = shareInput(input);
  const progress = createProgress(places.length);
  const perTask = Math.ceil(places.length / (pool.size * tasksPerThread));
  const taskLength = Math.min(mostCombinationsOfTask, Math.max(1, perTask));
  const id = (sweeps += 1);
  const stop = new AbortController();
  const signals = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);

  const runTask = async (from: number): Promise<readonly SweepRow[]> => {
    const combinations = Array.from(places.subarray(from, from + taskLength), (place) =>
      combinationAt(space, place, fixed),
    );
    const task = {
      kind: 'sweep',
      sweep: id,
      input: shared,
      combinations,
      cacheBytes: cacheBytes / pool.size,
      counter: progress.counter,
    } as const;
    const figures = await pool.sweepTask(task, { signal: signals });
    return combinations.map((parameters, index) => ({ parameters, ...figures[index]! }));
  };

  const underWay: Promise<readonly SweepRow[]>[] = [];
  const timer = onProgress && setInterval(() => onProgress(progress), progressMs);
  try {
    for (let from = 0; from < places.length || underWay.length > 0; from += taskLength) {
      if (from < places.length) {
        const rows = runTask(from);
        // Whoever waits for it hears of a failure; the others must not be unhandled meanwhile.
        rows.catch(() => undefined);
        underWay.push(rows);
        if (underWay.length < 2 * pool.size && from + taskLength < places.length) continue;
      }
      yield* (await underWay.shift()) ?? [];
    }
    onProgress?.(progress);
  } finally {
    clearInterval(timer);
    stop.abort(new DOMException('the sweep was stopped', 'AbortError'));
    await Promise.allSettled(underWay);
    pool.forgetSweep(id);
  }
};
