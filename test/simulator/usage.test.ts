import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type RunningSimulator, startSimulator } from '../../src/simulator/server.ts';
import { createUsageMeter, type SimulatedRateLimit } from '../../src/simulator/usage.ts';
import { credentials } from './simulator-client.ts';

const weightPerMinute = (limit: number): SimulatedRateLimit => ({
  rateLimitType: 'REQUEST_WEIGHT',
  interval: 'MINUTE',
  intervalNum: 1,
  limit,
});
const ordersPer10s = (limit: number): SimulatedRateLimit => ({
  rateLimitType: 'ORDERS',
  interval: 'SECOND',
  intervalNum: 10,
  limit,
});
const ordersPerDay: SimulatedRateLimit = { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: 1_000 };

describe('the meter', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2024, 0, 1, 0, 0, 20) }));
  afterEach(() => void vi.useRealTimers());
  const read = { weight: 10, orders: 0 };
  const order = { weight: 1, orders: 1 };

  test('refuses what is beyond the weight of a minute until the minute is over', () => {
    const meter = createUsageMeter([weightPerMinute(30)]);
    for (let n = 0; n < 3; n += 1) expect(meter.admit(read)).toBeNull();
    expect(meter.admit(read)).toMatchObject({ retryAfterSeconds: 40, error: { status: 429, code: -1003 } });
    expect(meter.headers(read)).toEqual({ 'x-mbx-used-weight-1m': '40' });
    vi.setSystemTime(Date.UTC(2024, 0, 1, 0, 1));
    expect(meter.admit(read)).toBeNull();
    expect(meter.totals()).toEqual({ requests: 5, refused: 1 });
  });

  test('bans a client that goes on in spite of it, the second time for twice as long', () => {
    const meter = createUsageMeter([weightPerMinute(5)]);
    const statuses = (): (number | undefined)[] => Array.from({ length: 4 }, () => meter.admit(read)?.error.status);
    expect(statuses()).toEqual([429, 429, 429, 418]);
    expect(meter.admit(read)).toMatchObject({ retryAfterSeconds: 120 });
    vi.setSystemTime(Date.now() + 119_000);
    expect(meter.admit(order)).toMatchObject({ retryAfterSeconds: 1, error: { status: 418 } });
    vi.setSystemTime(Date.UTC(2024, 0, 1, 0, 3));
    expect(meter.admit(order)).toBeNull();
    expect(statuses()).toEqual([429, 429, 429, 418]);
    expect(meter.admit(read)).toMatchObject({ retryAfterSeconds: 240 });
  });

  test('counts the orders that were taken, and refuses only orders beyond their limit', () => {
    const meter = createUsageMeter([ordersPer10s(2), ordersPerDay]);
    for (let n = 0; n < 2; n += 1) {
      expect(meter.admit(order)).toBeNull();
      meter.countOrders(1);
    }
    expect(meter.admit(order)).toMatchObject({ retryAfterSeconds: 10, error: { status: 429, code: -1015 } });
    expect(meter.admit(read)).toBeNull();
    expect(meter.headers(order)).toEqual({ 'x-mbx-order-count-10s': '2', 'x-mbx-order-count-1d': '2' });
    expect(meter.headers(read)).toEqual({});
    vi.setSystemTime(Date.now() + 10_000);
    expect(meter.admit(order)).toBeNull();
  });
});

describe('over HTTP', () => {
  let simulator: RunningSimulator;
  const start = async (rateLimits: readonly SimulatedRateLimit[]) => {
    simulator = await startSimulator({ ...credentials, rateLimits });
  };
  afterEach(() => simulator.close());
  const get = (path: string) => fetch(`${simulator.url}${path}`);
  const place = async (): Promise<Response> => {
    const { serverTime } = (await (await get('/api/v3/time')).json()) as { serverTime: number };
    const body = `symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&timestamp=${serverTime}`;
    const signature = createHmac('sha256', credentials.secret).update(body).digest('hex');
    return await fetch(`${simulator.url}/api/v3/order`, {
      method: 'POST',
      headers: { 'x-mbx-apikey': credentials.apiKey, 'content-type': 'application/x-www-form-urlencoded' },
      body: `${body}&signature=${signature}`,
    });
  };

  test('names its limits and counts by the route and its parameters', async () => {
    const limits = [weightPerMinute(5_000), ordersPer10s(9)];
    await start(limits);
    const used = async (path: string): Promise<number> => Number((await get(path)).headers.get('x-mbx-used-weight-1m'));
    expect(await used('/api/v3/exchangeInfo')).toBe(20);
    expect(await used('/api/v3/depth?symbol=BTCUSDT&limit=1000')).toBe(70);
    expect(await used('/api/v3/ticker/24hr')).toBe(150);
    expect(await used('/api/v3/ticker/24hr?symbol=BTCUSDT')).toBe(152);
    expect(await (await get('/api/v3/exchangeInfo')).json()).toMatchObject({ rateLimits: limits });
  });

  test('answers 429 with Retry-After, and nothing takes effect', async () => {
    await start([weightPerMinute(1_000), ordersPer10s(1)]);
    const first = await place();
    expect(first.status).toBe(200);
    expect(first.headers.get('x-mbx-order-count-10s')).toBe('1');
    const second = await place();
    expect(second.status).toBe(429);
    expect(await second.json()).toMatchObject({ code: -1015 });
    expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(0);
    const { orders } = (await (await get('/admin/ledger')).json()) as { orders: unknown[] };
    expect(orders).toHaveLength(1);
    expect(simulator.requestTotals()).toEqual({ requests: 4, refused: 1 });
  });
});
