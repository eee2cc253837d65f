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

  it('lets limit orders pay the maker fee', async () => {
    const risk_params = {
      side: 'LONG',
      position_size: { type: 'fixed_quote', value: 100 },
      order: { type: 'limit', offset_bps: 0, expire_bars: 5 },
    };
    const { trade_log } = await backtest(
      await onMinutes('sma-cross', { risk_params }),
      '--fee-pct',
      '1',
      '--maker-fee-pct',
      '0.5',
    );
    const [trade] = trade_log as readonly Record<string, number>[];
    expect(trade!['entry_fee']).toBeCloseTo(trade!['quantity']! * trade!['entry_price']! * 0.005, 9);
    expect(trade!['exit_fee']).toBeCloseTo(trade!['quantity']! * trade!['exit_price']! * 0.01, 9);
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

describe('bad input has a name, and a place', () => {
  /** The wave with one of its lines changed; line 1 is the header. */
  const withLine = async (line: number, change: (cells: readonly string[]) => string): Promise<string> => {
    const lines = wave().split('\n');
    lines[line - 1] = change(lines[line - 1]!.split(','));
    const file = join(folder, 'bad.csv');
    await writeFile(file, lines.join('\n'));
    return file;
  };
  const refusal = async (strategy: string, file: string): Promise<unknown> => {
    const run = await runCli(['backtest', '--strategy', strategy, '--candles', file, '--json']);
    expect(run).toMatchObject({ code: 1, stdout: '' });
    return JSON.parse(run.stderr);
  };

  it.each([
    ['NaN', 300, ([time]: readonly string[]) => `${time},NaN,1,1,1,1`, "line 300, open: found 'NaN'"],
    ['a price of zero', 20, ([time]: readonly string[]) => `${time},1,1,0,1,1`, 'line 20, low: found 0'],
    ['a negative price', 601, ([time]: readonly string[]) => `${time},1,1,1,-1,1`, 'line 601, close: found -1'],
    ['an infinite volume', 9, ([time]: readonly string[]) => `${time},1,1,1,1,Infinity`, "volume: found 'Infinity'"],
    [
      'a duplicate time',
      302,
      (cells: readonly string[]) => ['2024-01-01T04:59:00.000Z', ...cells.slice(1)].join(','),
      'line 302, timestamp: found 2024-01-01T04:59:00.000Z, expected each time once',
    ],
    [
      'an earlier time',
      302,
      (cells: readonly string[]) => ['2024-01-01T00:00:00.000Z', ...cells.slice(1)].join(','),
      'line 302, timestamp: found 2024-01-01T00:00:00.000Z, expected a time after',
    ],
    ['a cell too few', 5, (cells: readonly string[]) => cells.slice(0, 5).join(','), 'line 5: found 5 columns'],
    ['another header', 1, () => 'time,open,high,low,close,volume', "line 1: the header has no column 'timestamp'"],
  ])('candles with %s', async (_title, line, change, message) => {
    expect(await refusal(await onMinutes('sma-cross'), await withLine(line, change))).toMatchObject({
      error: 'BadCandleFile',
      message: expect.stringContaining(message),
      next: expect.stringContaining('timestamp,open,high,low,close,volume'),
    });
  });

  it('fewer candles than the strategy looks back at', async () => {
    const file = join(folder, 'short.csv');
    await writeFile(file, wave().split('\n').slice(0, 31).join('\n'));
    expect(await refusal(await onMinutes('sma-cross'), file)).toMatchObject({
      error: 'NotEnoughCandles',
      message: expect.stringContaining('there are 30'),
      next: expect.stringContaining('give a longer period'),
      details: { found: 30 },
    });
  });

  it('an indicator that nobody knows', async () => {
    const strategy = await onMinutes('sma-cross', {
      exit_conditions: { left: { indicator: 'SMAA', period: 3 }, op: '<', right: { price: 'close' } },
    });
    expect(await refusal(strategy, candles)).toMatchObject({
      error: 'BadStrategy',
      message: expect.stringMatching(/exit_conditions.*SMAA/),
    });
  });
});
