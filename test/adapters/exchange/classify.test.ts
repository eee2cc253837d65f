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

describe("what a failure means, by the errors that ccxt's own class makes of HTTP replies", () => {
  const table: readonly (readonly [Told, string, Scripted, VenueVerdict])[] = [
    ['createOrder', 'no balance', error(-2010, 'Account has insufficient balance for requested action.'), 'rejected'],
    ['createOrder', 'another -2010', error(-2010, 'Rest of the book is gone.'), 'rejected'],
    ['createOrder', 'duplicate', error(-2010, 'Duplicate order sent.'), 'ambiguous'],
    ['createOrder', 'lot size', error(-1013, 'Filter failure: LOT_SIZE'), 'rejected'],
    ['createOrder', 'price filter', error(-1013, 'Filter failure: PRICE_FILTER'), 'rejected'],
    ['createOrder', 'notional', error(-1013, 'Filter failure: NOTIONAL'), 'rejected'],
    ['createOrder', 'market closed', error(-1013, 'Market is closed.'), 'rejected'],
    ['createOrder', 'bad symbol', error(-1121, 'Invalid symbol.'), 'rejected'],
    ['createOrder', 'bad parameter', error(-1102, "Mandatory parameter 'x' was not sent."), 'rejected'],
    ['createOrder', 'bad signature', error(-1022, 'Signature for this request is not valid.'), 'fatal'],
    ['createOrder', 'bad key', error(-2015, 'Invalid API-key, IP, or permissions for action.', 401), 'fatal'],
    ['createOrder', 'not permitted', error(-2010, 'This symbol is not permitted for this account.'), 'fatal'],
    ['createOrder', 'location', html(451), 'fatal'],
    ['createOrder', 'too many requests', error(-1003, 'Too much request weight used.', 429), 'wait'],
    ['createOrder', 'too many orders', error(-1015, 'Too many new orders.'), 'wait'],
    ['createOrder', 'clock', error(-1021, 'Timestamp for this request is outside of the recvWindow.'), 'wait'],
    ['createOrder', 'unknown execution', error(-1006, 'Execution status unknown.'), 'ambiguous'],
    ['createOrder', 'backend timeout', error(-1007, 'Send status unknown; execution status unknown.'), 'ambiguous'],
    ['createOrder', 'internal error', error(-1000, 'An unknown error occurred.'), 'ambiguous'],
    ['createOrder', 'a code nobody knows', error(-9999, 'What is this?'), 'ambiguous'],
    ['createOrder', '503 with a body', error(-1008, 'Server is currently overloaded.', 503), 'ambiguous'],
    ['createOrder', '503 with the code of a refusal', error(-1013, 'Filter failure: LOT_SIZE', 503), 'ambiguous'],
    [
      'createOrder',
      '503 with the code of a rate limit',
      error(-1003, 'Too much request weight used.', 503),
      'ambiguous',
    ],
    ['createOrder', '502', html(502), 'ambiguous'],
    ['createOrder', '504', html(504), 'ambiguous'],
    ['createOrder', '403', html(403), 'ambiguous'],
    [
      'createOrder',
      'maintenance',
      { status: 200, body: { code: 1, msg: 'System is under maintenance.' } },
      'ambiguous',
    ],
    ['createOrder', 'reset', 'reset', 'ambiguous'],
    ['createOrder', 'cut body', 'cut body', 'ambiguous'],
    ['cancelOrder', 'unknown order', error(-2011, 'Unknown order sent.'), 'not_found'],
    ['cancelOrder', 'account disabled', error(-2011, 'This action is disabled on this account.'), 'fatal'],
    ['cancelOrder', 'bad key', error(-2015, 'Invalid API-key, IP, or permissions for action.', 401), 'fatal'],
    ['cancelOrder', '503', html(503), 'wait'],
    ['cancelOrder', 'reset', 'reset', 'wait'],
    ['fetchOrder', 'no such order', error(-2013, 'Order does not exist.'), 'not_found'],
    ['fetchOrder', 'a clock that stays wrong', error(-1021, 'Timestamp for this request is outside.'), 'wait'],
    ['fetchOrder', 'bad key', error(-2014, 'API-key format invalid.', 401), 'fatal'],
    ['fetchOrder', '500', error(-1000, 'An unknown error occurred.', 500), 'wait'],
    ['fetchOrder', 'cut body', 'cut body', 'wait'],
    ['fetchOHLCV', 'bad symbol', error(-1121, 'Invalid symbol.'), 'fatal'],
    ['fetchOHLCV', 'bad interval', error(-1120, 'Invalid interval.'), 'fatal'],
    ['fetchOHLCV', '502', html(502), 'wait'],
    ['fetchOHLCV', 'reset', 'reset', 'wait'],
  ];

  it.each(table)('%s, %s', async (call, _what, answer, verdict) => {
    const failure = await failureOf(await connect(), call, answer);
    expect({ verdict: failure.verdict, message: failure.message }).toEqual({ verdict, message: failure.message });
    expect(failure.message).not.toMatch(/signature=|timestamp=|nobody-may-see/);
  });

  it.each(['hang', 'hang within the body'] as const)('an order whose reply is a %s is ambiguous', async (answer) => {
    const failure = await failureOf(await connect(500), 'createOrder', answer);
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
