import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { Client } from 'pg';
import type { DatabasePool } from 'slonik';
import { sql } from 'slonik';
import { migrate } from '../../src/adapters/postgres/migrate.ts';
import { createDatabasePool } from '../../src/adapters/postgres/pool.ts';
import type { Store } from '../../src/adapters/postgres/store.ts';
import { createStrategy } from '../../src/adapters/postgres/strategies.ts';
import { loadConfig } from '../../src/config.ts';
import type { MarketActivities, VenueActivities } from '../../src/contracts/activities.ts';
import type { Decision } from '../../src/contracts/messages.ts';
import { intentOf } from '../../src/contracts/order-intent.ts';
import { taskQueues } from '../../src/contracts/task-queues.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { createWorkerParts } from '../../src/worker.ts';

const minute = 60_000;
const marketStart = Date.UTC(2026, 0, 1);
const symbol = 'BTCUSDT';
const market = { exchange: 'simulator', symbol, interval: '1m' } as const;

/** Up and down a little around 100, so that every close is another and nothing is stopped. */
const candlesOf = (count: number) =>
  Array.from({ length: count }, (_, bar) => {
    const close = (100 + (bar % 7) / 100).toFixed(2);
    const open = (100 + ((bar + 6) % 7) / 100).toFixed(2);
    const [low, high] = open < close ? [open, close] : [close, open];
    return { time: marketStart + bar * minute, open, high, low, close, volume: '100000' };
  });

/** A database of its own on the server of `url`. */
const createDatabase = async (url: string): Promise<string> => {
  const name = `bench_${randomUUID().replaceAll('-', '')}`;
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  const created = new URL(url);
  created.pathname = `/${name}`;
  await migrate(created.href);
  return created.href;
};

const addStrategies = async (pool: DatabasePool, count: number, entersAbove: number): Promise<void> => {
  for (let n = 0; n < count; n += 1) {
    await createStrategy(pool, {
      definition: {
        name: `bench ${randomUUID()}`,
        strategy_type: 'momentum',
        symbol,
        interval: '1m',
        parameters: {},
        entry_conditions: { left: { price: 'close' }, op: '>', right: entersAbove },
        exit_conditions: { left: { price: 'close' }, op: '<', right: 0 },
        risk_params: { side: 'LONG', position_size: { type: 'fixed_quote', value: 20 }, stop_loss_pct: 5 },
      },
      policy: 'demo',
      by: 'bench',
    });
  }
  await pool.query(sql.unsafe`UPDATE strategies SET status = 'paper' WHERE created_by = 'bench'`);
};

export interface CloseDesk {
  readonly pool: DatabasePool;
  /** Carries out the next close of the market, and says how long handling it took, ms. */
  readonly nextClose: () => Promise<number>;
  readonly close: () => Promise<void>;
}

/**
 * A market whose closes `strategies` on paper look at, of which `positions` hold something by the time this returns, with the worker's own
 * activities. @param closes how many may be asked for
 */
export const createCloseDesk = async (
  databaseUrl: string,
  size: { readonly strategies: number; readonly positions: number; readonly closes: number },
  wrapStore: (store: Store) => Store,
): Promise<CloseDesk> => {
  const url = await createDatabase(databaseUrl);
  const pool = await createDatabasePool(url, { max: 2 });
  await addStrategies(pool, size.positions, 0);
  await addStrategies(pool, size.strategies - size.positions, 1_000);
  const key = { apiKey: randomUUID(), secret: randomUUID() };
  const candles = candlesOf(size.closes + 4);
  const simulator = await startSimulator({
    ...key,
    markets: [{ symbol, base: 'BTC', quote: 'USDT', interval: '1m', candles }],
  });
  const config = loadConfig({
    MASTERTRADE_SIMULATOR_URL: simulator.url,
    MASTERTRADE_SIMULATOR_API_KEY: key.apiKey,
    MASTERTRADE_SIMULATOR_API_SECRET: key.secret,
    MASTERTRADE_EXCHANGE: 'simulator',
    MASTERTRADE_CLOCK: 'stepped',
  });
  const parts = await createWorkerParts(config, url, { wrapStore });
  const activities = parts.activitiesByQueue[taskQueues.exchange]?.activities as unknown as MarketActivities &
    VenueActivities;
  const run = <R>(work: () => Promise<R>): Promise<R> =>
    new MockActivityEnvironment({ scheduledTimestampMs: Date.now() }, { logger: new DefaultLogger('ERROR') }).run(work);

  let bar = 0;
  const tick = async (): Promise<{ readonly decisions: readonly Decision[]; readonly ms: number }> => {
    const to = marketStart + (bar + 1) * minute;
    await fetch(`${simulator.url}/admin/clock`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ to }),
    });
    const lastHandled = bar === 0 ? null : marketStart + (bar - 1) * minute;
    bar += 1;
    const started = performance.now();
    const { decisions } = await run(() => activities.handleClose({ ...market, lastHandled }));
    return { decisions, ms: performance.now() - started };
  };

  await run(() => activities.openAccount({ environment: 'paper', symbol }));
  const { decisions } = await tick();
  for (const decision of decisions) await run(() => activities.placeOrder(intentOf(decision, market.interval)));
  await tick();
  await tick();
  return {
    pool,
    nextClose: async () => (await tick()).ms,
    close: async () => {
      await parts.close();
      await simulator.close();
      await pool.end();
    },
  };
};
