import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { identify } from '../../src/stack/process-identity.ts';

let home = '';
const load = (env: Record<string, string> = {}) => loadConfig({ HOME: home, MASTERTRADE_HOME: home, ...env });

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'mastertrade-config-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

const simulator = {
  MASTERTRADE_SIMULATOR_URL: 'http://127.0.0.1:9',
  MASTERTRADE_SIMULATOR_API_KEY: 'simulator-key',
  MASTERTRADE_SIMULATOR_API_SECRET: 'simulator-secret',
};
const exchange = {
  MASTERTRADE_EXCHANGE: 'binance',
  MASTERTRADE_API_KEY: 'exchange-key',
  MASTERTRADE_API_SECRET: 'exchange-secret',
};

describe('the configuration of an empty environment', () => {
  it('reaches nothing outside and trades on the simulator only', () => {
    expect(load()).toMatchObject({
      home,
      databaseUrl: null,
      temporal: { address: null, namespace: 'default' },
      simulator: null,
      marketData: { exchange: 'simulator' },
      clock: 'wall',
      live: { enabled: true, venue: 'simulator', sandbox: false },
      paper: { capital: '10000', feePct: 0.1, slippageBps: 0, volumeLimitPct: null, borrowPct: 0 },
      orders: { horizonMs: 600_000 },
    });
  });

  it('takes an empty variable for one that is not set', () => {
    expect(load({ DATABASE_URL: '', MASTERTRADE_CLOCK: '' })).toMatchObject({ databaseUrl: null, clock: 'wall' });
  });
});

describe('live trading', () => {
  it.each([
    ['on the simulator is on', {}, { enabled: true, venue: 'simulator' }],
    ['on the simulator can be switched off', { MASTERTRADE_LIVE: 'off' }, { enabled: false, venue: 'simulator' }],
    ['on an exchange is off, key or no key', exchange, { enabled: false, venue: 'binance' }],
    ['on an exchange is switched on', { ...exchange, MASTERTRADE_LIVE: 'on' }, { enabled: true, venue: 'binance' }],
    ['stays off with a venue of its own', { MASTERTRADE_LIVE_VENUE: 'kraken' }, { enabled: false, venue: 'kraken' }],
  ])('%s', (_title, env, expected) => {
    expect(load(env).live).toMatchObject(expected);
  });

  it("never hands the simulator's key to an exchange, nor the exchange's to the simulator", () => {
    expect(load({ ...simulator, ...exchange }).live.credentials?.apiKey).toBe('exchange-key');
    expect(load({ ...simulator, ...exchange, MASTERTRADE_EXCHANGE: 'simulator' }).live.credentials?.apiKey).toBe(
      'simulator-key',
    );
    expect(load({ ...simulator, MASTERTRADE_EXCHANGE: 'binance' }).live.credentials).toBeNull();
  });
});

describe('a variable that is not usable', () => {
  it.each([
    ['DATABASE_URL', 'mysql://host/db'],
    ['DATABASE_URL', 'not an address'],
    ['MASTERTRADE_EXCHANGE', 'Binance!'],
    ['MASTERTRADE_CLOCK', 'fast'],
    ['MASTERTRADE_LIVE', 'yes'],
    ['MASTERTRADE_SANDBOX', '1'],
    ['MASTERTRADE_PAPER_CAPITAL', '-5'],
    ['MASTERTRADE_PAPER_FEE_PCT', '101'],
    ['MASTERTRADE_PAPER_FEE_PCT', 'much'],
    ['MASTERTRADE_PAPER_FEE_IN', 'BNB'],
    ['MASTERTRADE_PAPER_BORROW_PCT', '-1'],
    ['MASTERTRADE_ORDER_HORIZON_MS', '0.5'],
    ['MASTERTRADE_MAX_OPEN_ORDERS', '0'],
    ['MASTERTRADE_MAX_EXPOSURE_PCT', '-1'],
    ['MASTERTRADE_TEMPORAL_ADDRESS', 'http://host:1'],
    ['MASTERTRADE_SIMULATOR_URL', 'ftp://host'],
    ['MASTERTRADE_LOG_LEVEL', 'loud'],
    ['MASTERTRADE_TASK_QUEUES', 'orchestration,shipping'],
  ])('is named: %s=%s', (variable, value) => {
    expect(() => load({ [variable]: value })).toThrow(
      expect.objectContaining({ name: 'BadInput', message: expect.stringContaining(variable) }),
    );
  });

  it('is named where a simulator has no key', () => {
    const { MASTERTRADE_SIMULATOR_URL } = simulator;
    expect(() => load({ MASTERTRADE_SIMULATOR_URL })).toThrow('MASTERTRADE_SIMULATOR_API_KEY');
  });

  it('does not show a value that may be a secret', () => {
    expect(() => load({ DATABASE_URL: 'mysql://me:hunter2@host/db' })).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('hunter2') }),
    );
  });
});

describe('secrets', () => {
  it('can be read by name and are shown by no log and no JSON', () => {
    const config = load({
      ...simulator,
      ...exchange,
      DATABASE_URL: 'postgres://me:hunter2@host/db',
      TEMPORAL_ADDRESS: 'host:7233',
      TEMPORAL_API_KEY: 'temporal-secret',
    });
    expect(config.live.credentials?.apiSecret).toBe('exchange-secret');
    expect(config.temporal.connection).toMatchObject({ address: 'host:7233', apiKey: 'temporal-secret' });
    const shown = [
      JSON.stringify(config),
      JSON.stringify({ ...config, databaseUrl: null }),
      inspect(config, { depth: null }),
      inspect(config.live),
      JSON.stringify(config.simulator),
    ].join();
    expect(shown).toContain('postgres://me:***@host/db');
    expect(shown).not.toMatch(/hunter2|-secret|exchange-key|simulator-key/);
  });
});

describe("a running stack's addresses", () => {
  const stack = {
    databaseUrl: 'postgres://stack@127.0.0.1:1/mastertrade',
    temporal: { address: '127.0.0.1:2', uiUrl: 'http://127.0.0.1:3' },
    simulator: { url: 'http://127.0.0.1:4', apiKey: 'key', apiSecret: 'secret' },
  };
  const leave = async (supervisor: unknown): Promise<void> => {
    await writeFile(join(home, 'stack.json'), JSON.stringify(stack));
    await writeFile(join(home, 'stack.lock'), JSON.stringify(supervisor));
  };
  const clear = () => Promise.all(['stack.json', 'stack.lock'].map((file) => rm(join(home, file), { force: true })));

  it('are used while its supervisor lives', async () => {
    await leave(identify(process.pid));
    expect(load()).toMatchObject({
      databaseUrl: stack.databaseUrl,
      temporal: { address: '127.0.0.1:2', uiUrl: 'http://127.0.0.1:3' },
      simulator: { url: 'http://127.0.0.1:4' },
    });
    await clear();
  });

  it('come after what the environment names', async () => {
    await leave(identify(process.pid));
    const config = load({ DATABASE_URL: 'postgres://me@host/db', TEMPORAL_ADDRESS: 'host:7233', ...simulator });
    expect(config).toMatchObject({
      databaseUrl: 'postgres://me@host/db',
      temporal: { address: 'host:7233' },
      simulator: { url: 'http://127.0.0.1:9' },
    });
    await clear();
  });

  it('are forgotten once it is dead', async () => {
    await leave({ pid: process.pid, startedAt: 'another process had this number' });
    expect(load()).toMatchObject({ databaseUrl: null, temporal: { address: null }, simulator: null });
    await clear();
  });
});
