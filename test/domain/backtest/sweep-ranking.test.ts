import { describe, expect, test } from 'vitest';
import { runBacktest } from '../../../src/domain/backtest/engine.ts';
import { backtestFigures } from '../../../src/domain/backtest/metrics.ts';
import type { BacktestFigures } from '../../../src/domain/backtest/metrics.ts';
import { byMetric, createBestRows, sweepMetricOf, sweepMetrics } from '../../../src/domain/backtest/sweep-ranking.ts';
import { flat, levels } from './markets.ts';

const figures = backtestFigures(
  runBacktest({
    definition: levels(105, 95),
    columns: flat([100, 110, 110, 90, 90]),
    capital: 1_000,
    feeRates: { maker: 0, taker: 0 },
    slippageBps: 0,
  }),
);
const row = (changes: Partial<BacktestFigures>): BacktestFigures => ({ ...figures, ...changes });

describe('ranking by a metric', () => {
  test('puts the greatest first, of a loss or a drawdown the smallest, and what is undefined last', () => {
    const sharpes = [1, null, 3, -2].map((sharpe_ratio) => row({ sharpe_ratio }));
    expect(sharpes.toSorted(byMetric('sharpe_ratio')).map((each) => each.sharpe_ratio)).toEqual([3, 1, -2, null]);
    const drawdowns = [20, 5, 80].map((max_drawdown_pct) => row({ max_drawdown_pct }));
    expect(drawdowns.toSorted(byMetric('max_drawdown_pct')).map((each) => each.max_drawdown_pct)).toEqual([5, 20, 80]);
    const losses = [-50, -3].map((largest_loss) => row({ largest_loss }));
    expect(losses.toSorted(byMetric('largest_loss')).map((each) => each.largest_loss)).toEqual([-3, -50]);
  });

  test('knows every figure but the capital, which all have in common', () => {
    expect(sweepMetrics.toSorted((a, b) => a.localeCompare(b))).toEqual(
      Object.keys(figures)
        .filter((name) => name !== 'initial_capital')
        .toSorted((a, b) => a.localeCompare(b)),
    );
  });

  test('refuses another name and lists those it knows', () => {
    expect(sweepMetricOf('cagr')).toBe('cagr');
    expect(() => sweepMetricOf('trade_log')).toThrow(
      expect.objectContaining({ name: 'BadInput', next: expect.stringContaining('sharpe_ratio') }),
    );
  });
});

test('the best rows are kept, of equals the first, and no more than wanted', () => {
  const best = createBestRows('total_trades', 3);
  const added = [4, 9, 4, 7, 9, 1].map((total_trades) => row({ total_trades }));
  for (const each of added) best.add(each);
  expect(best.rows).toEqual([added[1], added[4], added[3]]);
  expect(best.rows[0]).toBe(added[1]);
  expect(best.rows[1]).toBe(added[4]);
});
