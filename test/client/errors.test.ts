import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli, type CliRun } from './run-cli.ts';

const root = join(import.meta.dirname, '..', '..');
let folder = '';
const file = (name: string): string => join(folder, name);
const header = 'timestamp,open,high,low,close,volume';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mastertrade-cli-'));
  await writeFile(file('broken.json'), '{ "name": ');
  const example = JSON.parse(await readFile(join(root, 'examples', 'sma-cross.json'), 'utf8')) as object;
  await writeFile(file('unknown-field.json'), JSON.stringify({ ...example, colour: 'red' }));
  await writeFile(file('good.csv'), `${header}\n2024-01-01T00:00:00Z,1,2,1,2,5\n2024-01-01T00:01:00Z,2,2,1,1,5\n`);
  await writeFile(file('no-close.csv'), 'timestamp,open,high,low,volume\n2024-01-01T00:00:00Z,1,2,1,5\n');
  await writeFile(file('high-below-low.csv'), `${header}\n2024-01-01T00:00:00Z,1,1,2,1,5\n`);
  await writeFile(file('not-a-number.csv'), `${header}\n2024-01-01T00:00:00Z,1,2,NaN,2,5\n`);
  await writeFile(file('negative.csv'), `${header}\n2024-01-01T00:00:00Z,1,2,1,2,-5\n`);
  await writeFile(file('unordered.csv'), `${header}\n2024-01-01T00:01:00Z,1,2,1,2,5\n2024-01-01T00:00:00Z,2,2,1,1,5\n`);
});
afterAll(() => rm(folder, { recursive: true }));

/** A port on which nothing listens. */
const deadPort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};

interface Shown {
  readonly error: string;
  readonly message: string;
  readonly next: string;
}

/** What a failed command says in JSON; fails where that is not all it says. */
const refusalOf = ({ stdout, stderr, code }: CliRun): Shown & { code: number | null } => {
  expect(stdout).toBe('');
  const shown = JSON.parse(stderr) as Shown;
  expect(shown.message.length).toBeGreaterThan(10);
  expect(shown.next.length).toBeGreaterThan(5);
  return { ...shown, code };
};

const importOf = (name: string): string[] => ['import', '--symbol', 'BTCUSDT', '--candles', file(name), '--json'];

describe('bad input', () => {
  it.each([
    ['an unknown command', ['promot'], 2, 'Usage', 'promot'],
    ['a missing option', ['strategy', 'pause', 'x'], 2, 'Usage', '--reason'],
    ['an unknown interval', ['import', '--symbol', 'X', '--interval', '7m'], 2, 'Usage', '7m'],
    ['an unknown policy', ['strategy', 'create', 'x', '--policy', 'lax'], 2, 'Usage', 'lax'],
    ['an unknown status', ['orders', '--status', 'lost'], 2, 'Usage', 'lost'],
    ['a time that is none', ['strategy', 'backtest', 'x', '--from', 'yesterday'], 2, 'BadInput', '--from'],
    ['a day that does not exist', ['strategy', 'backtest', 'x', '--from', '2024-13-01'], 2, 'BadInput', '--from'],
    ['capital below zero', ['strategy', 'backtest', 'x', '--capital', '-1'], 2, 'BadInput', '--capital'],
    ['a fee above all', ['strategy', 'backtest', 'x', '--fee-pct', '101'], 2, 'BadInput', '--fee-pct'],
    ['nothing to import', ['import', '--symbol', 'X'], 2, 'BadInput', 'nothing to import'],
    ['a download of nothing', ['import', '--symbol', 'X', '--exchange', 'binance'], 2, 'BadInput', '--interval'],
    [
      'a user without password',
      ['user', 'create', 'a', '--email', 'a@b', '--role', 'admin'],
      2,
      'BadInput',
      'MASTERTRADE_PASSWORD',
    ],
    ['a strategy file that is missing', ['strategy', 'create', '/no/such/file'], 1, 'BadStrategy', '/no/such/file'],
  ])('%s is named', async (_title, args, code, error, text) => {
    const refusal = refusalOf(await runCli([...args, '--json']));
    expect(refusal).toMatchObject({ code, error });
    expect(refusal.message).toContain(text);
  });

  it.each([
    ['is not JSON', 'broken.json', 'broken.json'],
    ['has an unknown field', 'unknown-field.json', 'colour'],
  ])('a strategy file that %s is named before anything is reached', async (_title, name, text) => {
    const refusal = refusalOf(await runCli(['strategy', 'create', file(name), '--json']));
    expect(refusal).toMatchObject({ code: 1, error: 'BadStrategy' });
    expect(refusal.message).toContain(text);
  });

  it.each(['no-close.csv', 'high-below-low.csv', 'not-a-number.csv', 'negative.csv', 'unordered.csv'])(
    'a candle file is checked before the database is reached: %s',
    async (name) => {
      const refusal = refusalOf(await runCli(importOf(name)));
      expect(refusal).toMatchObject({ code: 1, error: 'BadCandleFile' });
      expect(refusal.message).toContain(name);
    },
  );

  it('names a variable that is not usable', async () => {
    const refusal = refusalOf(await runCli(['status', '--json'], { env: { MASTERTRADE_CLOCK: 'fast' } }));
    expect(refusal).toMatchObject({ code: 2, error: 'BadInput' });
    expect(refusal.message).toContain('MASTERTRADE_CLOCK');
  });
});

describe('what cannot be reached', () => {
  it.each([
    ['no database is configured', ['strategy', 'list']],
    ['no database is configured', ['migrate']],
    ['no database is configured', ['orders']],
  ])('%s: %j', async (text, args) => {
    const refusal = refusalOf(await runCli([...args, '--json']));
    expect(refusal).toMatchObject({ code: 3, error: 'DatabaseUnreachable' });
    expect(refusal.message).toContain(text);
  });

  it('a database that does not answer is named without its password', async () => {
    const port = await deadPort();
    const DATABASE_URL = `postgres://me:hunter2@127.0.0.1:${port}/db`;
    for (const args of [['migrate'], ['strategy', 'list'], importOf('good.csv')]) {
      const run = await runCli([...args, '--json'], { env: { DATABASE_URL } });
      const refusal = refusalOf(run);
      expect(refusal).toMatchObject({ code: 3, error: 'DatabaseUnreachable' });
      expect(refusal.message).toContain(`127.0.0.1:${port}`);
      expect(run.stderr).not.toContain('hunter2');
    }
  }, 30_000);

  it('a Temporal server that does not answer is named within seconds', async () => {
    const address = `127.0.0.1:${await deadPort()}`;
    const args = ['import', '--symbol', 'X', '--exchange', 'binance', '--interval', '1m', '--from', '2024-01-01'];
    const start = performance.now();
    const refusal = refusalOf(await runCli([...args, '--json'], { env: { TEMPORAL_ADDRESS: address } }));
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(refusal).toMatchObject({ code: 3, error: 'TemporalUnreachable' });
    expect(refusal.message).toContain(address);
  }, 30_000);

  it('a stack that does not run is named by down, and shown by status', async () => {
    expect(refusalOf(await runCli(['down', '--json']))).toMatchObject({ code: 3, error: 'StackNotRunning' });
    const { code, stdout } = await runCli(['status', '--json']);
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ state: 'stopped', database: null, temporal: null });
  });
});

describe('an error for people', () => {
  it('is one sentence and the next step, without a stack trace', async () => {
    const { code, stdout, stderr } = await runCli(['strategy', 'create', file('broken.json')]);
    expect([code, stdout]).toEqual([1, '']);
    const lines = stderr.trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^BadStrategy: .*broken\.json.*\.$/);
    expect(lines[1]).toMatch(/^Next: .+\.$/);
  });

  it('has its stack trace with --verbose', async () => {
    const { stderr } = await runCli(['strategy', 'create', file('broken.json'), '--verbose']);
    expect(stderr).toMatch(/\n +at .*strategy-json\.ts/);
  });
});
