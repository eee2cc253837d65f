import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { walkForward } from '../../../../src/domain/backtest/validation/walk-forward.ts';
import { runBacktest } from '../../../../src/domain/backtest/engine.ts';
import { windowFigures } from '../../../../src/domain/backtest/validation/window-figures.ts';
import { sliceColumns } from '../../../../src/domain/market/columns.ts';
import type { StrategyDefinition } from '../../../../src/domain/strategy/definition.ts';
import { crossStrategies, flat, levels, walks } from '../markets.ts';
import { inputOf } from './inputs.ts';

/** Long above the level `enter`. */
const byLevel: StrategyDefinition = {
  ...levels(0, 0),
  parameters: { enter: 10 },
  entry_conditions: { left: { price: 'close' }, op: '>', right: { param: 'enter' } },
  exit_conditions: { left: { price: 'close' }, op: '<=', right: { param: 'enter' } },
};

test('runs what did best in sample on the window right after it', () => {
  fc.assert(
    fc.property(walks(300, 100), fc.constantFrom('rolling' as const, 'anchored' as const), (columns, kind) => {
      const combinations = [99.5, 100, 100.5].map((enter) => ({ enter }));
      const result = walkForward(inputOf(byLevel, columns), { combinations, kind, folds: 3 });
      const part = Math.floor(columns.length / 7);
      expect(result?.folds).toHaveLength(3);
      result?.folds.forEach(({ parameters, in_sample, out_of_sample }, fold) => {
        const border = columns.length - (3 - fold) * part;
        const run = (enter: number, from: number, to: number) => {
          const input = inputOf({ ...byLevel, parameters: { enter } }, sliceColumns(columns, from, to));
          return windowFigures(runBacktest(input));
        };
        const from = kind === 'anchored' ? 0 : border - 4 * part;
        const tried = combinations.map(({ enter }) => run(enter, from, border));
        expect(in_sample.total_return_pct).toBe(Math.max(...tried.map((each) => each.total_return_pct)));
        const first = tried.findIndex((each) => each.total_return_pct === in_sample.total_return_pct);
        expect(parameters).toEqual(combinations[first]);
        expect(in_sample).toEqual(tried[first]);
        expect(out_of_sample).toEqual(run(Number(parameters['enter']), border, border + part));
      });
    }),
  );
});

test('bars out of sample change nothing of the fold before them', () => {
  fc.assert(
    fc.property(crossStrategies, walks(300, 200), fc.integer({ min: 2, max: 9 }), (definition, columns, factor) => {
      const changed = structuredClone(columns);
      const border = columns.length - Math.floor(columns.length / 9);
      for (const values of [changed.open, changed.high, changed.low, changed.close]) {
        for (let bar = border; bar < values.length; bar += 1) values[bar] = values[bar]! * factor;
      }
      const combinations = [1, 2, 3].map((fast) => ({ ...definition.parameters, fast }));
      const [one, other] = [columns, changed].map((each) => walkForward(inputOf(definition, each), { combinations }));
      expect(one?.folds).toHaveLength(5);
      expect(other?.folds.slice(0, 4)).toEqual(one?.folds.slice(0, 4));
      expect(other?.folds[4]?.parameters).toEqual(one?.folds[4]?.parameters);
      expect(other?.folds[4]?.in_sample).toEqual(one?.folds[4]?.in_sample);
    }),
  );
});

describe('the whole of a walk forward', () => {
  /** Doubles once in each window of ten bars, but for the last, which halves. */
  const prices = Array.from({ length: 90 }, (_, bar) => {
    const level = 2 ** Math.min(8, Math.floor((bar + 5) / 10));
    return bar >= 85 ? level / 4 : level;
  });
  const always = levels(0, -1);

  test('chains the windows out of sample, and sets them against those in sample by day', () => {
    const result = walkForward(inputOf(always, flat(prices)));
    expect(result).toMatchObject({ kind: 'rolling', combinations: 1, share: 50 / 90, profitable_share: 0.8 });
    const returns = result!.folds.map((fold) => fold.out_of_sample.total_return_pct);
    expect(returns).toEqual([100, 100, 100, 100, -75].map((value) => expect.closeTo(value, 9)));
    expect(result?.total_return_pct).toBeCloseTo((2 ** 4 / 4 - 1) * 100, 9);
    const days = 50 / 1_440;
    expect(result?.return_pct_per_day).toBeCloseTo((4 ** (1 / days) - 1) * 100, -10);
    const inSample = 2 ** (4 * 5);
    const perDay = inSample ** (1_440 / 200) - 1;
    expect(result?.efficiency).toBeCloseTo((4 ** (1 / days) - 1) / perDay, 12);
  });

  test('prefers the return where no Sharpe ratio is defined, and the first of equals', () => {
    const combinations = [{ enter: 1e9 }, { enter: 0 }, { enter: -1 }];
    const result = walkForward(inputOf(byLevel, flat(prices)), { combinations });
    expect(result?.folds.map(({ parameters }) => parameters)).toEqual(Array.from({ length: 5 }, () => ({ enter: 0 })));
    expect(result?.folds[0]?.in_sample.sharpe_ratio).toBeNull();
  });

  test('has no efficiency where nothing was earned in sample', () => {
    expect(walkForward(inputOf(always, flat(prices.toReversed())))?.efficiency).toBeNull();
  });

  test('is null where a combination cannot warm up in a window, or there are fewer bars than windows', () => {
    const input = inputOf({ ...byLevel, parameters: { enter: 10, period: 3 } }, flat(prices));
    const averaging = {
      ...input.definition,
      entry_conditions: { left: { indicator: 'SMA', period: { param: 'period' } }, op: '>' as const, right: 10 },
    };
    const tried = (period: number) =>
      walkForward({ ...input, definition: averaging }, { combinations: [{ enter: 10, period }] });
    expect(tried(40)).not.toBeNull();
    expect(tried(41)).toBeNull();
    expect(walkForward(inputOf(always, flat(prices.slice(0, 8))))).toBeNull();
  });
});
