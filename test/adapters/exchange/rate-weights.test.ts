import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CcxtClient, createCcxtClient } from '../../../src/adapters/exchange/ccxt-client.ts';
import type { CcxtExchange } from '../../../src/adapters/exchange/ccxt-exchange.ts';
import type { RateLimiter } from '../../../src/adapters/exchange/rate-limiter.ts';
import { costOf, type RateCall, slotCost } from '../../../src/adapters/exchange/rate-weights.ts';
import { type RunningSimulator, startSimulator } from '../../../src/simulator/server.ts';

const credentials = { apiKey: 'k'.repeat(64), secret: 's'.repeat(64) };
let simulator: RunningSimulator;
let client: CcxtClient;
let taken: RateCall[] = [];
let counted: { weight: number; orders: number };

/** Lets everything pass and keeps what it was asked for and what the venue counted. */
const recorder: RateLimiter = {
  take: (call) => {
    taken.push(call);
    return Promise.resolve();
  },
  reserve: () => Promise.resolve(),
  observed: ({ kind, windowMs, count }) => {
    if (windowMs <= 60_000) counted[kind] = count;
  },
  limitsAre: () => undefined,
  paused: () => Promise.resolve(),
};

beforeAll(async () => {
  // Windows of a day: none ends while a test counts.
  const window = { interval: 'MINUTE', intervalNum: 1 } as const;
  simulator = await startSimulator({
    ...credentials,
    rateLimits: [
      { ...window, rateLimitType: 'REQUEST_WEIGHT', limit: 1_000_000 },
      { ...window, rateLimitType: 'ORDERS', limit: 1_000_000 },
    ],
  });
  client = await createCcxtClient({
    exchange: 'binance',
    credentials,
    baseUrl: simulator.url,
    clockTtlMs: 0,
    msPerWeight: 0.001,
    limiter: recorder,
  });
  await client.call('fetch', 'public', (exchange) => exchange.loadMarkets());
});
afterAll(() => simulator.close());

const symbol = 'BTCUSDT';
const order = { symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.001', price: '10000' };

describe('what a call costs', () => {
  const calls: readonly (readonly [string, (exchange: CcxtExchange) => Promise<unknown>])[] = [
    ['time', (exchange) => exchange.publicGetTime()],
    ['markets', (exchange) => exchange.loadMarkets(true)],
    ['candles', (exchange) => exchange.publicGetKlines({ symbol, interval: '1m' })],
    ['an order', (exchange) => exchange.privatePostOrder({ ...order, newClientOrderId: 'one' })],
    ['an order looked up', (exchange) => exchange.fetchOrder(undefined, 'BTC/USDT', { clientOrderId: 'one' })],
    ['a cancel', (exchange) => exchange.cancelOrder(undefined, 'BTC/USDT', { clientOrderId: 'one' })],
    ['open orders of a symbol', (exchange) => exchange.privateGetOpenOrders({ symbol })],
    ['all open orders', (exchange) => exchange.privateGetOpenOrders()],
    ['trades of an order', (exchange) => exchange.privateGetMyTrades({ symbol, orderId: 1 })],
    ['trades', (exchange) => exchange.privateGetMyTrades({ symbol })],
    ['the account', (exchange) => exchange.privateGetAccount()],
    ["the key's permissions", (exchange) => exchange.sapiGetAccountApiRestrictions()],
  ];

  it.each(calls)('is what the venue counts: %s', async (_what, call) => {
    // A minute may end between two counts: then it is counted again.
    const attempt = async () => {
      counted = { weight: 0, orders: 0 };
      await client.call('fetch', 'public', (exchange) => exchange.publicGetTime());
      const before = counted.weight;
      taken = [];
      await client.call('fetch', 'signed', call);
      const own = taken.filter((_, index) => taken.length === 1 || index > 0 || taken[0]?.route !== 'GET /api/v3/time');
      return { asked: taken.reduce((sum, { weight }) => sum + weight, 0), found: counted.weight - before, own };
    };
    const { asked, found } = await attempt();
    if (found < 0) return void (await attempt());
    expect(asked).toBeGreaterThan(0);
    expect(found).toBe(asked);
  });
});
