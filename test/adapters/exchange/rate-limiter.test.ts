import { describe, expect, it } from 'vitest';
import { createMemoryRateBook, type RateBook } from '../../../src/adapters/exchange/rate-book.ts';
import { createRateLimiter, type RateLimiter } from '../../../src/adapters/exchange/rate-limiter.ts';
import { costOf, slotCost } from '../../../src/adapters/exchange/rate-weights.ts';
import { type RateLimit, usedOf } from '../../../src/domain/orders/rate-window.ts';
import { VenueFailure } from '../../../src/domain/orders/venue-failure.ts';

const klines = costOf('GET', 'https://venue/api/v3/klines');
const order = slotCost('order');
const cancel = slotCost('cancel');

const failureOf = (call: Promise<void>): Promise<unknown> =>
  call.then(
    () => null,
    (error: unknown) => error,
  );

/** What stands in the book against `limit`. */
const usedIn = async (book: RateBook, limit: RateLimit): Promise<number> => {
  const { state, now } = await book.read();
  return state === null ? 0 : usedOf(state, limit, now);
};

describe('a short pause', () => {
  it('is waited for by what may wait, and told to an order that holds no slot', async () => {
    const limiter = createRateLimiter();
    await limiter.paused(150, 'all');
    const asked = performance.now();
    expect(await failureOf(limiter.take(order))).toMatchObject({ verdict: 'wait' });
    expect(performance.now() - asked).toBeLessThan(100);
    await Promise.all([limiter.take(klines), limiter.reserve(order)]);
    expect(performance.now() - asked).toBeGreaterThanOrEqual(145);
  });
});

describe('a longer pause', () => {
  it('is told at once, with what is left of it', async () => {
    const limiter = createRateLimiter();
    await limiter.paused(5_000, 'all');
    for (const call of [limiter.take(klines), limiter.take(cancel), limiter.reserve(order)]) {
      const failure = await failureOf(call);
      expect(failure).toBeInstanceOf(VenueFailure);
      expect(failure).toMatchObject({
        verdict: 'wait',
        retryAfterMs: expect.toSatisfy((ms) => ms > 4_000 && ms <= 5_000),
      });
    }
  });

  it('of orders stops neither reads nor cancels', async () => {
    const limiter = createRateLimiter();
    await limiter.paused(5_000, 'orders');
    await limiter.take(klines);
    await limiter.take(cancel);
    expect(await failureOf(limiter.reserve(order))).toMatchObject({ verdict: 'wait' });
  });

  it('beats a slot that was reserved before it', async () => {
    const limiter = createRateLimiter();
    await limiter.reserve(order);
    await limiter.paused(5_000, 'orders');
    expect(await failureOf(limiter.take(order))).toMatchObject({ verdict: 'wait' });
  });

  it('holds here while the book is out of reach, and is written when it is back', async () => {
    const book = createMemoryRateBook();
    let reachable = true;
    const reach = <T>(use: () => Promise<T>): Promise<T> => (reachable ? use() : Promise.reject(new Error('gone')));
    const limiter = createRateLimiter({
      book: { read: () => reach(() => book.read()), write: (...page) => reach(() => book.write(...page)) },
    });
    await limiter.take(klines);
    reachable = false;
    await limiter.paused(5_000, 'all');
    expect(await failureOf(limiter.take(klines))).toMatchObject({
      message: expect.stringMatching('asked for a pause'),
    });
    reachable = true;
    await limiter.paused(1, 'all');
    expect(await failureOf(createRateLimiter({ book }).take(klines))).toMatchObject({ verdict: 'wait' });
  });
});

describe('a slot', () => {
  const tenSeconds: RateLimit = { kind: 'orders', windowMs: 10_000, limit: 100 };

  it('is spent by one order and taken once', async () => {
    const book = createMemoryRateBook();
    const limiter = createRateLimiter({ book });
    await limiter.reserve(order);
    await limiter.take(order);
    expect(await usedIn(book, tenSeconds)).toBe(1);
    await limiter.take(order);
    expect(await usedIn(book, tenSeconds)).toBe(2);
  });

  it('that lapsed while the book was slow to write it is taken anew', async () => {
    const book = createMemoryRateBook();
    let slowWrites = 1;
    const write: RateBook['write'] = async (...page) => {
      const delayMs = slowWrites > 0 ? 2_100 : 0;
      slowWrites -= 1;
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      return await book.write(...page);
    };
    const limiter = createRateLimiter({ book: { ...book, write } });
    await limiter.reserve(order);
    expect(await usedIn(book, tenSeconds)).toBe(2);
    await limiter.take(order);
    expect(await usedIn(book, tenSeconds)).toBe(2);
  });

  it('is not spent by another kind of call', async () => {
    const book = createMemoryRateBook();
    const limiter = createRateLimiter({ book });
    await limiter.reserve(order);
    await limiter.take(cancel);
    await limiter.take(slotCost('pair'));
    await limiter.take(order);
    expect(await usedIn(book, tenSeconds)).toBe(3);
  });
});

describe('many at once', () => {
  const limits: readonly RateLimit[] = [
    { kind: 'weight', windowMs: 60_000, limit: 100 },
    { kind: 'orders', windowMs: 10_000, limit: 7 },
  ];

  /** A book whose answers come later, so that its readers overtake one another. */
  const slowBook = (): RateBook => {
    const book = createMemoryRateBook();
    let turn = 0;
    const later = <T>(use: () => Promise<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        turn += 1;
        setTimeout(() => void use().then(resolve, reject), turn % 3);
      });
    return { read: () => later(() => book.read()), write: (...page) => later(() => book.write(...page)) };
  };

  it('get no more than there is, over three limiters on one book, and orders get theirs beside reads', async () => {
    const book = slowBook();
    const limiters: readonly RateLimiter[] = [1, 2, 3].map(() => createRateLimiter({ book }));
    for (const limiter of limiters) limiter.limitsAre(limits);
    await Promise.all(limiters.map((limiter) => limiter.take(cancel)));
    const calls = limiters.flatMap((limiter) => [
      ...Array.from({ length: 40 }, () => limiter.take(klines).then(() => 'read')),
      ...Array.from({ length: 5 }, () => limiter.take(order).then(() => 'order')),
    ]);
    const settled = await Promise.allSettled(calls);
    const passed = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(passed.filter((what) => what === 'order')).toHaveLength(7);
    const reads = passed.filter((what) => what === 'read').length;
    expect(reads * 2 + 7 + 3).toBeLessThanOrEqual(80 + 7);
    expect(reads).toBeGreaterThan(25);
    expect(await usedIn(book, limits[0] ?? { kind: 'weight', windowMs: 1, limit: 0 })).toBeLessThanOrEqual(100);
  });
});
