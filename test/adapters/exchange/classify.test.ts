import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCcxtClient, type CcxtClient } from '../../../src/adapters/exchange/ccxt-client.ts';
import type { CcxtExchange } from '../../../src/adapters/exchange/ccxt-exchange.ts';
import type { VenueCall } from '../../../src/adapters/exchange/classify.ts';
import { VenueFailure, type VenueVerdict } from '../../../src/domain/orders/venue-failure.ts';
import { type Scripted, type ScriptedExchange, startScriptedExchange } from './scripted-exchange.ts';

const apiKey = 'the-api-key-that-nobody-may-see';
const secret = 'the-secret-that-nobody-may-see';
let exchange: ScriptedExchange;

const connect = async (timeoutMs = 5_000): Promise<CcxtClient> => {
  const client = await createCcxtClient({
    exchange: 'binance',
    credentials: { apiKey, secret },
    baseUrl: exchange.url,
    msPerWeight: 1,
    timeoutMs,
  });
  await client.call('fetch', 'public', (ccxt) => ccxt.loadMarkets());
  return client;
};

type Told = Exclude<VenueCall, 'fetch'>;

const routes: Record<Told, string> = {
  createOrder: 'POST /api/v3/order',
  cancelOrder: 'DELETE /api/v3/order',
  fetchOrder: 'GET /api/v3/order',
  fetchOHLCV: 'GET /api/v3/klines',
};
const runs: Record<Told, (ccxt: CcxtExchange) => Promise<unknown>> = {
  createOrder: (ccxt) =>
    ccxt.privatePostOrder({
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: '0.5',
      price: '100',
      newClientOrderId: 'a'.repeat(32),
      timestamp: Date.now(),
    }),
  cancelOrder: (ccxt) => ccxt.cancelOrder(undefined, 'BTC/USDT', { clientOrderId: 'a'.repeat(32) }),
  fetchOrder: (ccxt) => ccxt.fetchOrder(undefined, 'BTC/USDT', { clientOrderId: 'a'.repeat(32) }),
  fetchOHLCV: (ccxt) => ccxt.publicGetKlines({ symbol: 'BTCUSDT', interval: '1m' }),
};

const failureOf = async (client: CcxtClient, call: Told, answer: Scripted): Promise<VenueFailure> => {
  exchange.on(routes[call], answer);
  const caught: unknown = await client
    .call(call, call === 'fetchOHLCV' ? 'public' : 'signed', runs[call])
    .catch((e: unknown) => e);
  expect(caught).toBeInstanceOf(VenueFailure);
  return caught as VenueFailure;
};

const error = (code: number, msg: string, status = 400): Scripted => ({ status, body: { code, msg } });
const html = (status: number): Scripted => ({
  status,
  headers: { 'content-type': 'text/html' },
  body: '<html>no</html>',
});

beforeAll(async () => {
  exchange = await startScriptedExchange();
});
afterAll(() => exchange.close());

/** What the simulator does not do: pages of a gateway, and connections that break within a body. */
describe("what a failure means, by the errors that ccxt's own class makes of replies", () => {
  const table: readonly (readonly [Told, string, Scripted, VenueVerdict])[] = [
    ['createOrder', 'location', html(451), 'fatal'],
    ['createOrder', 'the page of a firewall', html(403), 'ambiguous'],
    ['createOrder', 'cut body', 'cut body', 'ambiguous'],
    ['cancelOrder', 'location', html(451), 'fatal'],
    ['cancelOrder', 'cut body', 'cut body', 'wait'],
    ['fetchOrder', 'the page of a firewall', html(403), 'wait'],
    ['fetchOrder', 'cut body', 'cut body', 'wait'],
    ['fetchOHLCV', 'cut body', 'cut body', 'wait'],
  ];

  it.each(table)('%s, %s', async (call, _what, answer, verdict) => {
    const failure = await failureOf(await connect(), call, answer);
    expect({ verdict: failure.verdict, message: failure.message }).toEqual({ verdict, message: failure.message });
    expect(failure.message).not.toMatch(/signature=|timestamp=|nobody-may-see/);
  });

  it('an order whose reply hangs within its body is ambiguous', async () => {
    const failure = await failureOf(await connect(500), 'createOrder', 'hang within the body');
    expect(failure.verdict).toBe('ambiguous');
    expect(failure.message).toContain('RequestTimeout');
    expect(failure.message).not.toMatch(/signature=|timestamp=|nobody-may-see/);
  });

  it('keeps secrets out even where the venue or the error repeats them', async () => {
    const client = await connect();
    const echoed = `bad request signature=0123abc X-MBX-APIKEY: ${apiKey} at https://api.binance.com/x?timestamp=1&signature=2`;
    const { message } = await failureOf(client, 'createOrder', error(-1102, echoed));
    expect(message).toContain('https://api.binance.com/x');
    expect(message).not.toMatch(/0123abc|signature=2|nobody-may-see/);
  });
});

describe('an order that never left', () => {
  it('waits where the clock could not be read', async () => {
    const before = exchange.requests('POST /api/v3/order').length;
    exchange.on('GET /api/v3/time', 'reset');
    const clockless = await createCcxtClient({
      exchange: 'binance',
      credentials: { apiKey, secret },
      baseUrl: exchange.url,
      msPerWeight: 1,
    });
    await expect(clockless.call('createOrder', 'signed', (ccxt) => ccxt.loadMarkets())).rejects.toMatchObject({
      verdict: 'wait',
    });
    exchange.on('GET /api/v3/time', () => ({ body: { serverTime: Date.now() } }));
    expect(exchange.requests('POST /api/v3/order')).toHaveLength(before);
  });

  it('is fatal without a key', async () => {
    const keyless = await createCcxtClient({
      exchange: 'binance',
      credentials: null,
      baseUrl: exchange.url,
      msPerWeight: 1,
    });
    await keyless.call('fetch', 'public', (ccxt) => ccxt.loadMarkets());
    const before = exchange.seen.length;
    await expect(keyless.call('createOrder', 'public', runs.createOrder)).rejects.toMatchObject({
      verdict: 'fatal',
    });
    expect(exchange.seen).toHaveLength(before);
  });
});

describe('rate limits', () => {
  it.each([429, 418])('a %d carries Retry-After, and nothing leaves until it has passed', async (status) => {
    const client = await connect();
    const banned: Scripted = {
      status,
      headers: { 'retry-after': '7' },
      body: { code: -1003, msg: 'Way too much request weight used.' },
    };
    const first = await failureOf(client, 'fetchOHLCV', banned);
    expect(first).toMatchObject({ verdict: 'wait', retryAfterMs: 7_000, code: '-1003' });
    const seen = exchange.seen.length;
    const second = await failureOf(client, 'fetchOHLCV', banned);
    expect(second.verdict).toBe('wait');
    expect(second.retryAfterMs).toBeGreaterThan(6_000);
    expect(second.retryAfterMs).toBeLessThanOrEqual(7_000);
    expect(exchange.seen).toHaveLength(seen);
  });

  it('tells concurrent calls apart: only the limited one carries the pause', async () => {
    const client = await connect();
    exchange.on('GET /api/v3/klines', {
      status: 429,
      headers: { 'retry-after': '3' },
      body: { code: -1003, msg: 'Slow.' },
    });
    exchange.on('GET /api/v3/order', error(-2013, 'Order does not exist.'));
    const signed = runs.fetchOrder;
    const publicRead = runs.fetchOHLCV;
    const [order, klines] = await Promise.all([
      client.call('fetchOrder', 'public', signed).catch((e: unknown) => e),
      client.call('fetchOHLCV', 'public', publicRead).catch((e: unknown) => e),
    ]);
    expect(order).toMatchObject({ verdict: 'not_found', retryAfterMs: null, code: '-2013' });
    expect(klines).toMatchObject({ verdict: 'wait', retryAfterMs: 3_000, code: '-1003' });
  });
});
