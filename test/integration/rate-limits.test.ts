import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type DatabasePool, sql } from 'slonik';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type CcxtClient, createCcxtClient } from '../../src/adapters/exchange/ccxt-client.ts';
import { createMemoryRateBook, type RateBook } from '../../src/adapters/exchange/rate-book.ts';
import { createRateLimiter, type RateLimiter } from '../../src/adapters/exchange/rate-limiter.ts';
import { costOf } from '../../src/adapters/exchange/rate-weights.ts';
import { createDatabasePool } from '../../src/adapters/postgres/pool.ts';
import { readRateLimits, writeRateLimits } from '../../src/adapters/postgres/rate-limits.ts';
import { createStore } from '../../src/adapters/postgres/store.ts';
import { loadConfig } from '../../src/config.ts';
import { type RateLimit, usedOf } from '../../src/domain/orders/rate-window.ts';
import { VenueFailure } from '../../src/domain/orders/venue-failure.ts';
import { type RunningSimulator, startSimulator } from '../../src/simulator/server.ts';
import type { SimulatedRateLimit } from '../../src/simulator/usage.ts';
import { createVenues } from '../../src/venues.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const credentials = { apiKey: 'k'.repeat(64), secret: 's'.repeat(64) };
const account = 'simulator';
/** A worker that looked at the book within this may not know of another's pause yet. */
const lookEveryMs = 100;

let database: TestDatabase;
/** A pool for each of the two that stand for processes. */
let pools: readonly [DatabasePool, DatabasePool];
let simulator: RunningSimulator | null = null;

beforeAll(async () => {
  database = await createTestDatabase();
  pools = [await createDatabasePool(database.url), await createDatabasePool(database.url)];
});
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  await database.drop();
});
beforeEach(async () => {
  await pools[0].query(sql.unsafe`TRUNCATE rate_limits`);
});
afterEach(async () => {
  await simulator?.close();
  simulator = null;
});

const bookOn = (pool: DatabasePool): RateBook => ({
  read: () => readRateLimits(pool, account),
  write: (state, revision) => writeRateLimits(pool, account, state, revision),
});

const start = async (rateLimits: readonly SimulatedRateLimit[]): Promise<RunningSimulator> => {
  simulator = await startSimulator({ ...credentials, clock: 'wall', rateLimits });
  return simulator;
};

/** A client on `limiter`, its markets and the venue's limits loaded. */
const connectOn = async ({ url }: RunningSimulator, limiter: RateLimiter): Promise<CcxtClient> => {
  const client = await createCcxtClient({
    exchange: 'binance',
    credentials,
    baseUrl: url,
    msPerWeight: 0.001,
    limiter,
  });
  await client.call('fetch', 'public', (exchange) => exchange.loadMarkets());
  return client;
};
const limiterOn = (book: RateBook): RateLimiter => createRateLimiter({ book, lookEveryMs });
const connect = (running: RunningSimulator, book: RateBook): Promise<CcxtClient> => connectOn(running, limiterOn(book));

const weightOf = (limit: number, intervalNum: number): SimulatedRateLimit => ({
  rateLimitType: 'REQUEST_WEIGHT',
  interval: 'SECOND',
  intervalNum,
  limit,
});
const ordersOf = (limit: number, intervalNum: number): SimulatedRateLimit => ({
  rateLimitType: 'ORDERS',
  interval: 'SECOND',
  intervalNum,
  limit,
});

const klines = (client: CcxtClient): Promise<unknown> =>
  client.call('fetchOHLCV', 'public', (exchange) =>
    exchange.publicGetKlines({ symbol: 'BTCUSDT', interval: '1m', limit: 1 }),
  );
const openOrders = (client: CcxtClient): Promise<unknown> =>
  client.call('fetch', 'signed', (exchange) => exchange.privateGetOpenOrders({ symbol: 'BTCUSDT' }));
const cancel = (client: CcxtClient): Promise<unknown> =>
  client.call('cancelOrder', 'signed', (exchange) =>
    exchange.cancelOrder(undefined, 'BTC/USDT', { clientOrderId: 'a'.repeat(32) }),
  );

let placed = 0;
const place = async (client: CcxtClient): Promise<unknown> => {
  await client.reserveSlot('order');
  placed += 1;
  const order = {
    symbol: 'BTCUSDT',
    side: 'BUY',
    type: 'LIMIT',
    timeInForce: 'GTC',
    quantity: '0.001',
    price: '10000',
  };
  return await client.call('createOrder', 'signed', (exchange) =>
    exchange.privatePostOrder({ ...order, newClientOrderId: `order-${placed}` }),
  );
};

/** What it throws, or null. */
const failureOf = (call: Promise<unknown>): Promise<VenueFailure | null> =>
  call.then(
    () => null,
    (error: unknown) => {
      if (error instanceof VenueFailure) return error;
      throw error;
    },
  );

/** Calls as fast as it can until `until`, waits when it is told to, and gives the verdicts of what the venue refused. */
const hammer = async (client: CcxtClient, until: number): Promise<void> => {
  const calls = [klines, openOrders, klines, place];
  for (let turn = 0; performance.now() < until; turn += 1) {
    const failure = await failureOf((calls[turn % calls.length] ?? klines)(client));
    if (failure === null) continue;
    expect(failure).toMatchObject({ verdict: 'wait' });
    await sleep(Math.min(failure.retryAfterMs ?? 0, Math.max(0, until - performance.now())));
  }
};

describe('two workers on one account', () => {
  const limits = [weightOf(300, 5), ordersOf(15, 5)];
  const hammeredMs = 11_000;

  const run = async (limiters: readonly RateLimiter[]) => {
    const running = await start(limits);
    const clients = await Promise.all(limiters.map((limiter) => connectOn(running, limiter)));
    const until = performance.now() + hammeredMs;
    await Promise.all(clients.flatMap((client) => [hammer(client, until), hammer(client, until)]));
    return running.requestTotals();
  };

  it('that call as fast as they may are never refused by the venue', async () => {
    const { requests, refused } = await run([limiterOn(bookOn(pools[0])), limiterOn(bookOn(pools[1]))]);
    expect(`${refused} of ${requests} refused`).toBe(`0 of ${requests} refused`);
    // More than one window's worth: the limit was met, and not by standing still.
    expect(requests).toBeGreaterThan(120);
  });

  it('would be, if each kept to the limits by itself alone', async () => {
    const alone = (): RateLimiter => ({ ...limiterOn(createMemoryRateBook()), observed: () => undefined });
    const { refused } = await run([alone(), alone(), alone(), alone()]);
    expect(refused).toBeGreaterThan(0);
  });
});

describe('a ban', () => {
  it('that one worker is told stops the other before any request leaves', async () => {
    const running = await start([weightOf(6_000, 60)]);
    const [one, other] = [await connect(running, bookOn(pools[0])), await connect(running, bookOn(pools[1]))];
    // The other holds weight that it has taken and not spent.
    for (let call = 0; call < 4; call += 1) await klines(other);
    await fetch(`${running.url}/admin/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'ban', status: 418, ms: 30_000, times: 1 }),
    });
    expect(await failureOf(klines(one))).toMatchObject({ verdict: 'wait', retryAfterMs: 30_000 });
    const before = running.requestTotals();
    await sleep(lookEveryMs);
    const calls = [klines(other), openOrders(other), cancel(other), place(other), klines(one)];
    for (const failure of await Promise.all(calls.map(failureOf))) {
      expect(failure).toMatchObject({ verdict: 'wait' });
      expect(failure?.retryAfterMs).toBeGreaterThan(25_000);
      expect(failure?.retryAfterMs).toBeLessThanOrEqual(30_000);
    }
    expect(running.requestTotals()).toEqual(before);
  });
});

describe("the account's page", () => {
  const weight: RateLimit = { kind: 'weight', windowMs: 1_000, limit: 100 };
  const used = async (): Promise<number> => {
    const { state, now } = await readRateLimits(pools[0], account);
    return state === null ? 0 : usedOf(state, weight, now);
  };

  it('forgets the batch of a worker that was killed', async () => {
    const script = fileURLToPath(new URL('../support/rate-holder.ts', import.meta.url));
    const holder = spawn(process.execPath, [script, database.url, account, JSON.stringify([weight])], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    const limiter = createRateLimiter({ book: bookOn(pools[1]) });
    const calls = { route: 'GET /', weight: 75, orders: 0, priority: 'read' } as const;
    expect(await used()).toBeGreaterThan(8);
    expect(await failureOf(limiter.take(calls))).toMatchObject({ verdict: 'wait' });
    await expect.poll(used, { timeout: 10_000 }).toBe(0);
    await limiter.take(calls);
    expect(await used()).toBe(75);
  });

  it('is not touched by most calls, and holds what they took for sure', async () => {
    const book = bookOn(pools[0]);
    let [reads, writes] = [0, 0];
    const limiter = createRateLimiter({
      lookEveryMs: 60_000,
      book: {
        read: () => ((reads += 1), book.read()),
        write: (...page) => ((writes += 1), book.write(...page)),
      },
    });
    for (let call = 0; call < 500; call += 1) await limiter.take(costOf('GET', 'https://venue/api/v3/klines'));
    const { state, now } = await book.read();
    const minute: RateLimit = { kind: 'weight', windowMs: 60_000, limit: 6_000 };
    const taken = state === null ? 0 : usedOf(state, minute, now);
    expect(taken).toBeGreaterThanOrEqual(1_000);
    expect(taken).toBeLessThanOrEqual(1_100);
    expect(writes).toBeLessThan(25);
    expect(reads).toBe(writes);
  });

  it('is corrected where the venue has counted more: others use the same address', async () => {
    const running = await start([weightOf(6_000, 60), ordersOf(100, 10)]);
    const client = await connect(running, bookOn(pools[0]));
    for (let call = 0; call < 50; call += 1) await fetch(`${running.url}/api/v3/exchangeInfo`);
    await klines(client);
    await sleep(lookEveryMs);
    await klines(client);
    const { state, now } = await readRateLimits(pools[0], account);
    expect(state && usedOf(state, { kind: 'weight', windowMs: 60_000, limit: 6_000 }, now)).toBeGreaterThan(1_000);
  });

  it('holds the limits that the venue names', async () => {
    const running = await start([weightOf(777, 60), ordersOf(11, 10)]);
    await klines(await connect(running, bookOn(pools[0])));
    await createRateLimiter({ book: bookOn(pools[1]) }).reserve(costOf('POST', 'https://venue/api/v3/order'));
    expect((await readRateLimits(pools[1], account)).state?.limits).toEqual([
      { kind: 'weight', windowMs: 60_000, limit: 777 },
      { kind: 'orders', windowMs: 10_000, limit: 11 },
    ]);
  });

  it("is one for all of a worker's venues", async () => {
    const running = await start([weightOf(6_000, 60), ordersOf(100, 10)]);
    const config = loadConfig({
      DATABASE_URL: database.url,
      MASTERTRADE_HOME: '/nonexistent',
      MASTERTRADE_SIMULATOR_URL: running.url,
      MASTERTRADE_SIMULATOR_API_KEY: credentials.apiKey,
      MASTERTRADE_SIMULATOR_API_SECRET: credentials.secret,
    });
    const { marketData, venueFor } = await createVenues(config, createStore(pools[0]));
    await marketData.market('BTCUSDT');
    const live = await venueFor('live');
    await live.openOrders();
    await live.reserveSlot('pair');
    const { state, now } = await readRateLimits(pools[0], account);
    const [weight = 0, orders] = state?.limits.map((limit) => usedOf(state, limit, now)) ?? [];
    // Markets 20, the open orders 80, the time before them 1, the pair 1; and perhaps a first batch.
    expect(weight).toBeGreaterThanOrEqual(102);
    expect(weight).toBeLessThanOrEqual(122);
    expect(orders).toBe(2);
    const { rows } = await pools[0].query(sql.type(z.object({ account: z.string() }))`SELECT account FROM rate_limits`);
    expect(rows).toEqual([{ account }]);
  });

  it('stops everything while it cannot be read', async () => {
    const pool = await createDatabasePool(database.url);
    const limiter = createRateLimiter({ book: bookOn(pool) });
    await pool.end();
    expect(await failureOf(limiter.take(costOf('GET', 'https://venue/api/v3/klines')))).toMatchObject({
      verdict: 'wait',
      retryAfterMs: 1_000,
    });
  });
});

describe('what is kept for orders', () => {
  it('lets a cancel and an order through while reads are used up', async () => {
    const running = await start([weightOf(300, 60), ordersOf(10, 10)]);
    const client = await connect(running, bookOn(pools[0]));
    let failure: VenueFailure | null = null;
    while (failure === null) failure = await failureOf(openOrders(client));
    expect(failure).toMatchObject({ verdict: 'wait' });
    expect(failure.retryAfterMs).toBeGreaterThan(1_000);
    expect(await failureOf(cancel(client))).toMatchObject({ verdict: 'not_found', code: '-2011' });
    expect(await failureOf(place(client))).toBeNull();
    expect(await failureOf(openOrders(client))).toMatchObject({ verdict: 'wait' });
    expect(running.requestTotals().refused).toBe(0);
  });

  it('is taken once for an order whose slot was reserved', async () => {
    const running = await start([weightOf(6_000, 60), ordersOf(3, 60)]);
    const client = await connect(running, bookOn(pools[0]));
    for (let order = 0; order < 3; order += 1) expect(await failureOf(place(client))).toBeNull();
    const fourth = await failureOf(place(client));
    expect(fourth).toMatchObject({ verdict: 'wait' });
    expect(fourth?.message).toMatch("POST /api/v3/order: not sent, the account's request limit is used up");
    expect(running.requestTotals().refused).toBe(0);
  });
});
