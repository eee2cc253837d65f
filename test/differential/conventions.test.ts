import { describe, expect, test } from 'vitest';
import { runBacktest } from '../../src/domain/backtest/engine.ts';
import { backtestMetrics } from '../../src/domain/backtest/metrics.ts';
import { mean, sampleDeviation, simpleReturns } from '../../src/domain/backtest/statistics.ts';
import { dayMs, intervalMs } from '../../src/domain/market/interval.ts';
import { candlesOf, candlesPath, inputOf } from './cases.ts';
import type { Case } from './cases.ts';
import { comparisons, libraries } from './libraries.ts';
import reference from './statistics.json' with { type: 'json' };

/** Figures that others define otherwise: each is what we get when we take their convention, and is not ours. */

const expectClose = (found: number, wanted: number): void => {
  expect(Math.abs(found / wanted - 1), `${found}, not ${wanted}`).toBeLessThan(1e-9);
};

const metricsOf = async (given: Case) => {
  const run = runBacktest(await inputOf(given, candlesPath(given.candles)!));
  return { run, metrics: backtestMetrics(run) };
};

const returnsByDay = (name: string): readonly number[] => {
  const { given, expected } = comparisons.find((each) => each.given.name === name)!;
  return simpleReturns([given.capital, ...expected.days!.equity]);
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const gains = (values: readonly number[]): readonly number[] => values.filter((value) => value > 0);
const losses = (values: readonly number[]): readonly number[] => values.filter((value) => value < 0);

describe.each(reference.series)('quantstats over $name', ({ name, quantstats }) => {
  test('takes 252 periods a year unless told', () => {
    expectClose(quantstats.sharpe * Math.sqrt(252 / 365), quantstats.sharpe_252);
    expectClose((1 + quantstats.cagr) ** (252 / 365) - 1, quantstats.cagr_252);
  });

  test('counts days, not trades, in its win rate and profit factor', () => {
    const returns = returnsByDay(name);
    const [won, lost] = [gains(returns), losses(returns)];
    expectClose(won.length / (won.length + lost.length), quantstats.win_rate_of_days);
    expectClose(-sum(won) / sum(lost), quantstats.profit_factor_of_days);
    expect(quantstats.win_rate_of_days).not.toBeCloseTo(quantstats.win_rate_of_trades, 3);
  });
});

const figured = comparisons.filter(
  ({ given, expected }) => given.differs === undefined && expected.figures !== undefined,
);
const absent = ({ candles }: Case): boolean => candlesPath(candles) === null;

for (const { given, expected } of figured.filter((each) => each.given.library === 'vectorbt')) {
  test.skipIf(absent(given))(`${given.name}: its Sharpe ratio is of bars, not of days`, async () => {
    const { run, metrics } = await metricsOf(given);
    const returns = simpleReturns([given.capital, ...run.equity]);
    const periods = (365 * dayMs) / intervalMs[given.interval];
    const ratio = (mean(returns) / sampleDeviation(returns)) * Math.sqrt(periods);
    expectClose(ratio, expected.figures!['sharpe_of_bars']!);
    if (given.interval !== '1d') expect(ratio).not.toBeCloseTo(metrics.sharpe_ratio!, 3);
  });
}

/** Last equity of each day that has a bar. */
const endsOfDays = (time: Float64Array, equity: Float64Array): readonly number[] =>
  [...equity].filter((_, i) => Math.floor(time[i]! / dayMs) !== Math.floor((time[i + 1] ?? Infinity) / dayMs));

for (const { given, expected } of figured.filter((each) => each.given.library === 'backtesting.py')) {
  test.skipIf(absent(given))(
    `${given.name}: its profit factor is of returns, its Sharpe ratio of compound growth`,
    async () => {
      const { run, metrics } = await metricsOf(given);
      const shares = run.trades.map(({ returnPct }) => returnPct);
      expectClose(-sum(gains(shares)) / sum(losses(shares)), expected.figures!['profit_factor_of_returns']!);

      const returns = simpleReturns(endsOfDays(run.input.columns.time, run.equity));
      const growth = Math.exp(mean(returns.map((value) => Math.log(1 + value))));
      const spread = (sampleDeviation(returns) ** 2 + growth ** 2) ** 365 - growth ** (2 * 365);
      expectClose((growth ** 365 - 1) / Math.sqrt(spread), expected.figures!['sharpe_of_days']!);
      expect(expected.figures!['sharpe_of_days']).not.toBeCloseTo(metrics.sharpe_ratio!, 3);
    },
  );
}

for (const [library, { ownAverages }] of Object.entries(libraries)) {
  for (const { candles, crossings, differing } of ownAverages) {
    const path = candlesPath(candles);
    test.skipIf(path === null)(
      `${library} over ${candles}: its own averages cross otherwise only at exact ties`,
      async () => {
        const signs = exactSigns((await candlesOf(path!)).close, 10, 50);
        const cross = signs.filter(
          (sign, i) => (sign === 1 && signs[i - 1]! <= 0) || (sign === -1 && signs[i - 1]! >= 0),
        );
        expect(cross).toHaveLength(crossings);
        for (const bar of differing) expect([signs[bar - 1], signs[bar]], `bar ${bar}`).toContain(0);
      },
    );
  }
}

/** The sign of SMA(fast) − SMA(slow) of each close, in integers; NaN before both are defined. */
const exactSigns = (close: Float64Array, fast: number, slow: number): readonly number[] => {
  const ticks = Array.from(close, (price) => Math.round(price * 100));
  let [quick, calm] = [0, 0];
  return ticks.map((tick, i) => {
    quick += tick - (ticks[i - fast] ?? 0);
    calm += tick - (ticks[i - slow] ?? 0);
    return i + 1 < slow ? Number.NaN : Math.sign(quick * slow - calm * fast);
  });
};
