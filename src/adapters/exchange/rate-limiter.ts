import { setTimeout as sleep } from 'node:timers/promises';
import type { RateCount, RateLimit } from '../../domain/orders/rate-window.ts';
import { VenueFailure } from '../../domain/orders/venue-failure.ts';
import { createRateAccount, type PauseScope, type RateOutcome } from './rate-account.ts';
import { createMemoryRateBook, type RateBook } from './rate-book.ts';
import { createRatePurse } from './rate-purse.ts';
import type { RateCall } from './rate-weights.ts';

/** The request and order limits of one venue account. */
export interface RateLimiter {
  /**
   * Resolves when the call may leave: at once, or within a second. An order that no slot was reserved for does not wait.
   * @throws VenueFailure `wait` with what is left, while the venue asked for a pause or the limit is used up.
   */
  take(call: RateCall): Promise<void>;
  /** Takes for the next call of the same route, which then takes nothing. @throws VenueFailure as `take`. */
  reserve(call: RateCall): Promise<void>;
  /** What the venue counted: it is believed where it is more than we have. */
  observed(count: RateCount): void;
  /** The limits that the venue names. */
  limitsAre(limits: readonly RateLimit[]): void;
  /** No such call leaves for `ms`, here from now on; resolves once that stands in the book for all. Never rejects. */
  paused(ms: number, scope: PauseScope): Promise<void>;
}

export interface RateLimiterOptions {
  /** Default: this process's own. */
  readonly book?: RateBook;
  /** How old the last look at the book may be when a call leaves, ms: so late may another's pause be noticed. Default 100. */
  readonly lookEveryMs?: number;
}

const defaultLookEveryMs = 100;
/** What a call waits for here; of a longer wait it is told. */
const patienceMs = 1_000;
const bookRetryMs = 1_000;

const reasons = {
  paused: 'the venue asked for a pause',
  used_up: "the account's request limit is used up",
} as const;

/**
 * Takes from the book in batches and spends them here, so that most calls cost no visit to it. Orders take exactly what
 * they need, at a visit of their own, before anything is committed.
 */
export const createRateLimiter = (options: RateLimiterOptions = {}): RateLimiter => {
  const { book = createMemoryRateBook(), lookEveryMs = defaultLookEveryMs } = options;
  const purse = createRatePurse();
  const account = createRateAccount(book, purse);
  let reserved: readonly { readonly route: string; readonly validUntil: number }[] = [];

  const spendHere = (call: RateCall): RateOutcome | null =>
    purse.spend(call, account.now()) ? { granted: true, validUntil: Infinity } : null;

  const attempt = async (call: RateCall): Promise<RateOutcome> => {
    const pause = account.pauseLeft(call);
    if (pause > 0) return { granted: false, reason: 'paused', waitMs: pause };
    if (call.orders > 0 || !purse.has(call, account.now())) return await account.ask(call);
    if (account.age() <= lookEveryMs) return spendHere(call) ?? (await account.ask(call));
    await account.look();
    return await attempt(call);
  };

  /** Without the book nothing leaves. */
  const orWait = <T>(call: RateCall, visit: Promise<T>): Promise<T> =>
    visit.catch((cause: unknown) => {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new VenueFailure('wait', `${call.route}: not sent, the rate limits could not be read: ${reason}`, {
        retryAfterMs: bookRetryMs,
      });
    });

  const acquire = async (call: RateCall, patience: number): Promise<number> => {
    const until = performance.now() + patience;
    for (;;) {
      const outcome = await orWait(call, attempt(call));
      if (outcome.granted) {
        if (outcome.validUntil > account.now()) return outcome.validUntil;
        // The visit took so long that what it brought has lapsed.
        continue;
      }
      if (performance.now() + outcome.waitMs > until)
        throw new VenueFailure('wait', `${call.route}: not sent, ${reasons[outcome.reason]}`, {
          retryAfterMs: Math.ceil(outcome.waitMs),
        });
      await sleep(outcome.waitMs);
    }
  };

  /** Spends a slot that was reserved for the route, if there is one that has not lapsed and nothing has been paused since. */
  const spendReserved = async (call: RateCall): Promise<boolean> => {
    reserved = reserved.filter(({ validUntil }) => validUntil > account.now());
    const slot = reserved.find(({ route }) => route === call.route);
    if (slot === undefined) return false;
    reserved = reserved.filter((other) => other !== slot);
    if (account.age() > lookEveryMs) await orWait(call, account.look());
    return account.pauseLeft(call) === 0 && slot.validUntil > account.now();
  };

  return {
    take: async (call) => {
      if (!(await spendReserved(call))) await acquire(call, call.orders > 0 ? 0 : patienceMs);
    },
    reserve: async (call) => {
      const validUntil = await acquire(call, patienceMs);
      reserved = [...reserved, { route: call.route, validUntil }];
    },
    observed: (count) => account.learnCount(count),
    limitsAre: (limits) => account.learnLimits(limits),
    paused: async (ms, scope) => {
      account.learnPause(ms, scope);
      // Where the book cannot be reached the pause holds here, and is written at the next visit.
      await account.look().catch(() => undefined);
    },
  };
};
