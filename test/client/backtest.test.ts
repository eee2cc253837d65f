import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from './run-cli.ts';

const root = join(import.meta.dirname, '..', '..');
const example = (name: string): string => join(root, 'examples', `${name}.json`);
const barCount = 600;
let folder = '';
let candles = '';

/** A wave with a period of 120 bars: averages cross, channels break, and the RSI swings from end to end. */
const wave = (): string => {
  const price = (bar: number): number => 100 + 10 * Math.sin((2 * Math.PI * bar) / 120);
  const rows = Array.from({ length: barCount }, (_, bar) => {
    const [open, close] = [price(bar), price(bar + 1)];
    const time = new Date(Date.UTC(2024, 0, 1) + bar * 60_000).toISOString();
    return [time, open, Math.max(open, close) + 0.1, Math.min(open, close) - 0.1, close]
      .map((value) => (typeof value === 'number' ? value.toFixed(4) : value))
      .concat('50')
      .join(',');
  });
  return ['timestamp,open,high,low,close,volume', ...rows, ''].join('\n');
};

interface Result {
  readonly bars: number;
  readonly seconds: number;
  readonly bars_per_second: number;
  readonly initial_capital: number;
  readonly final_capital: number;
  readonly total_return_pct: number;
  readonly total_trades: number;
  readonly trade_log: readonly unknown[];
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** No variable leads anywhere: it must not need a database, a server or a state folder. */
const backtest = async (strategy: string, ...options: string[]): Promise<Result> => {
  const { code, stdout, stderr } = await runCli(
    ['backtest', '--strategy', strategy, '--candles', candles, '--json', ...options],
    { env: { DATABASE_URL: 'postgres://nowhere:1/x', TEMPORAL_ADDRESS: 'nowhere:1' } },
  );
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Result;
};

/** The examples say which interval they want; these candles are minutes. */
const onMinutes = async (name: string, changes: object = {}): Promise<string> => {
  const { default: definition } = (await import(example(name), { with: { type: 'json' } })) as { default: object };
  const file = join(folder, `${name}.json`);
  await writeFile(file, JSON.stringify({ ...definition, interval: '1m', ...changes }));
  return file;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mastertrade-backtest-'));
  candles = join(folder, 'wave.csv');
  await writeFile(candles, wave());
});
afterAll(() => rm(folder, { recursive: true }));

describe('the stand-alone backtest', () => {
  it.each(['sma-cross', 'donchian-breakout', 'rsi-reversion'])('runs the example %s on its own', async (name) => {
    const result = await backtest(await onMinutes(name));
    expect(result.bars).toBe(barCount);
    expect(result.bars_per_second).toBeCloseTo(barCount / result.seconds, 3);
    expect(result.initial_capital).toBe(10_000);
    expect(result.total_return_pct).toBeCloseTo((result.final_capital / 10_000 - 1) * 100, 6);
    expect(result.trade_log).toHaveLength(result.total_trades);
  });

  it('trades when averages cross, and pays for it', async () => {
    // No target: a fill at the target's level knows no slippage.
    const risk_params = { side: 'LONG', position_size: { type: 'equity_fraction', value: 1 } };
    const strategy = await onMinutes('sma-cross', { risk_params });
    const [free, taxed, slipped] = [
      await backtest(strategy, '--fee-pct', '0'),
      await backtest(strategy, '--fee-pct', '1'),
      await backtest(strategy, '--fee-pct', '0', '--slippage-bps', '50'),
    ];
    expect(free.total_trades).toBeGreaterThan(2);
    expect(taxed.final_capital).toBeLessThan(free.final_capital);
    expect(slipped.final_capital).toBeLessThan(free.final_capital);
  });

  it('starts from the capital it is given', async () => {
    const strategy = await onMinutes('sma-cross');
    const [small, large] = [await backtest(strategy), await backtest(strategy, '--capital', '20000')];
    expect(large.initial_capital).toBe(20_000);
    expect(large.total_return_pct).toBeCloseTo(small.total_return_pct, 6);
  });

  it("rounds quantities only to a market's step", async () => {
    const strategy = await onMinutes('sma-cross');
    const filters = join(folder, 'filters.json');
    await writeFile(filters, JSON.stringify({ stepSize: '10', tickSize: 0.01 }));
    const [free, stepped] = [await backtest(strategy), await backtest(strategy, '--filters', filters)];
    expect(stepped.final_capital).not.toBe(free.final_capital);
  });

  it.each([
    ['no decimal', '{ "stepSize": "-1" }', 'stepSize'],
    ['an unknown name', '{ "lot": "1" }', 'lot'],
    ['no JSON', 'stepSize=1', 'is not JSON'],
  ])('names a filters file with %s', async (_title, text, found) => {
    const filters = join(folder, 'bad-filters.json');
    await writeFile(filters, text);
    const strategy = await onMinutes('sma-cross');
    const run = await runCli([
      'backtest',
      '--strategy',
      strategy,
      '--candles',
      candles,
      '--filters',
      filters,
      '--json',
    ]);
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(JSON.parse(run.stderr)).toMatchObject({ error: 'BadInput', message: expect.stringContaining(found) });
  });

  it("names candles of another interval than the strategy's", async () => {
    const file = join(folder, 'hourly.json');
    const { default: definition } = (await import(example('sma-cross'), { with: { type: 'json' } })) as {
      default: object;
    };
    await writeFile(file, JSON.stringify({ ...definition, interval: '1h' }));
    const run = await runCli(['backtest', '--strategy', file, '--candles', candles, '--json']);
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(JSON.parse(run.stderr)).toMatchObject({ error: 'BadCandleFile' });
  });

  it('shows people the figures, a line each', async () => {
    const { code, stdout } = await runCli([
      'backtest',
      '--strategy',
      await onMinutes('sma-cross'),
      '--candles',
      candles,
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^total_trades +\d+$/m);
    expect(stdout).not.toContain('trade_log');
  });
});
