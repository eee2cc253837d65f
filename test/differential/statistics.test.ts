import { describe, expect, test } from 'vitest';
import type { BacktestRun } from '../../src/domain/backtest/backtest-run.ts';
import { dailyEquity, monthlyReturns } from '../../src/domain/backtest/daily-equity.ts';
import { runBacktest } from '../../src/domain/backtest/engine.ts';
import { kellyFraction } from '../../src/domain/backtest/kelly.ts';
import { backtestMetrics } from '../../src/domain/backtest/metrics.ts';
import {
  compoundAnnualGrowthPct,
  maxDrawdownPct,
  sampleDeviation,
  sharpeRatio,
  simpleReturns,
  sortinoRatio,
} from '../../src/domain/backtest/statistics.ts';
import { dayMs } from '../../src/domain/market/interval.ts';
import { candlesPath, inputOf } from './cases.ts';
import { comparisons } from './libraries.ts';
import reference from './statistics.json' with { type: 'json' };

const tolerance = 1e-9;

const expectClose = (found: number | null, wanted: number, what: string): void => {
  const scale = Math.max(Math.abs(wanted), 1e-3);
  expect(Math.abs((found ?? Number.NaN) - wanted) / scale, `${what}: ${found}, not ${wanted}`).toBeLessThan(tolerance);
};

const runs = reference.series.map(({ name, quantstats, empyrical }) => {
  const found = comparisons.find(({ given }) => given.name === name);
  if (found?.expected.days === undefined) throw new Error(`no daily equity of '${name}'`);
  const { start, equity } = found.expected.days;
  const first = Date.parse(`${start}T00:00:00Z`);
  const days = equity.map((value, i) => ({ day: first + i * dayMs, equity: value }));
  return { name, quantstats, empyrical, given: found.given, expected: found.expected, days };
});

describe.each(runs)('$name', ({ quantstats, empyrical, given, expected, days }) => {
  const { capital } = given;
  const values = days.map(({ equity }) => equity);
  const returns = simpleReturns([capital, ...values]);
  const end = values.at(-1)!;

  const statistics = {
    sharpe: sharpeRatio(returns),
    sortino: sortinoRatio(returns),
    cagr: compoundAnnualGrowthPct(capital, end, returns.length)! / 100,
    max_drawdown: maxDrawdownPct(capital, values) / -100,
    total_return: end / capital - 1,
    volatility: sampleDeviation(returns) * Math.sqrt(365),
  };

  test.each(Object.entries(statistics))("%s of the daily equity is quantstats' and empyrical's", (key, value) => {
    expectClose(value, quantstats[key as 'sharpe'], 'quantstats');
    expectClose(value, empyrical[key as 'sharpe'], 'empyrical');
  });

  test('the months return what they return in quantstats and empyrical', () => {
    const months = monthlyReturns(capital, days);
    for (const wanted of [quantstats.monthly_returns, empyrical.monthly_returns] as Record<string, number>[]) {
      expect(months.map(({ month }) => month)).toEqual(Object.keys(wanted).toSorted());
      for (const { month, return_pct: found } of months) expectClose(found / 100, wanted[month]!, month);
    }
  });

  test.skipIf(candlesPath(given.candles) === null)(
    `a backtest of ${given.candles} comes to the same metrics from its bars (needs the file beside the checkout)`,
    async () => {
      const run = runBacktest(await inputOf(given, candlesPath(given.candles)!));
      const found = dailyEquity(run.input.columns.time, run.equity);
      expect(found.map(({ day }) => day)).toEqual(days.map(({ day }) => day));
      found.forEach(({ equity }, i) => expectClose(equity, values[i]!, `day ${i}`));
      const metrics = backtestMetrics(run);
      expectClose(metrics.sharpe_ratio, quantstats.sharpe, 'Sharpe');
      expectClose(metrics.sortino_ratio, quantstats.sortino, 'Sortino');
      expectClose(metrics.total_return_pct, quantstats.total_return * 100, 'total return');
      expectClose(metrics.win_rate, quantstats.win_rate_of_trades, 'win rate');
      expectClose(metrics.profit_factor, quantstats.profit_factor_of_trades, 'profit factor');
      expectClose(metrics.avg_win, quantstats.avg_win_of_trades, 'average win');
      expectClose(metrics.avg_loss, quantstats.avg_loss_of_trades, 'average loss');
      const kelly = kellyFraction(metrics.win_rate!, metrics.avg_win!, -metrics.avg_loss!, 1);
      expectClose(kelly, Math.max(0, quantstats.kelly_of_trades), 'Kelly');
      expectClose(metrics.max_drawdown_pct, expected.figures!['max_drawdown_pct']!, 'drawdown of the bars');
      expectCagr(run, quantstats.cagr);
    },
  );
});

/** quantstats counts daily returns as days; we count the days from the first open to the last close. With whole days they are one. */
const expectCagr = (run: BacktestRun, byDays: number): void => {
  const { input } = run;
  const returns = dailyEquity(input.columns.time, run.equity).length;
  const days = (Date.parse(backtestMetrics(run).end_date) - input.columns.time[0]!) / dayMs;
  const growth = (1 + byDays) ** (returns / days) - 1;
  expectClose(backtestMetrics(run).cagr, growth * 100, 'growth a year');
};
