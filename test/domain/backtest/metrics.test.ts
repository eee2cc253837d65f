import { describe, expect, test } from 'vitest';
import { dailyEquity, monthlyReturns } from '../../../src/domain/backtest/daily-equity.ts';
import { runBacktest } from '../../../src/domain/backtest/engine.ts';
import { fitColumns } from '../../../src/domain/backtest/fit-columns.ts';
import { backtestMetrics } from '../../../src/domain/backtest/metrics.ts';
import {
  compoundAnnualGrowthPct,
  maxDrawdownPct,
  sharpeRatio,
  simpleReturns,
  sortinoRatio,
} from '../../../src/domain/backtest/statistics.ts';
import { flat, levels } from './markets.ts';

const day = 86_400_000;
const january = Date.UTC(2024, 0, 1);

describe('ratios worked by hand', () => {
  // equity 100 → 110 → 99 → 108.9: r = 0.1, −0.1, 0.1; mean 1/30, sample variance (2·(1/15)² + (2/15)²)/2 = 1/75
  const returns = simpleReturns([100, 110, 99, 108.9]);
  test('returns', () => expect(returns).toEqual([0.1, -0.1, 0.1].map((value) => expect.closeTo(value, 12))));
  test('Sharpe', () => expect(sharpeRatio(returns)).toBeCloseTo((1 / 30 / Math.sqrt(1 / 75)) * Math.sqrt(365), 9));
  test('Sortino', () => expect(sortinoRatio(returns)).toBeCloseTo((1 / 30 / Math.sqrt(0.01 / 3)) * Math.sqrt(365), 9));
  test('drawdown is 11 of 110', () => expect(maxDrawdownPct(100, [110, 99, 108.9])).toBeCloseTo(10, 12));
  test('the starting capital is a peak', () => expect(maxDrawdownPct(100, [90, 95])).toBeCloseTo(10, 12));
  test('growth of 10 % in half a year', () => expect(compoundAnnualGrowthPct(100, 110, 182.5)).toBeCloseTo(21, 9));
  test.each([
    ['Sharpe of one return', sharpeRatio([0.1])],
    ['Sharpe of equal returns', sharpeRatio([0.1, 0.1, 0.1])],
    ['Sortino without a loss', sortinoRatio([0.1, 0.2])],
    ['growth in less than a day', compoundAnnualGrowthPct(100, 110, 0.9)],
  ])('%s is null', (_what, value) => expect(value).toBeNull());
});

describe('daily equity', () => {
  test('takes the last bar of each UTC day and carries it over days without one', () => {
    const time = Float64Array.of(january, january + day - 1, january + day, january + 3 * day);
    const days = dailyEquity(time, Float64Array.of(1, 2, 3, 4));
    expect(days.map(({ day: at, equity }) => [(at - january) / day, equity])).toEqual([
      [0, 2],
      [1, 3],
      [2, 3],
      [3, 4],
    ]);
  });
  test('gives the return of each month on the month before', () => {
    const days = dailyEquity(
      Float64Array.of(january + 30 * day, january + 31 * day, january + 32 * day),
      Float64Array.of(110, 120, 99),
    );
    expect(monthlyReturns(100, days)).toEqual([
      { month: '2024-01', return_pct: expect.closeTo(10, 9) },
      { month: '2024-02', return_pct: expect.closeTo(-10, 9) },
    ]);
  });
});

describe('of a run', () => {
  const metricsOf = (prices: readonly number[]) =>
    backtestMetrics(
      runBacktest({
        definition: levels(10, 10),
        columns: flat(prices),
        capital: 1_000,
        feeRates: { maker: 0, taker: 0 },
        slippageBps: 0,
      }),
    );

  test('trade statistics count wins, losses and break-evens', () => {
    // entries at 20, 20, 20; exits at 25 (won 250), 20 (break-even), 16 (lost a fifth of 1250)
    const metrics = metricsOf([11, 20, 9, 25, 20, 9, 20, 20, 9, 16]);
    expect(metrics).toMatchObject({
      total_trades: 3,
      winning_trades: 1,
      losing_trades: 1,
      win_rate: expect.closeTo(1 / 3, 12),
      profit_factor: expect.closeTo(1, 9),
      avg_win: expect.closeTo(250, 9),
      largest_loss: expect.closeTo(-250, 9),
      final_capital: expect.closeTo(1_000, 9),
      start_date: '2024-01-01T00:00:00.000Z',
      end_date: '2024-01-01T00:10:00.000Z',
      cagr: null,
    });
    expect(metrics.trade_log).toHaveLength(3);
  });
  test('without a trade the ratios are null, not zero', () => {
    expect(metricsOf([9, 9, 9])).toMatchObject({
      total_trades: 0,
      win_rate: null,
      profit_factor: null,
      avg_win: null,
      largest_loss: null,
      sharpe_ratio: null,
      sortino_ratio: null,
      total_return_pct: 0,
      max_drawdown_pct: 0,
    });
  });
});

test('bars that only warm up belong to no figure', () => {
  const prices = [9, 9, 9, 9, 11, 20, 25, 9, 10, 8];
  const input = { definition: levels(10, 10), capital: 1_000, feeRates: { maker: 0, taker: 0 }, slippageBps: 0 };
  const days = (columns: ReturnType<typeof flat>) => {
    columns.time.forEach((_, i) => (columns.time[i] = january + i * day));
    return columns;
  };
  const later = backtestMetrics(runBacktest({ ...input, columns: days(flat(prices)), firstBar: 4 }));
  const shorter = days(flat(prices.slice(4)));
  shorter.time.forEach((_, i) => (shorter.time[i] = january + (i + 4) * day));
  const alone = backtestMetrics(runBacktest({ ...input, columns: shorter }));
  const { trade_log: laterLog, ...laterFigures } = later;
  const { trade_log: aloneLog, ...aloneFigures } = alone;
  expect(laterFigures).toEqual(aloneFigures);
  expect(laterLog.map(({ pnl }) => pnl)).toEqual(aloneLog.map(({ pnl }) => pnl));
  expect(laterLog[0]?.entry_bar).toBe(5);
});

test('what a column cannot hold is clamped and kept raw', () => {
  expect(
    fitColumns({ sharpe_ratio: -2e6, cagr: Infinity, win_rate: 0.5, profit_factor: null, total_trades: 3 }),
  ).toEqual({
    columns: { sharpe_ratio: -999_999.9999, cagr: 999_999.9999, win_rate: 0.5, profit_factor: null, total_trades: 3 },
    raw: { sharpe_ratio: -2e6, cagr: 'Infinity' },
  });
});
