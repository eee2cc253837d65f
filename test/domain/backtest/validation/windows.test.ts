import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runBacktest } from '../../../../src/domain/backtest/engine.ts';
import { outOfSample } from '../../../../src/domain/backtest/validation/out-of-sample.ts';
import { windowFigures } from '../../../../src/domain/backtest/validation/window-figures.ts';
import { walkForwardWindows } from '../../../../src/domain/backtest/validation/walk-forward-windows.ts';
import { lookBackOf, warmsUp, windowOf } from '../../../../src/domain/backtest/validation/windows.ts';
import { sliceColumns } from '../../../../src/domain/market/columns.ts';
import { crossStrategies, flat, levels, walks } from '../markets.ts';
import { inputOf, spreadInputs } from './inputs.ts';

const kinds = fc.constantFrom('rolling' as const, 'anchored' as const);

test('walk-forward windows tile the bars up to the last, and no bar of a fold is both in and out of sample', () => {
  fc.assert(
    fc.property(fc.nat(50), fc.nat(5_000), fc.integer({ min: 1, max: 12 }), kinds, (from, length, folds, kind) => {
      const windows = walkForwardWindows({ from, to: from + length }, folds, kind);
      fc.pre(windows.length > 0);
      expect(windows).toHaveLength(folds);
      expect(windows.at(-1)?.outOfSample.to).toBe(from + length);
      windows.forEach(({ inSample, outOfSample: tested }, fold) => {
        expect(inSample.from).toBeGreaterThanOrEqual(from);
        expect(inSample.to).toBe(tested.from);
        expect(tested.to - tested.from).toBe(windows[0]!.outOfSample.to - windows[0]!.outOfSample.from);
        expect(inSample.to - inSample.from).toBeGreaterThanOrEqual(4 * (tested.to - tested.from));
        if (fold > 0) expect(tested.from).toBe(windows[fold - 1]!.outOfSample.to);
        if (kind === 'anchored') expect(inSample.from).toBe(from);
      });
    }),
  );
});

test('there are no windows where there are fewer bars than parts', () => {
  expect(walkForwardWindows({ from: 0, to: 8 }, 5, 'rolling')).toEqual([]);
  expect(walkForwardWindows({ from: 0, to: 9 }, 5, 'rolling')).toHaveLength(5);
});

describe('a window', () => {
  const rangeIn = (length: number, a: number, b: number): { from: number; to: number } => {
    const from = a % (length - 1);
    return { from, to: from + 1 + (b % (length - from)) };
  };

  test('holds no candle after its range, of its own market or of another, and trades on its range alone', () => {
    fc.assert(
      fc.property(spreadInputs, fc.nat(), fc.nat(), (input, a, b) => {
        const range = rangeIn(input.columns.length, a, b);
        const window = windowOf(input, range, lookBackOf([input.definition]));
        const { time } = input.columns;
        expect(window.columns.time.at(-1)).toBe(time[range.to - 1]);
        expect(window.columns.length - window.firstBar!).toBe(range.to - range.from);
        for (const market of Object.values(window.markets ?? {})) {
          if (range.to < time.length) expect(market.time.at(-1) ?? 0).toBeLessThan(time[range.to]!);
        }
      }),
    );
  });

  test('gives what the whole candles up to its end give from its first bar on', () => {
    fc.assert(
      fc.property(spreadInputs, fc.nat(), fc.nat(), (input, a, b) => {
        const lookBack = lookBackOf([input.definition]);
        const range = rangeIn(input.columns.length, a, b);
        fc.pre(range.to - range.from >= lookBack.bars);
        const window = windowOf(input, range, lookBack);
        fc.pre(warmsUp(window, lookBack));
        const whole = { ...input, columns: sliceColumns(input.columns, 0, range.to), firstBar: range.from };
        expect(windowFigures(runBacktest(window))).toEqual(windowFigures(runBacktest(whole)));
      }),
    );
  });

  test('counts the days of its own bars, not those that warm it up', () => {
    const day = 1_440;
    const prices = Array.from({ length: 4 * day }, (_, bar) => (bar < 2 * day ? 10 : 10 + Math.sin(bar ** 2)));
    const input = inputOf(levels(10, 9.5), flat(prices));
    const { bars, start_date, sharpe_ratio, return_pct_per_day, total_return_pct } = windowFigures(
      runBacktest({ ...input, firstBar: 2 * day }),
    );
    expect({ bars, start_date }).toEqual({ bars: 2 * day, start_date: '2024-01-03T00:00:00.000Z' });
    expect((1 + return_pct_per_day / 100) ** 2).toBeCloseTo(1 + total_return_pct / 100, 12);
    const alone = runBacktest({ ...input, columns: sliceColumns(input.columns, 2 * day, 4 * day) });
    expect(sharpe_ratio).toBe(windowFigures(alone).sharpe_ratio);
    expect(sharpe_ratio).not.toBeNull();
  });
});

describe('the out-of-sample split', () => {
  test('holds a position on neither side of the border, and starts again with the capital', () => {
    const prices = [9, 11, 12, 12, 12, 12, 12, 12, 15, 18];
    const split = outOfSample(inputOf(levels(10, 1), flat(prices)));
    expect(split).toMatchObject({
      share: 0.3,
      in_sample: { bars: 7, total_return_pct: 0, total_trades: 0, end_date: '2024-01-01T00:07:00.000Z' },
      out_of_sample: { bars: 3, start_date: '2024-01-01T00:07:00.000Z', total_trades: 0 },
      efficiency: null,
    });
    expect(split?.out_of_sample.total_return_pct).toBeCloseTo((18 / 15 - 1) * 100, 9);
  });

  test('takes nothing out of the bars out of sample into those in sample', () => {
    fc.assert(
      fc.property(crossStrategies, walks(200, 60), fc.integer({ min: 2, max: 9 }), (definition, columns, factor) => {
        const border = columns.length - Math.floor(columns.length * 0.3);
        const changed = structuredClone(columns);
        for (const values of [changed.open, changed.high, changed.low, changed.close]) {
          for (let bar = border; bar < values.length; bar += 1) values[bar] = values[bar]! * factor;
        }
        const [one, other] = [columns, changed].map((each) => outOfSample(inputOf(definition, each)));
        expect(one).not.toBeNull();
        expect(other?.in_sample).toEqual(one?.in_sample);
      }),
    );
  });

  test('is null where a side has no bar or cannot warm up', () => {
    expect(outOfSample(inputOf(levels(10, 1), flat([9, 11, 12])), 0.3)).toBeNull();
    expect(outOfSample(inputOf(levels(10, 1), flat([9, 11, 12, 13])), 0.3)).not.toBeNull();
    const average = { indicator: 'SMA', period: 8 };
    const definition = { ...levels(10, 1), entry_conditions: { left: average, op: '>' as const, right: 10 } };
    const prices = Array.from({ length: 10 }, () => 11);
    expect(outOfSample(inputOf(definition, flat(prices)))).toBeNull();
  });
});
