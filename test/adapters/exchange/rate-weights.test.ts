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
let counted = { weight: 0, orders: 0 };

/** Lets everything pass and keeps what it was asked for and what the venue counted. */
const recorder: RateLimiter = {
  take: (call) => {
    taken.push(call);
    return Promise.resolve();
  },
  reserve: () => Promise.resolve(),
  observed: ({ kind, count }) => {
    counted = { ...counted, [kind]: count };
  },
  limitsAre: () => undefined,
  paused: () => Promise.resolve(),
};

beforeAll(async () => {
  // Windows of a day: none ends between two calls.
  const window = { interval: 'DAY', intervalNum: 1, limit: 1_000_000 } as const;
  simulator = await startSimulator({
    ...credentials,
    balances: { USDT: '1000000' },
    rateLimits: [
      { ...window, rateLimitType: 'REQUEST_WEIGHT' },
      { ...window, rateLimitType: 'ORDERS' },
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
    [
      'a pair',
      (exchange) =>
        exchange.privatePostOrderListOco({
          symbol,
          side: 'BUY',
          quantity: '0.001',
          belowType: 'LIMIT_MAKER',
          belowPrice: '10000',
          aboveType: 'STOP_LOSS',
          aboveStopPrice: '10000000',
        }),
    ],
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
    await client.clock.resync();
    const before = counted;
    taken = [];
    await client.call('fetch', 'public', call);
    expect(taken.length).toBeGreaterThan(0);
    expect({
      weight: taken.reduce((sum, { weight }) => sum + weight, 0),
      orders: taken.reduce((sum, { orders }) => sum + orders, 0),
    }).toEqual({ weight: counted.weight - before.weight, orders: counted.orders - before.orders });
  });

  it('is reserved for by what the slot is for', () => {
    expect(slotCost('order')).toEqual(costOf('POST', 'https://api.binance.com/api/v3/order'));
    expect(slotCost('pair')).toMatchObject({ weight: 1, orders: 2, priority: 'order' });
    expect(slotCost('cancel')).toMatchObject({ route: 'DELETE /api/v3/order', orders: 0, priority: 'order' });
  });

  it('is more than most where the route is not known, and grows with the levels of a book', () => {
    expect(costOf('GET', 'https://venue/api/v3/new')).toMatchObject({ weight: 20, priority: 'read' });
    const depth = [100, 500, 1_000, 5_000].map((limit) => costOf('GET', `https://venue/api/v3/depth?limit=${limit}`));
    expect(depth.map(({ weight }) => weight)).toEqual([5, 25, 50, 250]);
  });
});
