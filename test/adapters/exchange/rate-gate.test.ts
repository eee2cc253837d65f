import { describe, expect, it } from 'vitest';
import { retryAfterOf } from '../../../src/adapters/exchange/observed-fetch.ts';
import { countsIn, createRateGate, limitsIn } from '../../../src/adapters/exchange/rate-gate.ts';
import type { RateLimiter } from '../../../src/adapters/exchange/rate-limiter.ts';

const exchangeInfo = JSON.stringify({
  timezone: 'UTC',
  rateLimits: [
    { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 6_000 },
    { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 100 },
    { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: 200_000 },
    { rateLimitType: 'RAW_REQUESTS', interval: 'MINUTE', intervalNum: 5, limit: 61_000 },
  ],
  symbols: [{ symbol: 'BTCUSDT', filters: [] }],
});

describe("the venue's limits", () => {
  it('are cut out of its exchangeInfo', () => {
    expect(limitsIn(exchangeInfo)).toEqual([
      { kind: 'weight', windowMs: 60_000, limit: 6_000 },
      { kind: 'orders', windowMs: 10_000, limit: 100 },
      { kind: 'orders', windowMs: 86_400_000, limit: 200_000 },
    ]);
  });

  it.each(['{}', '', '{"rateLimits":[{"rateLimitType":"ORDERS"}]}', '{"rateLimits":[', '{"rateLimits":[]}'])(
    'are not changed by %s',
    (body) => expect(limitsIn(body)).toBeNull(),
  );

  it('are counted in the headers', () => {
    const headers = new Headers({
      'X-MBX-USED-WEIGHT': '7',
      'X-MBX-USED-WEIGHT-1M': '321',
      'X-MBX-ORDER-COUNT-10S': '4',
      'X-MBX-ORDER-COUNT-1D': '90',
      'X-SAPI-USED-IP-WEIGHT-1M': '1',
    });
    expect(countsIn(headers)).toEqual([
      { kind: 'orders', windowMs: 10_000, count: 4 },
      { kind: 'orders', windowMs: 86_400_000, count: 90 },
      { kind: 'weight', windowMs: 60_000, count: 321 },
    ]);
  });
});

describe('Retry-After', () => {
  const date = 'Tue, 24 Nov 2026 13:00:00 GMT';
  it.each([
    ['seconds', { 'retry-after': '17' }, 17_000],
    ["a date, by the reply's own", { 'retry-after': 'Tue, 24 Nov 2026 13:01:30 GMT', date }, 90_000],
    ['a date that has passed', { 'retry-after': 'Tue, 24 Nov 2026 12:00:00 GMT', date }, 0],
    ['nothing that can be read', { 'retry-after': 'soon', date }, null],
    ['nothing', {}, null],
  ])('is read where it is %s', (_what, headers, ms) => expect(retryAfterOf(new Headers(headers))).toBe(ms));

  it('is read by our own clock where the reply has no date', () => {
    const ms = retryAfterOf(new Headers({ 'retry-after': new Date(Date.now() + 60_000).toUTCString() }));
    expect(ms).toBeGreaterThan(58_000);
    expect(ms).toBeLessThanOrEqual(60_000);
  });
});

describe('a pause', () => {
  const after = async (status: number, code: string | null, retryAfterMs: number | null) => {
    const paused: unknown[] = [];
    const limiter: RateLimiter = {
      take: () => Promise.resolve(),
      reserve: () => Promise.resolve(),
      observed: () => undefined,
      limitsAre: () => undefined,
      paused: (...pause) => Promise.resolve(void paused.push(pause)),
    };
    const reply = { url: 'https://venue/api/v3/order', status, headers: new Headers(), body: '', code, retryAfterMs };
    return { told: await createRateGate(limiter).after(reply), paused };
  };

  it.each([
    ['as long as a 429 says', 429, '-1003', 5_000, [[5_000, 'all']]],
    ['a minute where a 429 does not say', 429, null, null, [[60_000, 'all']]],
    ['two minutes where a ban does not say', 418, '-1003', null, [[120_000, 'all']]],
    ['of orders alone where there were too many of them', 429, '-1015', 9_000, [[9_000, 'orders']]],
    ['asked for by nothing else', 503, '-1003', 9_000, []],
  ] as const)('is %s', async (_what, status, code, retryAfterMs, pauses) => {
    const { told, paused } = await after(status, code, retryAfterMs);
    expect(paused).toEqual(pauses);
    expect(told).toBe(pauses[0]?.[0] ?? null);
  });
});
