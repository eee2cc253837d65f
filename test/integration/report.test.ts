import { sql } from 'slonik';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStrategy, reviseStrategy } from '../../src/adapters/postgres/strategies.ts';
import { sourceFromDatabase } from '../../src/client/report/from-database.ts';
import { reportOf } from '../../src/client/report/report.ts';
import type { BacktestRun } from '../../src/domain/backtest/backtest-run.ts';
import { runBacktest } from '../../src/domain/backtest/engine.ts';
import { backtestMetrics } from '../../src/domain/backtest/metrics.ts';
import type { Candle } from '../../src/domain/market/candle.ts';
import { candlesToColumns } from '../../src/domain/market/columns.ts';
import type { StrategyDefinition } from '../../src/domain/strategy/definition.ts';
import { runCli } from '../client/run-cli.ts';
import { storeMetrics } from '../support/backtests.ts';
import { candlesOf, walk } from '../support/market-stage.ts';
import { createTradingDatabase, definitionOf } from '../support/trading.ts';
import type { TradingDatabase } from '../support/trading.ts';

let database: TradingDatabase;
const candles = candlesOf(walk(3_000, 11));
const filters = { tickSize: '0.01', stepSize: '0.001', minQuantity: '0.001', maxQuantity: '0', minNotional: '5' };

const crossing = (name: string, slow: number): StrategyDefinition => {
  const [left, right] = [
    { indicator: 'SMA', period: 5 },
    { indicator: 'SMA', period: slow },
  ];
  return definitionOf(
    {
      name,
      entry_conditions: { left, op: 'crosses_above', right },
      exit_conditions: { left, op: 'crosses_below', right },
    },
    { stop_loss_pct: 1 },
  );
};

beforeAll(async () => {
  database = await createTradingDatabase();
  await database.store.candles.ingest({ symbol: 'BTCUSDT', interval: '1m', candles });
});

afterAll(() => database.drop());

const create = (definition: StrategyDefinition) =>
  createStrategy(database.pool, { definition, policy: 'demo', by: 'test' });

/** Runs over `part` of the candles as a venue's market would have it, and stores the result as the backtest activity does. */
const storeBacktest = async (
  strategyId: string,
  definition: StrategyDefinition,
  part: readonly Candle[] = candles,
): Promise<BacktestRun> => {
  const columns = candlesToColumns(part);
  const costs = { capital: 10_000, feeRates: { maker: 0.001, taker: 0.002 }, slippageBps: 3 };
  const run = runBacktest({ definition, columns, ...costs, filters });
  const metrics = backtestMetrics(run);
  const requestId = `report/${strategyId}/${part.length}`;
  await storeMetrics(database.store, { strategyId, requestId }, metrics, {
    ...metrics.metadata,
    bars: columns.length,
  });
  return run;
};

describe('the report of a stored strategy', () => {
  it("has its newest backtest's candles, figures, trades and curve, without the market's filters at hand", async () => {
    const definition = crossing('newest', 20);
    const { strategyId } = await create(definition);
    await storeBacktest(strategyId, definition);
    const run = await storeBacktest(strategyId, definition, candles.slice(500, 2_500));
    expect(run.trades.length).toBeGreaterThan(20);
    const source = await sourceFromDatabase(database.pool, 'newest');
    expect(source.columns.length).toBe(2_000);
    expect(source.columns.time[0]).toBe(candles[500]!.time);
    expect(source.result.trade_log).toEqual(backtestMetrics(run).trade_log);
    expect(source.result.total_return_pct).toBeCloseTo(backtestMetrics(run).total_return_pct, 3);
    expect(source).toMatchObject({ feeRates: { maker: 0.001, taker: 0.002 }, slippageBps: 3, notes: [] });
    expect(source).toMatchObject({ policy: { name: 'demo' }, origin: { kind: 'stored', strategyId, version: 1 } });
    run.equity.forEach((value, bar) => expect(source.equity[bar]).toBeCloseTo(value, 6));
    expect(reportOf(source).gate.policy).toBe('demo');
  });

  it('shows the version that was run, and says that the strategy has moved on', async () => {
    const definition = crossing('revised', 30);
    const { strategyId } = await create(definition);
    await storeBacktest(strategyId, definition);
    await reviseStrategy(database.pool, {
      strategyId,
      from: 'draft',
      version: 1,
      definition: crossing('revised', 60),
      description: 'slower',
      by: 'test',
      effectKey: 'revise/report',
    });
    const { definition: shown, notes } = await sourceFromDatabase(database.pool, strategyId);
    expect(shown).toEqual(definition);
    expect(notes).toEqual([expect.stringContaining('version 1; the strategy is at version 2')]);
  });

  it('names a strategy without a backtest, and candles that are not there any more', async () => {
    await create(crossing('untested', 20));
    await expect(sourceFromDatabase(database.pool, 'untested')).rejects.toMatchObject({
      name: 'NotFound',
      next: expect.stringContaining('strategy backtest'),
    });
    await expect(sourceFromDatabase(database.pool, 'nobody')).rejects.toMatchObject({ name: 'NotFound' });
    const definition = { ...crossing('emptied', 20), symbol: 'GONEUSDT' };
    const { strategyId } = await create(definition);
    await storeBacktest(strategyId, definition);
    await expect(sourceFromDatabase(database.pool, 'emptied')).rejects.toMatchObject({
      name: 'NotEnoughCandles',
      message: expect.stringContaining('ran over 3000 candles of GONEUSDT 1m'),
      details: { stored: 0, bars: 3_000 },
    });
  });

  it('says where the candles are not those that it was run over', async () => {
    const definition = crossing('changed', 20);
    const { strategyId } = await create(definition);
    await storeBacktest(strategyId, definition);
    await database.pool.query(
      sql.unsafe`UPDATE backtest_results SET final_capital = final_capital - 5 WHERE strategy_id = ${strategyId}`,
    );
    const { notes } = await sourceFromDatabase(database.pool, strategyId);
    expect(notes).toEqual([expect.stringContaining('5.00 away from the stored final capital')]);
  });

  it('is what the command prints', async () => {
    const { code, stdout, stderr } = await runCli(['report', 'newest'], { env: { DATABASE_URL: database.url } });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^newest on BTCUSDT 1m, 1 Jan – 2 Jan 2026, 2,000 bars$/m);
    expect(stdout).toMatch(/│ Closed trades +│ \d+ +│/);
  });
});
