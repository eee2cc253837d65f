import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dailyEquity, dayEnds } from '../../../src/domain/backtest/daily-equity.ts';
import { runBacktest } from '../../../src/domain/backtest/engine.ts';
import { backtestFigures, backtestMetrics } from '../../../src/domain/backtest/metrics.ts';
import { crossStrategies, flat, levels, walks } from './markets.ts';

const costs = { capital: 1_000, feeRates: { maker: 0.0005, taker: 0.001 }, slippageBps: 2 };
const day = 86_400_000;

describe('the figures of a run among many', () => {
  test('are those of the single backtest to the last bit, though no list is made for them', () => {
    fc.assert(
      fc.property(walks(300), crossStrategies, fc.constantFrom(60_000, 3_600_000, day), (columns, definition, step) => {
        for (let i = 0; i < columns.length; i += 1) columns.time[i] = Date.UTC(2024, 0, 1, 5) + i * step;
        const input = { ...costs, columns, definition };
        expect(backtestMetrics(runBacktest(input))).toMatchObject(backtestFigures(runBacktest(input)));
      }),
    );
  });

  test('of a run without a trade are those of the capital', () => {
    const run = runBacktest({ ...costs, definition: levels(500, 95), columns: flat([100, 101, 102]) });
    expect(backtestFigures(run)).toMatchObject({
      final_capital: 1_000,
      max_drawdown_pct: 0,
      total_trades: 0,
      win_rate: null,
    });
  });

  test('know the deepest fall inside a hold', () => {
    const columns = flat([110, 110, 120, 108, 115, 100, 100]);
    const run = runBacktest({
      ...costs,
      definition: levels(105, 50),
      columns,
      feeRates: { maker: 0, taker: 0 },
      slippageBps: 0,
    });
    // Bought at 110 for 1,000; the peak is 120, the low after it 100.
    expect(backtestFigures(run).max_drawdown_pct).toBeCloseTo((20 / 120) * 100, 12);
  });
});

describe('the ends of days', () => {
  test('are found as by looking at every bar', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 60 }), (hours) => {
        let at = Date.UTC(2024, 0, 1);
        const time = Float64Array.from(hours, (gap) => (at += gap * 3_600_000));
        const equity = time.map((_, index) => index);
        const expected = [];
        for (let start = time[0]! - (time[0]! % day); start <= time.at(-1)!; start += day) {
          expected.push({ day: start, equity: time.filter((open) => open < start + day).length - 1 });
        }
        expect(dailyEquity(time, equity)).toEqual(expected);
      }),
    );
  });

  test('of no bar are none', () => {
    expect(dayEnds(new Float64Array(0))).toEqual({ days: [], bars: new Int32Array(0) });
  });
});
