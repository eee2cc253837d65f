import { afterEach, beforeEach, expect, it } from 'vitest';
import { createPushWatch, type PushWatch, type PushWatchOptions } from '../../../src/adapters/exchange/push-watch.ts';
import { type PushingExchange, startPushingExchange } from './pushing-exchange.ts';

const credentials = { apiKey: 'k'.repeat(64), secret: 's'.repeat(64) };
const patience = { timeout: 4_000 };
let exchange: PushingExchange;
let news = 0;
let troubles: string[] = [];
let watches: PushWatch[] = [];

const watch = async (over: Partial<PushWatchOptions> = {}): Promise<PushWatch> => {
  const created = await createPushWatch({
    exchange: 'binance',
    credentials,
    url: exchange.url,
    pausesMs: [20, 100],
    onNews: () => {
      news += 1;
    },
    onTrouble: (reason) => {
      troubles.push(reason);
    },
    ...over,
  });
  watches.push(created);
  return created;
};
const isSubscribed = (times: number) => expect.poll(() => exchange.subscriptions.length, patience).toBe(times);

beforeEach(async () => {
  exchange = await startPushingExchange(credentials);
  [news, troubles, watches] = [0, [], []];
});
afterEach(async () => {
  await Promise.all(watches.map((each) => each.close()));
  await exchange.close();
});

it('subscribes once, signed with the time it is given, and says that there is news of orders, not of balances', async () => {
  await watch({ now: () => 1_234 });
  await isSubscribed(1);
  expect(exchange.subscriptions[0]?.params).toMatchObject({ apiKey: credentials.apiKey, timestamp: 1_234 });
  exchange.pushBalance();
  exchange.pushFill();
  await expect.poll(() => news, patience).toBe(1);
  exchange.pushFill();
  await expect.poll(() => news, patience).toBe(2);
  expect(exchange.subscriptions).toHaveLength(1);
  expect(troubles).toEqual([]);
});

it('comes back after a lost connection, and has one look at what it may have missed', async () => {
  await watch();
  await isSubscribed(1);
  exchange.dropConnections();
  await expect.poll(() => news, patience).toBe(1);
  expect(troubles.length).toBeGreaterThan(0);
  await isSubscribed(2);
  exchange.pushFill();
  await expect.poll(() => news, patience).toBe(2);
});

it('keeps trying where it is refused, without its secrets in what it says', async () => {
  exchange.refuse({ code: -2015, msg: 'Invalid API-key, IP, or permissions for action.' });
  await watch();
  await expect.poll(() => troubles.length, patience).toBeGreaterThan(2);
  expect(troubles[0]).toContain('Invalid API-key');
  expect(troubles.join()).not.toMatch(/k{20}|s{20}|[0-9a-f]{64}/);
  exchange.refuse(null);
  const before = exchange.subscriptions.length;
  await expect.poll(() => exchange.subscriptions.length, patience).toBeGreaterThan(before);
  const seen = news;
  exchange.pushFill();
  await expect.poll(() => news, patience).toBeGreaterThan(seen);
});

it('keeps trying where nobody listens', async () => {
  await exchange.close();
  await watch();
  await expect.poll(() => troubles.length, patience).toBeGreaterThan(1);
  exchange = await startPushingExchange(credentials);
});

it('is silent once closed', async () => {
  const closing = await watch();
  await isSubscribed(1);
  await closing.close();
  await expect.poll(() => exchange.connections(), patience).toBe(0);
  expect([news, troubles]).toEqual([0, []]);
});

it('is not for an exchange that nobody has tested', async () => {
  await expect(watch({ exchange: 'kraken' })).rejects.toMatchObject({ name: 'VenueNotSupported' });
});
