import { sql } from 'slonik';
import { z } from 'zod';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { listGoals } from '../../src/adapters/postgres/goals/goal-rows.ts';
import { timestamp } from '../../src/adapters/postgres/pool.ts';
import { createStrategy } from '../../src/adapters/postgres/strategies.ts';
import { simulateStored } from '../../src/client/goal-simulation.ts';
import { goalWorkflowId } from '../../src/contracts/workflow-ids.ts';
import { runBacktest } from '../../src/domain/backtest/engine.ts';
import { backtestMetrics } from '../../src/domain/backtest/metrics.ts';
import { candlesToColumns } from '../../src/domain/market/columns.ts';
import { runCli } from '../client/run-cli.ts';
import { storeMetrics } from '../support/backtests.ts';
import { connectToDevServer } from '../support/dev-server.ts';
import { candlesOf, walk } from '../support/market-stage.ts';
import { type TradingDatabase, countRows, createTradingDatabase, definitionOf } from '../support/trading.ts';

const hourMs = 3_600_000;
const june = Date.UTC(2026, 5, 1);
const type = 'monthly_return_pct';

let database: TradingDatabase;
beforeAll(async () => {
  database = await createTradingDatabase();
});
afterAll(() => database.drop());

const goalCommand = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const { code, stdout, stderr } = await runCli(['goal', ...args, '--json'], {
    env: { DATABASE_URL: database.url, ...env },
  });
  return { code, answer: JSON.parse(code === 0 ? stdout : stderr) as unknown };
};
const stored = async () => (await listGoals(database.pool)).find((goal) => goal.type === type);
/** Everything that a goal could have been written to. */
const written = async () =>
  await Promise.all(
    ['goal_progress', 'goal_adjustments', 'audit_logs', 'processed_effects'].map((table) =>
      countRows(database.pool, table),
    ),
  );

describe('goals on the command line', () => {
  it('are set in the database where Temporal does not answer, and it says what follows when', async () => {
    const set = [
      'set',
      '--type',
      type,
      '--target',
      '5',
      '--environment',
      'paper',
      '--max-drawdown',
      '0.1',
      '--by',
      'ada',
    ];
    const { code, answer } = await goalCommand(set, { TEMPORAL_ADDRESS: '127.0.0.1:1' });
    expect(code).toBe(0);
    expect(answer).toMatchObject({
      target: 5,
      environment: 'paper',
      maxDrawdown: 0.1,
      replaced: { target: 10, environment: 'live' },
      loop: { temporal: 'unreachable', note: expect.stringContaining('the change is stored') as string },
    });
    expect(await stored()).toMatchObject({ target: 5, environment: 'paper', status: 'active' });
  });

  it('start the loop of a goal that is changed', async () => {
    const { code, answer } = await goalCommand(['pause', type], { TEMPORAL_ADDRESS: inject('temporalAddress') });
    expect([code, answer]).toMatchObject([0, { status: 'paused' }]);
    expect((answer as { loop: { temporal: string } }).loop.temporal).not.toBe('unreachable');
    expect(await stored()).toMatchObject({ status: 'paused' });
    const server = await connectToDevServer();
    const loop = server.client.workflow.getHandle(goalWorkflowId((await stored())?.goalId ?? 0));
    expect((await loop.describe()).status.name).toBe('RUNNING');
    await loop.terminate();
    await server.teardown();
  });

  it('are shown with the risk that orders are sized by', async () => {
    const { answer } = await goalCommand(['show', type]);
    expect(answer).toMatchObject({ type, status: 'paused', progress: [], adjustments: [], risk: { riskScale: 1 } });
    const { code, stdout } = await runCli(['goal', 'list'], { env: { DATABASE_URL: database.url } });
    expect(code).toBe(0);
    expect(stdout).toContain('portfolio_target_usd');
  });

  it('refuse by name what can not be, and write nothing', async () => {
    const before = await Promise.all([written(), stored()]);
    const late = ['set', '--type', 'portfolio_target_usd', '--target', '5', '--target-date', '2020-01-01'];
    const refusals = [
      { args: ['set', '--type', type, '--target', '0'], error: 'BadGoal' },
      { args: late, error: 'BadGoal' },
      { args: ['pause', type], error: 'IllegalTransition' },
      { args: ['cancel', 'monthly_loss'], error: 'NotFound' },
      { args: ['simulate', '--type', type], error: 'NoHistory' },
    ];
    const answers = await Promise.all(refusals.map(({ args }) => goalCommand(args)));
    expect(answers).toMatchObject(refusals.map(({ error }) => ({ code: 1, answer: { error } })));
    expect(await Promise.all([written(), stored()])).toEqual(before);
  });
});

describe('goal simulate', () => {
  const snapshot = async (at: number, index: number): Promise<void> => {
    const metadata = JSON.stringify({ index, peakIndex: index });
    await database.pool.query(sql.unsafe`
      INSERT INTO risk_metrics (timestamp, environment, total_portfolio_value, metadata)
      VALUES (${timestamp(at)}, 'paper', ${String(8_000 * index)}::numeric, ${metadata}::jsonb)`);
  };

  it('goes by the recorded equity index of an environment, and writes nothing', async () => {
    for (let hour = 0; hour <= 240; hour += 6) await snapshot(june + hour * hourMs, hour < 120 ? 1 : 1.1);
    const before = await written();
    const asked = { type, target: 10, environment: 'paper' } as const;
    const { simulation, capital } = await simulateStored(database.pool, asked);
    expect(capital).toBe(8_000);
    expect(simulation).toMatchObject({ looks: 241, from: june, to: june + 240 * hourMs });
    expect(simulation.adjustments.slice(0, 2).map(({ at, to }) => [(at - june) / hourMs, to])).toEqual([
      [91, 1.1],
      [115, 1.2],
    ]);
    expect(simulation.without.final).toBeCloseTo(8_800, 6);
    expect(simulation.withLoop.final).toBeCloseTo(8_960, 6);
    const range = await simulateStored(database.pool, {
      ...asked,
      from: june + 12 * hourMs,
      to: june + 24 * hourMs,
    });
    expect(range.simulation).toMatchObject({ from: june + 12 * hourMs, looks: 13, adjustments: [] });
    expect(await written()).toEqual(before);
  });

  it("goes by a strategy's newest backtest", async () => {
    const candles = candlesOf(walk(3_000, 11));
    await database.store.candles.ingest({ symbol: 'BTCUSDT', interval: '1m', candles });
    const definition = definitionOf({ name: 'swing' }, { stop_loss_pct: 1 });
    const { strategyId } = await createStrategy(database.pool, { definition, policy: 'demo', by: 'test' });
    await expect(simulateStored(database.pool, { type, strategy: 'swing' })).rejects.toMatchObject({
      name: 'NotFound',
    });
    const run = runBacktest({
      definition,
      columns: candlesToColumns(candles),
      capital: 10_000,
      feeRates: { maker: 0.001, taker: 0.001 },
      slippageBps: 0,
    });
    const metrics = backtestMetrics(run);
    const bars = candles.length;
    await storeMetrics(database.store, { strategyId, requestId: `goal/${strategyId}` }, metrics, {
      ...metrics.metadata,
      bars,
    });
    const { simulation, source } = await simulateStored(database.pool, { type, target: 50, strategy: 'swing' });
    expect(source).toContain("backtest of 'swing'");
    expect(simulation.looks).toBe(51);
    expect(simulation.without.final).toBeCloseTo(metrics.final_capital, 2);
  });

  it('refuses a target that is none, and a date before its history', async () => {
    await expect(simulateStored(database.pool, { type, target: -1 })).rejects.toMatchObject({ name: 'BadGoal' });
    const early = { type: 'portfolio_target_usd', target: 9_000, environment: 'paper', targetDate: june - 1 } as const;
    await expect(simulateStored(database.pool, early)).rejects.toMatchObject({ name: 'BadGoal' });
  });
});

it('leaves an audit of who set a goal', async () => {
  const row = z.object({ actor: z.string() });
  const found = await database.pool.any(sql.type(row)`SELECT actor FROM audit_logs WHERE action = 'set_goal'`);
  expect(found).toEqual([{ actor: 'ada' }]);
});
