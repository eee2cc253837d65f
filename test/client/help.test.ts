import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from './run-cli.ts';

const commands = [
  'up',
  'down',
  'status',
  'demo',
  'migrate',
  'worker',
  'simulator',
  'import',
  'strategy',
  'orders',
  'order',
  'halt',
  'flatten',
  'resume',
  'breaker',
  'goal',
];
const strategyCommands = ['create', 'list', 'show', 'backtest', 'promote', 'approve', 'pause', 'resume', 'archive'];

const packagesLoadedBy = async (args: readonly string[]): Promise<string[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'mastertrade-modules-'));
  const file = join(folder, 'modules.json');
  try {
    await runCli(args, {
      node: ['--import', import.meta.resolve('./loaded-modules.ts')],
      env: { LOADED_MODULES_FILE: file },
    });
    const urls = JSON.parse(await readFile(file, 'utf8')) as string[];
    expect(urls.some((url) => url.endsWith('src/client/program.ts'))).toBe(true);
    const names = urls.map((url) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1]);
    return [...new Set(names.filter((name) => name !== undefined))];
  } finally {
    await rm(folder, { recursive: true });
  }
};

describe('--help', () => {
  it('names every command', async () => {
    const { code, stdout } = await runCli(['--help']);
    expect(code).toBe(0);
    for (const command of [...commands, 'backtest', 'sweep', 'validate', 'report', 'user'])
      expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
  });

  it('names every strategy command', async () => {
    const { code, stdout } = await runCli(['strategy', '--help']);
    expect(code).toBe(0);
    for (const command of [...strategyCommands, 'revise']) expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
  });

  it.each([[['--help']], [['strategy', 'create', '--help']], [['demo', '--help']]])(
    'of %j loads commander and nothing else',
    async (args) => {
      expect(await packagesLoadedBy(args)).toEqual(['commander']);
    },
  );

  it('answers at once', async () => {
    const durations: number[] = [];
    for (let run = 0; run < 5; run += 1) {
      const start = performance.now();
      await runCli(['--help']);
      durations.push(performance.now() - start);
    }
    // 100 ms where nothing else runs; the best of five still says something on a machine that is busy.
    expect(Math.min(...durations)).toBeLessThan(600);
  });
});

describe('a command line that is not complete', () => {
  it('shows the help and exits with 2', async () => {
    const { code, stdout, stderr } = await runCli(['strategy']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Usage: mastertrade strategy');
  });

  it('is a usage error in JSON', async () => {
    const { code, stdout, stderr } = await runCli(['strategy', '--json']);
    expect([code, stdout]).toEqual([2, '']);
    expect(JSON.parse(stderr)).toMatchObject({ error: 'Usage' });
  });
});
