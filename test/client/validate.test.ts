import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backtestTask } from '../../src/compute/backtest-task.ts';
import { readBacktestInput } from '../../src/compute/standalone-backtest.ts';
import { runCli } from './run-cli.ts';
import type { CliRun } from './run-cli.ts';

const example = join(import.meta.dirname, '..', '..', 'examples', 'sma-cross.json');
let folder = '';
let files: readonly string[] = [];

/** Waves of two lengths: averages of any period cross now and then. */
const wave = (): string => {
  const price = (bar: number): number => 100 + 8 * Math.sin(bar / 19) + 5 * Math.sin(bar / 7);
  const rows = Array.from({ length: 900 }, (_, bar) => {
    const [open, close] = [price(bar), price(bar + 1)];
    const prices = [open, Math.max(open, close) + 0.1, Math.min(open, close) - 0.1, close];
    return `${Date.UTC(2024, 0, 1) + bar * 60_000},${prices.map((value) => value.toFixed(2)).join(',')},50`;
  });
  return ['timestamp,open,high,low,close,volume', ...rows, ''].join('\n');
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mastertrade-validate-'));
  const [strategy, candles] = [join(folder, 'strategy.json'), join(folder, 'candles.csv')];
  const definition = JSON.parse(await readFile(example, 'utf8')) as object;
  await writeFile(strategy, JSON.stringify({ ...definition, interval: '1m', parameters: { fast: 5, slow: 30 } }));
  await writeFile(candles, wave());
  files = ['--strategy', strategy, '--candles', candles];
});
afterAll(() => rm(folder, { recursive: true }));

const validate = (...options: string[]): Promise<CliRun> =>
  runCli(['validate', ...files, ...options], {
    env: { DATABASE_URL: 'postgres://nowhere:1/x', TEMPORAL_ADDRESS: 'nowhere:1' },
  });

interface Answer {
  readonly walkForward: { readonly folds: readonly { readonly parameters: unknown }[] };
}
const answerOf = async (...options: string[]): Promise<Answer> => {
  const { code, stdout, stderr } = await validate('--json', ...options);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Answer;
};

describe('mastertrade validate', () => {
  it('finds what a backtest of a stored strategy keeps with its result', async () => {
    const { metrics } = backtestTask(await readBacktestInput({ strategy: files[1]!, candlesPath: files[3]! }));
    expect(await answerOf()).toEqual({
      ...(metrics.metadata['validation'] as object),
      bars: 900,
      seconds: expect.any(Number),
    });
  });

  it('optimises in sample over a grid, in the windows and by the figure that are asked for', async () => {
    const grid = ['--grid', '{"fast":[3,8],"slow":[20,40]}', '--folds', '3', '--objective', 'total_return_pct'];
    const answer = await answerOf(
      ...grid,
      '--anchored',
      '--out-of-sample-pct',
      '40',
      '--samples',
      '200',
      '--seed',
      '9',
    );
    expect(answer).toMatchObject({
      outOfSample: { share: 0.4 },
      walkForward: { kind: 'anchored', combinations: 4, share: 384 / 900, folds: { length: 3 } },
      monteCarlo: { samples: 200, seed: 9 },
      lookahead: { pass: true, mismatches: [] },
    });
    const allowed = [3, 8].flatMap((fast) => [20, 40].map((slow) => ({ fast, slow })));
    for (const { parameters } of answer.walkForward.folds) expect(allowed).toContainEqual(parameters);
  });

  it('shows people every window and what was found', async () => {
    const { code, stdout } = await validate('--grid', '{"fast":[3,8]}');
    expect(code).toBe(0);
    for (const window of ['split in sample', 'split out of sample', 'fold 1 in sample', 'fold 5 out of sample']) {
      expect(stdout).toContain(window);
    }
    expect(stdout).toMatch(/fast=[38], slow=30/);
    expect(stdout).toMatch(/^lookahead check +passed at \d+ places$/m);
  });

  it.each([
    [['--grid', '{"fats":[1]}'], 'fats'],
    [['--grid', '{"fast":'], '--grid'],
    [['--grid', '{"fast":{"from":1,"to":400},"slow":{"from":1,"to":400}}'], '160000 combinations'],
    [['--grid', '{"fast":[0]}'], 'fast'],
    [['--objective', 'luck'], "objective 'luck'"],
    [['--folds', '0'], '--folds'],
    [['--out-of-sample-pct', '100'], '--out-of-sample-pct'],
  ])('refuses %j by name', async (options, named) => {
    const { code, stdout, stderr } = await validate(...options);
    expect(code).not.toBe(0);
    expect(stdout).toBe('');
    expect(stderr).toContain(named);
  });
});
