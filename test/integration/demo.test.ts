import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DemoSummary } from '../../src/client/demo/types.ts';

const program = fileURLToPath(new URL('../../src/client/main.ts', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs `mastertrade demo` as a person does, with addresses configured that it must not use. */
const runDemo = (home: string, args: readonly string[]): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, 'demo', ...args], {
      env: {
        ...process.env,
        MASTERTRADE_HOME: home,
        DATABASE_URL: 'postgres://nobody:nothing@127.0.0.1:1/elsewhere',
        TEMPORAL_ADDRESS: '127.0.0.1:1',
        MASTERTRADE_EXCHANGE: 'binance',
        MASTERTRADE_API_KEY: 'not-to-be-used',
        MASTERTRADE_API_SECRET: 'not-to-be-used',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });

const realCandles = fileURLToPath(new URL('../../../shared/data/BTCPERP-1m.csv', import.meta.url));

/** Five hours of a real market, or of a generated one where ../shared has none. */
const marketOf = async (home: string): Promise<readonly string[]> => {
  if (!existsSync(realCandles)) {
    process.stderr.write('the demo is tested on a generated market: ../shared/data/BTCPERP-1m.csv is not there\n');
    return ['--count', '300', '--seed', '9'];
  }
  const file = join(home, 'real.csv');
  const rows = (await readFile(realCandles, 'utf8')).split('\n').slice(0, 301);
  await writeFile(file, `${rows.join('\n')}\n`);
  return ['--candles', file];
};

describe('the demo', () => {
  let home: string;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'mastertrade-demo-test-'));
    // The user that PostgreSQL runs as must be able to enter it.
    await chmod(home, 0o755);
  });
  afterAll(() => rm(home, { recursive: true, force: true }));

  it('carries a strategy from draft to live, its order through a killed worker, and its portfolio through a fall of the market', async () => {
    const file = join(home, 'summary.json');
    const { code, output } = await runDemo(home, [...(await marketOf(home)), '--summary', file]);
    expect(code, output).toBe(0);
    const summary = JSON.parse(await readFile(file, 'utf8')) as DemoSummary;
    expect(summary.strategy.status).toBe('active');
    expect(summary.strategy.transitions.map(({ from, to }) => `${from}→${to}`)).toEqual([
      'draft→backtested',
      'backtested→paper',
      'paper→active',
      'active→paused',
      'paused→active',
    ]);
    expect(summary.backtest.trades).toBeGreaterThanOrEqual(3);
    expect(summary.orders.paper).toBeGreaterThan(0);
    expect(summary.orders.live).toBeGreaterThan(0);
    expect(summary.trades.live).toBeGreaterThan(0);
    expect(summary.crash).toEqual({ worker_killed: true, duplicate_orders: 0 });
    expect(summary.breaker).toMatchObject({
      trigger: 'drawdown',
      halted: { state: 'HALTED', positions: 0, strategy: 'paused' },
      after: { state: 'ACTIVE', strategy: 'active' },
    });
    expect(summary.breaker?.drawdown_pct).toBeGreaterThanOrEqual(10);
    expect(summary.positions).toBe(0);
    expect(output).toMatch(/circuit_breaker *│ critical/);
    expect(summary.audit_rows).toBeGreaterThan(summary.orders.live);
    expect(output).toContain(existsSync(realCandles) ? 'real candles from' : 'generated with seed 9');
    expect(output).not.toContain('not-to-be-used');
    expect(await readdir(join(home, 'demo'))).toEqual([]);
  });

  it('says by name why a candle file is not usable, before anything is started', async () => {
    const { code, output } = await runDemo(home, ['--candles', join(home, 'nothing.csv')]);
    expect(code).not.toBe(0);
    expect(output).toContain('nothing.csv does not exist');
    expect(output).not.toContain('→ PostgreSQL');
  });
});
