import {
  pauseLeft,
  type RateCount,
  type RateLimit,
  type RateState,
  takeForCall,
  usedOf,
  withLimits,
  withPause,
  withVenueCount,
} from '../../domain/orders/rate-window.ts';
import type { RateBook } from './rate-book.ts';
import type { RatePurse } from './rate-purse.ts';
import { defaultLimits, type RateCall } from './rate-weights.ts';

/** What the book says to a call: it may leave until `validUntil` (the book's time), or after `waitMs`. */
export type RateOutcome =
  | { readonly granted: true; readonly validUntil: number }
  | { readonly granted: false; readonly reason: 'paused' | 'used_up'; readonly waitMs: number };

export type PauseScope = 'all' | 'orders';

/** An account's page of the book as this process knows it. */
export interface RateAccount {
  /** The book's time, ahead of it by a reading's round trip at most. */
  now(): number;
  /** Ms since the page was last looked at. */
  age(): number;
  /** Ms of pause that are known of here. */
  pauseLeft(call: RateCall): number;
  /** Looks at the page, writes what was learned, and takes for the call. All that ask meanwhile share the next visit. */
  ask(call: RateCall): Promise<RateOutcome>;
  look(): Promise<void>;
  learnCount(count: RateCount): void;
  learnLimits(limits: readonly RateLimit[]): void;
  learnPause(ms: number, scope: PauseScope): void;
}

interface Demand {
  /** Null only looks. */
  readonly call: RateCall | null;
  readonly resolve: (outcome: RateOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/** What replies have told since the last visit; times by `performance.now()`. */
interface Learned {
  readonly counts: ReadonlyMap<string, { readonly count: RateCount; readonly at: number }>;
  readonly limits: readonly RateLimit[] | null;
  readonly pauses: readonly { readonly scope: PauseScope; readonly until: number }[];
}

const nothing: Learned = { counts: new Map(), limits: null, pauses: [] };
const emptyState: RateState = { limits: defaultLimits, taken: {}, pausedUntil: null, ordersPausedUntil: null };
const looked: RateOutcome = { granted: false, reason: 'used_up', waitMs: 0 };
/** Each lost race for the page was won by another, so that more than a few in a row mean something else. */
const maxRaces = 200;

const same = (a: readonly RateLimit[], b: readonly RateLimit[]): boolean =>
  a.length === b.length &&
  a.every(({ kind, windowMs, limit }) =>
    b.some((other) => other.kind === kind && other.windowMs === windowMs && other.limit === limit),
  );

/** The page with what was learned until `asked`, when the book's clock showed `now`. */
const withLearned = (found: RateState, { counts, limits, pauses }: Learned, asked: number, now: number): RateState => {
  let state = limits === null || same(limits, found.limits) ? found : withLimits(found, limits);
  for (const { count, at } of counts.values())
    if (asked - at < count.windowMs) state = withVenueCount(state, count, now - (asked - at));
  for (const { scope, until } of pauses) state = withPause(state, scope, now + until - asked);
  return state;
};

export const createRateAccount = (book: RateBook, purse: RatePurse): RateAccount => {
  let seen = { state: emptyState, now: 0, at: -Infinity };
  let learned = nothing;
  let waiting: Demand[] = [];
  let visiting = false;
  let limitsKnown = false;

  const bookTime = (): number => (seen.at === -Infinity ? 0 : seen.now + performance.now() - seen.at);

  /** One attempt: null where another process changed the page meanwhile. */
  const attempt = async (demands: readonly Demand[]): Promise<readonly RateOutcome[] | null> => {
    const asked = performance.now();
    const page = await book.read();
    const { now } = page;
    const news = learned;
    let state = withLearned(page.state ?? emptyState, news, asked, now);
    const fills: (() => void)[] = [];
    const outcomes = demands.map(({ call }): RateOutcome => {
      if (call === null) return looked;
      const spare = fills.length > 0 || call.orders > 0 ? 0 : purse.batchFor(call, state.limits, now);
      const answer = takeForCall(state, { ...call, spare }, now);
      if (!answer.granted) return answer;
      state = answer.state;
      const { validUntil } = answer;
      if (call.orders === 0) fills.push(() => purse.fill(call.priority, answer.spare, spare, validUntil));
      return { granted: true, validUntil };
    });
    if (state !== page.state && !(await book.write(state, page.revision))) return null;
    seen = { state, now, at: asked };
    learned = {
      counts: new Map([...learned.counts].filter(([key, told]) => news.counts.get(key) !== told)),
      limits: learned.limits === news.limits ? null : learned.limits,
      pauses: learned.pauses.filter((pause) => !news.pauses.includes(pause)),
    };
    for (const fill of fills) fill();
    return outcomes;
  };

  const visit = async (demands: readonly Demand[]): Promise<readonly RateOutcome[]> => {
    for (let race = 0; race < maxRaces; race += 1) {
      const outcomes = await attempt(demands);
      if (outcomes !== null) return outcomes;
    }
    throw new Error(`another process changed the account's rate limits first, ${maxRaces} times in a row`);
  };

  const isOrder = ({ call }: Demand): number => Number(call?.priority === 'order');

  const serve = async (): Promise<void> => {
    if (visiting) return;
    visiting = true;
    while (waiting.length > 0) {
      const demands = waiting.toSorted((a, b) => isOrder(b) - isOrder(a));
      waiting = [];
      try {
        const outcomes = await visit(demands);
        for (const [index, { resolve }] of demands.entries()) resolve(outcomes[index] ?? looked);
      } catch (error) {
        for (const { reject } of demands) reject(error);
      }
    }
    visiting = false;
  };

  const enqueue = (call: RateCall | null): Promise<RateOutcome> =>
    new Promise((resolve, reject) => {
      waiting.push({ call, resolve, reject });
      void serve();
    });

  return {
    now: bookTime,
    age: () => performance.now() - seen.at,
    pauseLeft: (call) => {
      const learnedNow = learned.pauses
        .filter(({ scope }) => scope === 'all' || call.orders > 0)
        .map(({ until }) => until - performance.now());
      return Math.max(pauseLeft(seen.state, call, bookTime()), ...learnedNow);
    },
    ask: enqueue,
    look: async () => {
      await enqueue(null);
    },
    learnCount: (count) => {
      // Against limits that are only supposed, a count that is fine could stop the question for the real ones.
      if (!limitsKnown) return;
      const limit = seen.state.limits.find(({ kind, windowMs }) => kind === count.kind && windowMs === count.windowMs);
      if (limit !== undefined && count.count <= usedOf(seen.state, limit, bookTime())) return;
      const told = new Map(learned.counts).set(`${count.kind}/${count.windowMs}`, { count, at: performance.now() });
      learned = { ...learned, counts: told };
    },
    learnLimits: (limits) => {
      limitsKnown = true;
      if (!same(limits, seen.state.limits)) learned = { ...learned, limits };
    },
    learnPause: (ms, scope) => {
      learned = { ...learned, pauses: [...learned.pauses, { scope, until: performance.now() + ms }] };
    },
  };
};
