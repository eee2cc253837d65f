import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { candlesOf, clientOf, credentials, minute, start } from './simulator-client.ts';

const program = path.resolve(import.meta.dirname, '../../src/simulator/main.ts');
vi.setConfig({ testTimeout: 30_000 });

let folder: string;
let running: ChildProcess | null = null;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'simulator-process-'));
});
afterEach(async () => {
  if (running !== null && running.exitCode === null && running.signalCode === null) {
    running.kill('SIGKILL');
    await once(running, 'exit');
  }
  await rm(folder, { recursive: true });
});

const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess => {
  running = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, SIMULATOR_API_KEY: credentials.apiKey, SIMULATOR_API_SECRET: credentials.secret, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return running;
};

const urlOf = async (child: ChildProcess): Promise<string> => {
  if (child.stdout === null) throw new Error('no standard output');
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return (JSON.parse(line) as { url: string }).url;
};

const end = async (child: ChildProcess, signal: NodeJS.Signals): Promise<unknown> => {
  const ended = once(child, 'exit');
  child.kill(signal);
  return (await ended)[0] as unknown;
};

test('a process on the wall clock trades its generated market, is killed, and has every order when it is back', async () => {
  const args = ['--clock', 'wall', '--seed', '5', '--balance', 'USDT=500000', '--ledger', path.join(folder, 'ledger')];
  const first = run(args);
  const exchange = clientOf(await urlOf(first));
  const candles = await exchange.fetchOHLCV('BTC/USDT', '1m', undefined, 3);
  expect(Date.now() - Number(candles.at(-1)?.[0])).toBeLessThan(2 * minute);
  const bought = await exchange.createOrder('BTC/USDT', 'market', 'buy', 1, undefined, { clientOrderId: 'kept' });
  expect(bought.status).toBe('closed');
  await exchange.createOrder('BTC/USDT', 'limit', 'buy', 1, 1000, { clientOrderId: 'resting' });
  await end(first, 'SIGKILL');
  const second = run(args);
  const again = clientOf(await urlOf(second));
  const open = await again.fetchOpenOrders('BTC/USDT');
  expect(open.map(({ clientOrderId }) => clientOrderId)).toEqual(['resting']);
  expect((await again.fetchMyTrades('BTC/USDT')).map(({ order }) => order)).toEqual([bought.id]);
  expect(await end(second, 'SIGTERM')).toBe(0);
});

test('a process replays a file of candles from the time it is told, on a clock that stands still', async () => {
  const file = path.join(folder, 'candles.csv');
  const rows = candlesOf([
    [100, 102, 99, 101, 40],
    [101, 103, 98, 102, 40],
    [102, 104, 95, 96, 20],
  ]).map(({ time, open, high, low, close, volume }) => [time, open, high, low, close, volume].join(','));
  await writeFile(file, `timestamp,open,high,low,close,volume\n${rows.join('\n')}\n`);
  const begins = new Date(start + 2 * minute).toISOString();
  const child = run(['--clock', 'stepped', '--candles', file, '--symbol', 'ETHUSDT', '--start', begins]);
  const exchange = clientOf(await urlOf(child));
  expect(await exchange.fetchTime()).toBe(start + 2 * minute);
  const candles = await exchange.fetchOHLCV('ETH/USDT', '1m');
  expect(candles.map(([time]) => time)).toEqual([start, start + minute, start + 2 * minute]);
  expect(await end(child, 'SIGINT')).toBe(0);
});

test('it refuses to start without a key, on a foreign address, or with arguments it cannot read', async () => {
  const refusal = async (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> => {
    const child = run(args, env);
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(1);
    return said;
  };
  expect(await refusal([], { SIMULATOR_API_SECRET: '' })).toContain('SIMULATOR_API_SECRET');
  expect(await refusal(['--host', '0.0.0.0'])).toContain('BadInput');
  expect(await refusal(['--start', 'yesterday'])).toContain('--start yesterday');
});
