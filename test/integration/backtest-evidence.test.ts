import { afterAll, beforeAll, expect, it } from 'vitest';
import { backtestTask } from '../../src/compute/backtest-task.ts';
import type { BacktestMetrics } from '../../src/domain/backtest/metrics.ts';
import { gatePolicies, judgeBacktest } from '../../src/domain/lifecycle/gates.ts';
import { flat, levels } from '../domain/backtest/markets.ts';
import { storeMetrics } from '../support/backtests.ts';
import { addStrategy, createTradingDatabase } from '../support/trading.ts';
import type { TradingDatabase } from '../support/trading.ts';

let database: TradingDatabase;
let strategyId: string;
beforeAll(async () => {
  database = await createTradingDatabase();
  strategyId = await addStrategy(database.pool, 'paper');
});
afterAll(() => database.drop());

/** Twenty trades, each with a profit. */
const { metrics } = backtestTask({
  definition: levels(10, 9.5, { side: 'SHORT' }),
  columns: flat(Array.from({ length: 400 }, (_, bar) => 10 + Math.sin(bar / 3) + bar / 4_000)),
  capital: 1_000,
  feeRates: { maker: 0, taker: 0 },
  slippageBps: 0,
});

const evidenceOf = async (requestId: string, metadata: BacktestMetrics['metadata']) => {
  await storeMetrics(database.store, { strategyId, requestId }, metrics, metadata);
  const found = await database.store.evidence.backtest({ strategyId, version: 1 });
  if (found === null) throw new TypeError('the backtest that was just stored is not found');
  return found;
};

it('the validation of a stored backtest comes back as evidence, and the gate judges it', async () => {
  const found = await evidenceOf('with-validation', metrics.metadata);
  expect(found).toMatchObject({
    trades: metrics.total_trades,
    outOfSampleShare: 0.3,
    profitableWindows: 1,
    lookaheadMismatches: 0,
  });
  expect(found.outOfSampleReturnPct).toBeGreaterThan(0);
  expect(found.shuffledDrawdownPct).not.toBeNull();
  expect(judgeBacktest(gatePolicies.demo, found).pass).toBe(true);
});

it('a row of an earlier version keeps its share, and does not pass by what it does not have', async () => {
  const { validation, ...earlier } = metrics.metadata;
  expect(validation).toBeDefined();
  const found = await evidenceOf('of-earlier-version', {
    ...earlier,
    outOfSample: { share: 0.3, total_return_pct: 12, trades: 4 },
  });
  expect(found).toMatchObject({ outOfSampleShare: 0.3, outOfSampleReturnPct: null, lookaheadMismatches: null });
  const failed = judgeBacktest(gatePolicies.production, found).criteria.filter(({ actual }) => actual === 'none');
  expect(failed.map(({ name }) => name)).toEqual([
    'Sharpe ratio',
    'profit factor',
    'out-of-sample return %',
    'profitable walk-forward windows',
    'drawdown % of shuffled trades',
    'lookahead check',
  ]);
});
