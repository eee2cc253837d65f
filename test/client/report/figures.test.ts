import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buyAndHoldEquity } from '../../../src/client/report/buy-and-hold.ts';
import { heatMap } from '../../../src/client/report/heat-map.ts';
import { histogram } from '../../../src/client/report/histogram.ts';
import { drawdownPct, performanceOf } from '../../../src/client/report/performance.ts';
import { equityOfTrades } from '../../../src/client/report/trade-equity.ts';
import type { BacktestRun } from '../../../src/domain/backtest/backtest-run.ts';
import { runBacktest } from '../../../src/domain/backtest/engine.ts';
import { backtestMetrics } from '../../../src/domain/backtest/metrics.ts';
import { crossStrategies, flat, levels, walks } from '../../domain/backtest/markets.ts';

const costs = { capital: 10_000, feeRates: { maker: 0.001, taker: 0.001 }, slippageBps: 10 };

const filters = { tickSize: '0.01', stepSize: '0.001', minQuantity: '0.001', maxQuantity: '0', minNotional: '5' };

describe('buying and holding', () => {
  it('pays slippage and fee once, at the first open, and follows the close', () => {
    const equity = buyAndHoldEquity(flat([100, 110, 90]), costs);
    const quantity = 10_000 / (100 * 1.001 * 1.001);
    expect([...equity]).toEqual([quantity * 100, quantity * 110, quantity * 90]);
  });

  it('is what a strategy makes that buys at the first close and never sells, a bar later', () => {
    const columns = flat([100, 100, 120, 80, 130]);
    const run = runBacktest({ ...costs, definition: levels(1, 0), columns });
    expect(run.finalEquity).toBeCloseTo(buyAndHoldEquity(columns, costs).at(-1)!, 6);
  });
});

/** The columns hold no more than so much of a ratio; what was cut off stands beside them. */
const unclamped = (run: BacktestRun): object => (backtestMetrics(run).metadata['raw'] as object | undefined) ?? {};

describe('the figures of an equity curve', () => {
  it("are a backtest's own where the curve is the backtest's", () => {
    fc.assert(
      fc.property(crossStrategies, walks(), (definition, columns) => {
        const run = runBacktest({ ...costs, definition, columns });
        const figures = performanceOf(columns.time, '1m', 10_000, run.equity);
        expect({ ...backtestMetrics(run), ...unclamped(run) }).toMatchObject(figures);
        const deepest = -Math.min(0, ...drawdownPct(10_000, run.equity));
        expect(deepest).toBeCloseTo(figures.max_drawdown_pct, 9);
      }),
    );
  });
});

/** Several positions still open are stored as one, and parts sold of them as a sum. */
const isDrawnExactly = ({ openPosition, input }: BacktestRun): boolean =>
  openPosition === null ||
  (openPosition.realizedPnl === 0 && (input.definition.risk_params.max_open_positions ?? 1) === 1);

describe('the equity of a trade log', () => {
  it("is the engine's, bar by bar, partial exits, several positions and filters included", () => {
    fc.assert(
      fc.property(crossStrategies, walks(), fc.boolean(), (definition, columns, filtered) => {
        const run = runBacktest({ ...costs, definition, columns, filters: filtered ? filters : null });
        const log = backtestMetrics(run).trade_log;
        const equity = equityOfTrades(columns.close, 10_000, log, run.openPosition);
        const exact = isDrawnExactly(run) ? columns.length : run.openPosition!.entryBar;
        expect(equity.at(-1)).toBeCloseTo(run.finalEquity, 6);
        for (let bar = 0; bar < exact; bar += 1) expect(equity[bar]).toBeCloseTo(run.equity[bar]!, 6);
      }),
    );
  });
});

describe('the heat map', () => {
  it('has a row a year, twelve months, and compounds them', () => {
    const rows = heatMap([
      { month: '2023-12', return_pct: 10 },
      { month: '2024-01', return_pct: 10 },
      { month: '2024-03', return_pct: -50 },
    ]);
    expect(rows.map(({ year }) => year)).toEqual(['2023', '2024']);
    expect(rows.every(({ months }) => months.length === 12)).toBe(true);
    expect(rows[0]?.months[11]).toBe(10);
    expect(rows[1]?.months.slice(0, 4)).toEqual([10, null, -50, null]);
    expect(rows[1]?.total).toBeCloseTo(-45, 9);
  });

  it('is empty without months', () => {
    expect(heatMap([])).toEqual([]);
  });
});

describe('the distribution of returns', () => {
  it('counts every value once, in bins of one width that meet at zero', () => {
    const returns = fc.array(fc.double({ min: -80, max: 300, noNaN: true }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(returns, (values) => {
        const bins = histogram(values);
        expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(values.length);
        expect(bins.length).toBeLessThanOrEqual(42);
        expect(bins[0]!.from).toBeLessThanOrEqual(Math.min(...values) + 1e-9);
        expect(bins.at(-1)!.to).toBeGreaterThanOrEqual(Math.max(...values) - 1e-9);
        for (const { from, to } of bins) expect(from >= 0 || to <= 0).toBe(true);
        bins.slice(1).forEach(({ from }, index) => expect(from).toBe(bins[index]!.to));
      }),
    );
  });

  it('has the edges that one would choose', () => {
    expect(histogram([-1, 0.5, 0.5, 2]).map(({ from }) => from)).toContain(0);
    expect(histogram([])).toEqual([]);
    expect(histogram([0]).reduce((sum, { count }) => sum + count, 0)).toBe(1);
  });
});
