import type { RateLimit, RatePriority } from '../../domain/orders/rate-window.ts';
import type { RateCall } from './rate-weights.ts';

/** Weight that this process has taken and not spent yet, by who may spend it. Times are the book's, epoch ms. */
export interface RatePurse {
  /** Whether there is enough for the call, which counts as no order. */
  has(call: RateCall, now: number): boolean;
  /** Spends it, or says false. */
  spend(call: RateCall, now: number): boolean;
  /** How much to take beyond a call that found too little here. */
  batchFor(call: RateCall, limits: readonly RateLimit[], now: number): number;
  fill(priority: RatePriority, spare: number, batch: number, validUntil: number): void;
}

const smallestBatch = 10;
const largestBatch = 100;
/** No process holds more than this part of a limit unspent. */
const batchShare = 20;

interface Lease {
  readonly left: number;
  readonly batch: number;
  readonly validUntil: number;
}

const none: Lease = { left: 0, batch: 0, validUntil: -Infinity };

/**
 * A batch is twice the one before where that was spent in time, and nothing where it lapsed: a process that calls now
 * and then takes exactly what it needs, and one that calls much loses little of what it takes.
 */
export const createRatePurse = (): RatePurse => {
  const leases: Record<RatePriority, Lease> = { order: none, read: none };

  /** Orders spend what reads have taken too, never the other way round: that would empty the orders' reserve. */
  const source = ({ weight, priority }: RateCall, now: number): RatePriority | null => {
    const from: readonly RatePriority[] = priority === 'order' ? ['order', 'read'] : ['read'];
    return from.find((name) => leases[name].validUntil > now && leases[name].left >= weight) ?? null;
  };

  return {
    has: (call, now) => source(call, now) !== null,
    spend: (call, now) => {
      const from = source(call, now);
      if (from === null) return false;
      leases[from] = { ...leases[from], left: leases[from].left - call.weight };
      return true;
    },
    batchFor: ({ priority }, limits, now) => {
      const lease = leases[priority];
      if (lease.validUntil <= now) return 0;
      const smallest = Math.min(...limits.filter(({ kind }) => kind === 'weight').map(({ limit }) => limit));
      return Math.min(Math.max(smallestBatch, lease.batch * 2), largestBatch, Math.floor(smallest / batchShare));
    },
    fill: (priority, spare, batch, validUntil) => {
      const before = leases[priority];
      const left = before.validUntil === validUntil ? before.left + spare : spare;
      leases[priority] = { left, batch, validUntil };
    },
  };
};
