import { runBacktest } from '../domain/backtest/engine.ts';
import { backtestFigures } from '../domain/backtest/metrics.ts';
import type { BacktestFigures } from '../domain/backtest/metrics.ts';
import { createIndicatorCache } from '../domain/strategy/indicator-cache.ts';
import type { IndicatorCache } from '../domain/strategy/indicator-cache.ts';
import type { SweepTask } from './pool-messages.ts';
import { countDone } from './progress.ts';

/** Runs the tasks of sweeps on one thread; an indicator that several combinations use is computed once. */
export const createSweepRunner = () => {
  let kept: { readonly sweep: number; readonly indicators: IndicatorCache } | null = null;
  return {
    /** The figures of each combination, in the task's order. @throws as `runBacktest` */
    run: ({ sweep, input, combinations, cacheBytes, counter }: SweepTask): readonly BacktestFigures[] => {
      if (kept?.sweep !== sweep) kept = { sweep, indicators: createIndicatorCache(cacheBytes) };
      const { indicators } = kept;
      return combinations.map((parameters) => {
        const definition = { ...input.definition, parameters };
        const figures = backtestFigures(runBacktest({ ...input, definition }, { indicators }));
        countDone(counter);
        return figures;
      });
    },
    forget: (sweep: number): void => {
      if (kept?.sweep === sweep) kept = null;
    },
  };
};
