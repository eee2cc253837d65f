import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  coveredSlices,
  orderReserve,
  pauseLeft,
  type RateLimit,
  type RateState,
  sliceMs,
  takeForCall,
  takeRate,
  usedOf,
  withLimits,
  withPause,
  withVenueCount,
} from '../../../src/domain/orders/rate-window.ts';

const minute: RateLimit = { kind: 'weight', windowMs: 60_000, limit: 1_000 };
const empty = (limits: readonly RateLimit[]): RateState => ({
  limits,
  taken: {},
  pausedUntil: null,
  ordersPausedUntil: null,
});

/** An epoch like the real one, so that slice numbers have the size they have. */
const epoch = 1_790_000_000_000;

const limits = fc.record({
  kind: fc.constant('weight' as const),
  windowMs: fc.constantFrom(1_000, 10_000, 60_000, 86_400_000),
  limit: fc.integer({ min: 10, max: 500 }),
});

/** A taker asks some slices `after` the one before; what it gets leaves and arrives as late as it may, or sooner. */
const takers = fc.array(
  fc.record({
    after: fc.oneof(
      { weight: 2, arbitrary: fc.constant(0) },
      { weight: 3, arbitrary: fc.double({ min: 0, max: 3, noNaN: true }) },
      { weight: 2, arbitrary: fc.integer({ min: 1, max: 5 }) },
      { weight: 1, arbitrary: fc.double({ min: 0, max: 30, noNaN: true }) },
    ),
    need: fc.integer({ min: 1, max: 20 }),
    spare: fc.integer({ min: 0, max: 400 }),
    priority: fc.constantFrom('order' as const, 'read' as const),
    lateness: fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true })),
  }),
  { minLength: 1, maxLength: 80 },
);

/** The most that a window of this length counts, wherever it begins. */
const fullestWindow = (arrivals: readonly { at: number; amount: number }[], windowMs: number): number => {
  const sorted = arrivals.toSorted((a, b) => a.at - b.at);
  let [first, counted, most] = [0, 0, 0];
  for (const { at, amount } of sorted) {
    counted += amount;
    for (; (sorted[first]?.at ?? at) <= at - windowMs; first += 1) counted -= sorted[first]?.amount ?? 0;
    most = Math.max(most, counted);
  }
  return most;
};

describe('what is taken', () => {
  it('never exceeds the limit in a window of the venue, wherever it begins and however late it arrives', () => {
    fc.assert(
      fc.property(limits, takers, (limit, asks) => {
        let state = empty([limit]);
        let now = epoch;
        const arrivals: { at: number; amount: number }[] = [];
        for (const { after, need, spare, priority, lateness } of asks) {
          now += Math.floor(after * sliceMs(limit));
          const answer = takeRate(state, { kind: 'weight', need, want: need + spare, priority }, now);
          if (!answer.granted) continue;
          ({ state } = answer);
          const latest = answer.validUntil + sliceMs(limit) - 1;
          arrivals.push({ at: now + lateness * (latest - now), amount: answer.amount });
        }
        const allowed = Math.max(limit.limit, ...asks.map(({ need }) => need));
        expect(fullestWindow(arrivals, limit.windowMs)).toBeLessThanOrEqual(allowed);
      }),
      { numRuns: 1_000 },
    );
  });

  it('is refused for exactly as long as it does not fit', () => {
    fc.assert(
      fc.property(limits, takers, fc.integer({ min: 1, max: 20 }), (limit, asks, need) => {
        let state = empty([limit]);
        let now = epoch;
        for (const ask of asks) {
          now += Math.floor(ask.after * sliceMs(limit));
          const answer = takeRate(
            state,
            { kind: 'weight', need: ask.need, want: ask.need + ask.spare, priority: ask.priority },
            now,
          );
          if (answer.granted) ({ state } = answer);
        }
        const wanted = { kind: 'weight', need, want: need, priority: 'order' } as const;
        const refused = takeRate(state, wanted, now);
        if (refused.granted) return;
        expect(takeRate(state, wanted, now + refused.waitMs - 1).granted).toBe(false);
        expect(takeRate(state, wanted, now + refused.waitMs).granted).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('uses up the whole limit at once where nothing else counts', () => {
    const answer = takeRate(empty([minute]), { kind: 'weight', need: 1, want: 5_000, priority: 'order' }, epoch);
    expect(answer).toMatchObject({ granted: true, amount: 1_000 });
  });

  it('leaves a share of the weight to orders', () => {
    const reads = takeRate(empty([minute]), { kind: 'weight', need: 1, want: 5_000, priority: 'read' }, epoch);
    if (!reads.granted) throw new Error('refused');
    expect(reads.amount).toBe(1_000 * (1 - orderReserve));
    const ask = { kind: 'weight', need: 1, want: 1 } as const;
    expect(takeRate(reads.state, { ...ask, priority: 'read' }, epoch).granted).toBe(false);
    expect(takeRate(reads.state, { ...ask, priority: 'order' }, epoch).granted).toBe(true);
  });

  it('lets one call through that is heavier than its share, once nothing else counts', () => {
    const small: RateLimit = { ...minute, limit: 10 };
    const heavy = { kind: 'weight', need: 20, want: 20, priority: 'read' } as const;
    const first = takeRate(empty([small]), heavy, epoch);
    if (!first.granted) throw new Error('refused');
    const second = takeRate(first.state, heavy, epoch + 1);
    expect(second).toMatchObject({ granted: false });
  });

  it('is forgotten when it has lapsed, and when the clock was set back far', () => {
    const answer = takeRate(empty([minute]), { kind: 'weight', need: 700, want: 700, priority: 'order' }, epoch);
    if (!answer.granted) throw new Error('refused');
    const lapse = coveredSlices(minute) * sliceMs(minute);
    expect(usedOf(answer.state, minute, epoch)).toBe(700);
    expect(usedOf(answer.state, minute, epoch + lapse + sliceMs(minute))).toBe(0);
    expect(usedOf(answer.state, minute, epoch - 1_000)).toBe(700);
    expect(usedOf(answer.state, minute, epoch - 3_600_000)).toBe(0);
  });
});

describe('an order', () => {
  const orders: readonly RateLimit[] = [
    minute,
    { kind: 'orders', windowMs: 10_000, limit: 2 },
    { kind: 'orders', windowMs: 86_400_000, limit: 3 },
  ];
  const pair = { weight: 1, orders: 2, priority: 'order', spare: 0 } as const;

  it('takes from weight and every count of orders, or from none', () => {
    const first = takeForCall(empty(orders), pair, epoch);
    if (!first.granted) throw new Error('refused');
    for (const [limit, used] of [1, 2, 2].map((count, index) => [orders[index] ?? minute, count] as const))
      expect(usedOf(first.state, limit, epoch)).toBe(used);
    const tenSecondsOn = takeForCall(first.state, pair, epoch + 20_000);
    expect(tenSecondsOn).toMatchObject({ granted: false, reason: 'used_up' });
    expect(tenSecondsOn).toHaveProperty(
      'waitMs',
      expect.toSatisfy((ms: number) => ms > 80_000_000),
    );
    expect(takeForCall(first.state, { ...pair, orders: 1 }, epoch + 20_000).granted).toBe(true);
  });

  it('waits for a pause of orders, which reads and cancels do not', () => {
    const paused = withPause(empty(orders), 'orders', epoch + 5_000);
    expect(takeForCall(paused, pair, epoch)).toMatchObject({ granted: false, reason: 'paused', waitMs: 5_000 });
    expect(takeForCall(paused, { ...pair, orders: 0 }, epoch).granted).toBe(true);
  });
});

describe('what the venue says', () => {
  it('is believed where it has counted more than we have', () => {
    const count = { kind: 'weight', windowMs: 60_000, count: 400 } as const;
    const more = withVenueCount(empty([minute]), count, epoch);
    expect(usedOf(more, minute, epoch)).toBe(400);
    expect(withVenueCount(more, { ...count, count: 399 }, epoch)).toBe(more);
    expect(usedOf(withVenueCount(more, { ...count, count: 410 }, epoch + 4_000), minute, epoch + 4_000)).toBe(410);
    expect(withVenueCount(more, { ...count, windowMs: 1_000 }, epoch)).toBe(more);
  });

  it('pauses until the later of two moments', () => {
    const state = withPause(withPause(empty([]), 'all', epoch + 9_000), 'all', epoch + 3_000);
    expect(pauseLeft(state, { orders: 0 }, epoch + 1_000)).toBe(8_000);
    expect(pauseLeft(state, { orders: 0 }, epoch + 9_000)).toBe(0);
  });

  it('replaces the limits and keeps what was taken from those that stay', () => {
    const answer = takeRate(empty([minute]), { kind: 'weight', need: 70, want: 70, priority: 'order' }, epoch);
    if (!answer.granted) throw new Error('refused');
    const raised: RateLimit = { ...minute, limit: 9_000 };
    const changed = withLimits(answer.state, [raised, { kind: 'orders', windowMs: 10_000, limit: 5 }]);
    expect(usedOf(changed, raised, epoch)).toBe(70);
    expect(withLimits(answer.state, []).taken).toEqual({});
  });
});
