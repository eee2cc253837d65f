import { createIndicatorCache } from '../../strategy/indicator-cache.ts';
import type { StrategyDefinition, StrategyParameters } from '../../strategy/definition.ts';
import type { BacktestInput } from '../backtest-run.ts';
import { runBacktest } from '../engine.ts';
import { backtestFigures } from '../metrics.ts';
import type { BacktestFigures } from '../metrics.ts';
import { byMetric } from '../sweep-ranking.ts';
import type { SweepMetric } from '../sweep-ranking.ts';
import { efficiency, joined, returnPctPerDay, windowFigures } from './window-figures.ts';
import type { WindowFigures } from './window-figures.ts';
import { defaultFolds, walkForwardWindows } from './walk-forward-windows.ts';
import type { WalkForwardKind } from './walk-forward-windows.ts';
import { lookBackOf, warmsUp, windowOf } from './windows.ts';

/** One fold: the parameters that did best in sample, and what they did there and right after. */
export interface WalkForwardFold {
  readonly parameters: StrategyParameters;
  readonly in_sample: WindowFigures;
  readonly out_of_sample: WindowFigures;
}

export interface WalkForward {
  readonly kind: WalkForwardKind;
  /** Combinations of parameters tried in each in-sample window. */
  readonly combinations: number;
  /** Fraction of all bars that are out of sample in some fold. */
  readonly share: number;
  /** Of the out-of-sample windows one after the other. */
  readonly total_return_pct: number;
  readonly return_pct_per_day: number;
  /** Fraction of the out-of-sample windows that earned something. */
  readonly profitable_share: number;
  /** Out-of-sample return a day as a fraction of that in sample (R. Pardo); null where nothing was earned in sample. */
  readonly efficiency: number | null;
  readonly folds: readonly WalkForwardFold[];
}

export interface WalkForwardOptions {
  readonly folds?: number;
  readonly kind?: WalkForwardKind;
  /** Tried in each in-sample window; absent: the strategy's own parameters alone. */
  readonly combinations?: readonly StrategyParameters[];
  /** Makes a combination the best in sample; of equals, and where it is null for all, the total return does. Default: the Sharpe ratio. */
  readonly objective?: SweepMetric;
}

/**
 * Walks forward through the bars: what did best in sample is run on the window right after it. Every window is a run of its own that
 * starts with the capital and without a position.
 * @returns null where the windows are too short for a combination to warm up.
 * @throws as `runBacktest`
 */
export const walkForward = (input: BacktestInput, options: WalkForwardOptions = {}): WalkForward | null => {
  const { folds = defaultFolds, kind = 'rolling', objective = 'sharpe_ratio' } = options;
  const { combinations = [input.definition.parameters] } = options;
  const { definition, columns, firstBar = 0 } = input;
  const definitions = combinations.map((parameters) => ({ ...definition, parameters }));
  const lookBack = lookBackOf(definitions);
  const windows = walkForwardWindows({ from: firstBar, to: columns.length }, folds, kind).map((fold) => ({
    inSample: windowOf(input, fold.inSample, lookBack),
    outOfSample: windowOf(input, fold.outOfSample, lookBack),
  }));
  const short = windows.some((fold) => !warmsUp(fold.inSample, lookBack) || !warmsUp(fold.outOfSample, lookBack));
  if (windows.length === 0 || short) return null;
  const results = windows.map(({ inSample, outOfSample }): WalkForwardFold => {
    const best = bestOf(inSample, definitions, objective);
    return {
      parameters: best.definition.parameters,
      in_sample: best.window,
      out_of_sample: windowFigures(runBacktest({ ...outOfSample, definition: best.definition })),
    };
  });
  return { kind, combinations: combinations.length, ...summaryOf(results, columns.length - firstBar), folds: results };
};

interface Candidate {
  readonly definition: StrategyDefinition;
  readonly figures: BacktestFigures;
  readonly window: WindowFigures;
}

/** What is kept of the indicators that several combinations use. */
const cacheBytes = 128 * 2 ** 20;

/** @param definitions the same strategy with different parameters */
const bestOf = (
  window: BacktestInput,
  definitions: readonly StrategyDefinition[],
  objective: SweepMetric,
): Candidate => {
  const indicators = createIndicatorCache(cacheBytes);
  const byObjective = byMetric(objective);
  const byReturn = byMetric('total_return_pct');
  let best: Candidate | undefined;
  for (const definition of definitions) {
    const run = runBacktest({ ...window, definition }, { indicators });
    const figures = backtestFigures(run);
    if (best !== undefined && (byObjective(figures, best.figures) || byReturn(figures, best.figures)) >= 0) continue;
    best = { definition, figures, window: windowFigures(run, figures) };
  }
  if (best === undefined) throw new TypeError('a walk-forward tries at least one combination of parameters');
  return best;
};

const summaryOf = (folds: readonly WalkForwardFold[], bars: number) => {
  const tested = folds.map((fold) => fold.out_of_sample);
  const { factor, days } = joined(tested);
  const fitted = joined(folds.map((fold) => fold.in_sample));
  const perDay = returnPctPerDay(factor, days);
  return {
    share: tested.reduce((sum, window) => sum + window.bars, 0) / bars,
    total_return_pct: (factor - 1) * 100,
    return_pct_per_day: perDay,
    profitable_share: tested.filter((window) => window.total_return_pct > 0).length / tested.length,
    efficiency: efficiency(returnPctPerDay(fitted.factor, fitted.days), perDay),
  };
};
