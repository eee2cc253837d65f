import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runCli } from './run-cli.ts';
import type { CliRun } from './run-cli.ts';

// Threads and processes start slowly where other tests keep the cores busy.
vi.setConfig({ testTimeout: 60_000 });

const main = join(import.meta.dirname, '..', '..', 'src', 'client', 'main.ts');
const example = join(import.meta.dirname, '..', '..', 'examples', 'sma-cross.json');
let folder = '';
let candles = '';

/** Waves of two lengths: averages of any period cross now and then. */
const wave = (): string => {
  const price = (bar: number): number => 100 + 8 * Math.sin(bar / 19) + 5 * Math.sin(bar / 7);
  const rows = Array.from({ length: 800 }, (_, bar) => {
    const [open, close] = [price(bar), price(bar + 1)];
    const prices = [open, Math.max(open, close) + 0.1, Math.min(open, close) - 0.1, close];
    return `${Date.UTC(2024, 0, 1) + bar * 60_000},${prices.map((value) => value.toFixed(2)).join(',')},50`;
  });
  return ['timestamp,open,high,low,close,volume', ...rows, ''].join('\n');
};

const strategyWith = async (name: string, parameters: object): Promise<string> => {
  const definition = JSON.parse(await readFile(example, 'utf8')) as object;
  const file = join(folder, `${name}.json`);
  await writeFile(file, JSON.stringify({ ...definition, interval: '1m', parameters }));
  return file;
};

const grid = '{"fast":[3,8],"slow":{"from":20,"to":40,"step":10}}';

const sweep = async (...options: string[]): Promise<CliRun> =>
  await runCli(
    ['sweep', '--strategy', await strategyWith('base', { fast: 5, slow: 30 }), '--candles', candles, ...options],
    { env: { DATABASE_URL: 'postgres://nowhere:1/x', TEMPORAL_ADDRESS: 'nowhere:1' } },
  );

interface Row extends Readonly<Record<string, unknown>> {
  readonly parameters: { readonly fast: number; readonly slow: number };
  readonly total_return_pct: number;
}
interface Total {
  readonly combinations: number;
  readonly bars: number;
  readonly seconds: number;
  readonly combination_bars_per_second: number;
  readonly threads: number;
  readonly best: Row;
}

const linesOf = async (...options: string[]): Promise<{ rows: Row[]; total: Total }> => {
  const { code, stdout, stderr } = await sweep('--json', ...options);
  expect([code, stderr]).toEqual([0, '']);
  const lines = stdout.trimEnd().split('\n');
  return {
    rows: lines.slice(0, -1).map((line) => JSON.parse(line) as Row),
    total: JSON.parse(lines.at(-1) ?? '') as Total,
  };
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mastertrade-sweep-'));
  candles = join(folder, 'wave.csv');
  await writeFile(candles, wave());
});
afterAll(() => rm(folder, { recursive: true }));

describe('sweep', () => {
  it('prints a line a combination in the order of the grid, then the total', async () => {
    const { rows, total } = await linesOf('--grid', grid);
    expect(rows.map(({ parameters: { fast, slow } }) => [fast, slow])).toEqual([
      [3, 20],
      [3, 30],
      [3, 40],
      [8, 20],
      [8, 30],
      [8, 40],
    ]);
    expect(total).toMatchObject({ combinations: 6, bars: 800 });
    expect(total.combination_bars_per_second).toBeCloseTo((6 * 800) / total.seconds, 3);
    expect(rows).toContainEqual(total.best);
  });

  it('prints for each what the backtest command prints for the same parameters', async () => {
    const options = ['--fee-pct', '0.05', '--slippage-bps', '3', '--capital', '5000', '--volume-limit-pct', '40'];
    const { rows } = await linesOf('--grid', '{"fast":[3],"slow":[20,40]}', ...options);
    expect(rows).toHaveLength(2);
    for (const { parameters, ...figures } of rows) {
      const strategy = await strategyWith('single', parameters);
      const run = await runCli(['backtest', '--strategy', strategy, '--candles', candles, '--json', ...options]);
      expect(JSON.parse(run.stdout)).toMatchObject(figures);
      expect(figures['initial_capital']).toBe(5_000);
      expect(figures['total_trades']).toBeGreaterThan(5);
    }
  });

  it('calls best what is best by the metric that it is given', async () => {
    const { rows, total } = await linesOf('--grid', grid, '--sort', 'total_return_pct');
    expect(total.best.total_return_pct).toBe(Math.max(...rows.map(({ total_return_pct }) => total_return_pct)));
    const { total: calm } = await linesOf('--grid', grid, '--sort', 'max_drawdown_pct');
    expect(calm.best['max_drawdown_pct']).toBe(Math.min(...rows.map((row) => Number(row['max_drawdown_pct']))));
  });

  it('draws the same combinations for the same seed', async () => {
    const draw = ['--grid', '{"fast":{"from":2,"to":15},"slow":{"from":20,"to":60}}', '--random', '4'];
    const drawn = async (...seed: string[]) =>
      (await linesOf(...draw, ...seed)).rows.map(({ parameters }) => parameters);
    const first = await drawn('--seed', '7');
    expect(first).toHaveLength(4);
    expect(await drawn('--seed', '7', '--threads', '1')).toEqual(first);
    expect(await drawn('--seed', '8')).not.toEqual(first);
    expect(await drawn()).toEqual(await drawn('--seed', '1'));
  });

  it('shows people a table of the best, and its progress on stderr', async () => {
    const { code, stdout, stderr } = await sweep(
      '--grid',
      grid,
      '--top',
      '2',
      '--sort',
      'profit_factor',
      '--threads',
      '1',
    );
    expect(code).toBe(0);
    const heads = stdout.split('\n').find((line) => line.includes('FAST')) ?? '';
    expect(heads).toMatch(/FAST.*SLOW.*PROFIT_FACTOR.*TOTAL_RETURN_PCT/);
    expect(stdout.match(/^│ +[38] /gm)).toHaveLength(2);
    expect(stdout).toContain('Combinations: 6 of 800 bars each');
    expect(stdout).toContain('threads: 1');
    expect(stderr).toContain('6 of 6 combinations');
  });
});

it('ends without a word when its reader has seen enough', async () => {
  const strategy = await strategyWith('base', { fast: 5, slow: 30 });
  const wide = '{"fast":{"from":2,"to":41},"slow":{"from":42,"to":141}}';
  const args = [main, 'sweep', '--strategy', strategy, '--candles', candles, '--grid', wide, '--json'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [first] = (await once(child.stdout, 'data')) as [Buffer];
  child.stdout.destroy();
  const [code] = (await once(child, 'close')) as [number | null];
  expect(first.toString()).toMatch(/^{"parameters":{"fast":2,"slow":42}/);
  expect([code, stderr]).toEqual([0, '']);
});

describe('a sweep that cannot be is named', () => {
  it.each<[string, string[], number, string, string]>([
    ['no JSON', ['--grid', '{fast:[5]}'], 2, 'BadInput', '--grid is not JSON'],
    ['an unknown parameter', ['--grid', '{"quick":[5]}'], 2, 'BadInput', 'one of fast, slow'],
    [
      'a value that is refused',
      ['--grid', '{"fast":[0]}'],
      1,
      'BadStrategy',
      'fast=0, slow=30: parameters.fast: found 0',
    ],
    ['too few candles', ['--grid', '{"slow":[900]}'], 1, 'NotEnoughCandles', 'slow=900 needs more than 900 candles'],
    ['an unknown metric', ['--grid', grid, '--sort', 'luck'], 2, 'BadInput', "sorted by 'luck'"],
    ['a seed for nothing', ['--grid', grid, '--seed', '1'], 2, 'BadInput', '--seed'],
    ['more draws than there are', ['--grid', grid, '--random', '7'], 2, 'BadInput', '7 random combinations'],
    ['half a thread', ['--grid', grid, '--threads', '0.5'], 2, 'BadInput', '--threads'],
    ['no grid', [], 2, 'Usage', '--grid'],
  ])('%s', async (_what, options, code, error, message) => {
    const run = await sweep('--json', ...options);
    expect(run).toMatchObject({ code, stdout: '' });
    expect(JSON.parse(run.stderr)).toMatchObject({ error, message: expect.stringContaining(message) });
  });
});
