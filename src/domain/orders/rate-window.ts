/** What a venue counts: the weight of requests, or new orders. */
export type RateKind = 'weight' | 'orders';

/** Orders, their cancels and lookups go first: a share of every weight limit is kept from reads. */
export type RatePriority = 'order' | 'read';

/** At most `limit` in each window of the venue's clock, `windowMs` long. */
export interface RateLimit {
  readonly kind: RateKind;
  readonly windowMs: number;
  readonly limit: number;
}

/** What an account has taken from its limits. Times are epoch ms of one clock, the same for all who share it. */
export interface RateState {
  readonly limits: readonly RateLimit[];
  /** What was taken, by limit (`weight/60000`) and by the slice of time in which it was. */
  readonly taken: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** The venue's own pauses: of everything, and of new orders alone. */
  readonly pausedUntil: number | null;
  readonly ordersPausedUntil: number | null;
}

/** The venue's own count of what was used in its present window of that length. */
export interface RateCount {
  readonly kind: RateKind;
  readonly windowMs: number;
  readonly count: number;
}

/** The share of a weight limit that reads leave to orders. */
export const orderReserve = 0.2;

const slicesPerWindow = 20;
const shortestSliceMs = 1_000;
/** How long what was taken holds where no limit says. */
const unlimitedMs = 60_000;

/** A window is watched in slices of a twentieth of it, but not shorter than a second. */
export const sliceMs = ({ windowMs }: RateLimit): number =>
  Math.max(shortestSliceMs, Math.ceil(windowMs / slicesPerWindow));

/**
 * How many slices are kept under the limit together. What is taken in a slice may leave until the end of the next one
 * and be under way for one more, so that it is counted somewhere within three slices. A window of the venue, wherever
 * it begins, can therefore count what was taken in its own slices and in three others, and in no more.
 */
export const coveredSlices = (limit: RateLimit): number => Math.ceil(limit.windowMs / sliceMs(limit)) + 3;

const keyOf = ({ kind, windowMs }: Pick<RateLimit, 'kind' | 'windowMs'>): string => `${kind}/${windowMs}`;

const sliceAt = (limit: RateLimit, now: number): number => Math.floor(now / sliceMs(limit));

/** The slices that count at `now`, oldest first. One from a clock that has since been set back far is forgotten. */
const counted = (state: RateState, limit: RateLimit, now: number): readonly (readonly [number, number])[] => {
  const [slice, covered] = [sliceAt(limit, now), coveredSlices(limit)];
  return Object.entries(state.taken[keyOf(limit)] ?? {})
    .map(([at, amount]) => [Number(at), amount] as const)
    .filter(([at]) => at > slice - covered && at < slice + covered)
    .sort(([a], [b]) => a - b);
};

/** What counts against `limit` at `now`. */
export const usedOf = (state: RateState, limit: RateLimit, now: number): number =>
  counted(state, limit, now).reduce((total, [, amount]) => total + amount, 0);

/** A single request that is heavier than its share is let through once nothing else counts: the venue then decides. */
const capacityFor = ({ kind, limit }: RateLimit, priority: RatePriority, need: number): number =>
  Math.max(need, kind === 'weight' && priority === 'read' ? Math.floor(limit * (1 - orderReserve)) : limit);

/** Ms until `need` fits under `limit`; 0 where it does. */
const waitFor = (state: RateState, limit: RateLimit, need: number, priority: RatePriority, now: number): number => {
  let over = usedOf(state, limit, now) + need - capacityFor(limit, priority, need);
  for (const [at, amount] of counted(state, limit, now)) {
    if (over <= 0) return 0;
    over -= amount;
    if (over <= 0) return (at + coveredSlices(limit)) * sliceMs(limit) - now;
  }
  return 0;
};

const withTaken = (state: RateState, limit: RateLimit, amount: number, now: number): RateState => {
  const slice = sliceAt(limit, now);
  const kept = Object.fromEntries(counted(state, limit, now));
  return {
    ...state,
    taken: { ...state.taken, [keyOf(limit)]: { ...kept, [slice]: (kept[slice] ?? 0) + amount } },
  };
};

export interface RateAsk {
  readonly kind: RateKind;
  /** The least that is of use. */
  readonly need: number;
  /** What would be taken if there is room for it; at least `need`. */
  readonly want: number;
  readonly priority: RatePriority;
}

export type RateAnswer =
  /** `amount` may leave until `validUntil`; what has not by then is lost. */
  | { readonly granted: true; readonly amount: number; readonly validUntil: number; readonly state: RateState }
  | { readonly granted: false; readonly waitMs: number };

/** Takes from every limit of a kind at once, as much as there is room for between `need` and `want`; or says when. */
export const takeRate = (state: RateState, { kind, need, want, priority }: RateAsk, now: number): RateAnswer => {
  const limits = state.limits.filter((limit) => limit.kind === kind);
  const waitMs = Math.max(0, ...limits.map((limit) => waitFor(state, limit, need, priority, now)));
  if (waitMs > 0) return { granted: false, waitMs };
  const room = limits.map((limit) => capacityFor(limit, priority, need) - usedOf(state, limit, now));
  const amount = Math.min(want, ...room);
  return {
    granted: true,
    amount,
    validUntil: Math.min(now + unlimitedMs, ...limits.map((limit) => (sliceAt(limit, now) + 2) * sliceMs(limit))),
    state: limits.reduce((next, limit) => withTaken(next, limit, amount, now), state),
  };
};

/** Others use the same address or account: where the venue has counted more than we have, the difference is taken too. */
export const withVenueCount = (state: RateState, { kind, windowMs, count }: RateCount, now: number): RateState => {
  const limit = state.limits.find((candidate) => candidate.kind === kind && candidate.windowMs === windowMs);
  if (limit === undefined) return state;
  const missing = count - usedOf(state, limit, now);
  return missing > 0 ? withTaken(state, limit, missing, now) : state;
};

const later = (a: number | null, b: number): number => Math.max(a ?? b, b);

/** Keeps the later of two pauses. */
export const withPause = (state: RateState, scope: 'all' | 'orders', until: number): RateState =>
  scope === 'all'
    ? { ...state, pausedUntil: later(state.pausedUntil, until) }
    : { ...state, ordersPausedUntil: later(state.ordersPausedUntil, until) };

/** Ms for which the venue wants no such call; 0 where it may leave. */
export const pauseLeft = (state: RateState, call: { readonly orders: number }, now: number): number => {
  const until = [state.pausedUntil, call.orders > 0 ? state.ordersPausedUntil : null];
  return Math.max(0, ...until.map((time) => (time ?? now) - now));
};

/** The limits as the venue now names them; what was taken from those that stay still counts. */
export const withLimits = (state: RateState, limits: readonly RateLimit[]): RateState => {
  const keys = new Set(limits.map(keyOf));
  return {
    ...state,
    limits,
    taken: Object.fromEntries(Object.entries(state.taken).filter(([key]) => keys.has(key))),
  };
};

/** A call's need of the limits, and `spare` weight that is welcome on top of it. */
export interface RateNeed {
  readonly weight: number;
  readonly orders: number;
  readonly priority: RatePriority;
  readonly spare: number;
}

export type CallAnswer =
  | { readonly granted: true; readonly spare: number; readonly validUntil: number; readonly state: RateState }
  | { readonly granted: false; readonly reason: 'paused' | 'used_up'; readonly waitMs: number };

/** Takes what a call needs from every limit it counts against, or nothing. */
export const takeForCall = (state: RateState, need: RateNeed, now: number): CallAnswer => {
  const { weight, orders, priority, spare } = need;
  const paused = pauseLeft(state, need, now);
  if (paused > 0) return { granted: false, reason: 'paused', waitMs: paused };
  const byWeight = takeRate(state, { kind: 'weight', need: weight, want: weight + spare, priority }, now);
  if (!byWeight.granted) return { granted: false, reason: 'used_up', waitMs: byWeight.waitMs };
  const taken = { granted: true, spare: byWeight.amount - weight } as const;
  if (orders === 0) return { ...taken, validUntil: byWeight.validUntil, state: byWeight.state };
  const byCount = takeRate(byWeight.state, { kind: 'orders', need: orders, want: orders, priority }, now);
  if (!byCount.granted) return { granted: false, reason: 'used_up', waitMs: byCount.waitMs };
  return { ...taken, validUntil: Math.min(byWeight.validUntil, byCount.validUntil), state: byCount.state };
};
