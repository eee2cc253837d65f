import { z } from 'zod';
import type { RateCount, RateLimit } from '../../domain/orders/rate-window.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { costOf } from './rate-weights.ts';

/** Stands between ccxt and the network: what leaves is paid for, what comes back is learned from. */
export interface RateGate {
  /** Resolves when the request may leave. @throws VenueFailure `wait`. */
  before(method: string, url: string): Promise<void>;
  /** Reads what a reply says of the limits; resolves once a pause stands in the book, with that pause in ms. */
  after(reply: Reply): Promise<number | null>;
}

interface Reply {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** The venue's own error code. */
  readonly code: string | null;
  readonly retryAfterMs: number | null;
}

/** Where the venue asks for a pause and does not say for how long: its window, and its shortest ban. */
const pauses: Readonly<Record<number, number>> = { 429: 60_000, 418: 120_000 };

const tooManyOrders = '-1015';

const intervals: Readonly<Record<string, number>> = { SECOND: 1_000, MINUTE: 60_000, HOUR: 3_600_000, DAY: 86_400_000 };
const kinds = { REQUEST_WEIGHT: 'weight', ORDERS: 'orders' } as const;

const limitsSchema = z.array(
  z.object({
    rateLimitType: z.string(),
    interval: z.string(),
    intervalNum: z.int().positive(),
    limit: z.int().positive(),
  }),
);

/**
 * The limits in an `exchangeInfo`, cut out of it: the whole is megabytes and ccxt parses it anyway. Null where there are
 * none. RAW_REQUESTS is left out: every request weighs at least 1, and five minutes of weight are less than it allows.
 */
export const limitsIn = (body: string): readonly RateLimit[] | null => {
  const start = body.indexOf('[', body.indexOf('"rateLimits"'));
  const end = body.indexOf(']', start);
  if (!body.includes('"rateLimits"') || end === -1) return null;
  try {
    const limits = limitsSchema.parse(JSON.parse(body.slice(start, end + 1))).flatMap((named) => {
      const kind = kinds[named.rateLimitType as keyof typeof kinds] as RateLimit['kind'] | undefined;
      const unit = intervals[named.interval];
      return kind === undefined || unit === undefined
        ? []
        : [{ kind, windowMs: unit * named.intervalNum, limit: named.limit }];
    });
    return limits.length > 0 ? limits : null;
  } catch {
    return null;
  }
};

const letters: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const countHeader = /^x-mbx-(used-weight|order-count)-(\d+)([smhd])$/;

/** What the venue counts, e.g. `x-mbx-used-weight-1m: 321`. */
export const countsIn = (headers: Headers): readonly RateCount[] =>
  [...headers].flatMap(([name, value]) => {
    const [, what, number, letter = ''] = countHeader.exec(name) ?? [];
    const unit = letters[letter];
    const count = Number(value);
    if (unit === undefined || !Number.isFinite(count)) return [];
    return [{ kind: what === 'order-count' ? 'orders' : 'weight', windowMs: unit * Number(number), count }] as const;
  });

export const createRateGate = (limiter: RateLimiter): RateGate => ({
  before: (method, url) => limiter.take(costOf(method, url)),
  after: async ({ url, status, headers, body, code, retryAfterMs }) => {
    if (status === 200 && new URL(url).pathname.endsWith('/exchangeInfo')) {
      const limits = limitsIn(body);
      if (limits !== null) limiter.limitsAre(limits);
    }
    for (const count of countsIn(headers)) limiter.observed(count);
    const usual = pauses[status];
    if (usual === undefined) return null;
    const pauseMs = retryAfterMs ?? usual;
    await limiter.paused(pauseMs, code === tooManyOrders ? 'orders' : 'all');
    return pauseMs;
  },
});
