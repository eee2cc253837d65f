import { BinanceError } from './binance-errors.ts';

/** As `exchangeInfo` names a limit. */
export interface SimulatedRateLimit {
  readonly rateLimitType: 'REQUEST_WEIGHT' | 'ORDERS';
  readonly interval: 'SECOND' | 'MINUTE' | 'DAY';
  readonly intervalNum: number;
  readonly limit: number;
}

/** Binance's windows, with room for whatever a test or a market at high speed asks. */
export const defaultRateLimits: readonly SimulatedRateLimit[] = [
  { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 6_000_000 },
  { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 100_000 },
  { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: 200_000_000 },
];

/** A request that is not served for the limits: 429, or 418 once the client went on in spite of it. */
export interface RateRefusal {
  readonly error: BinanceError;
  readonly retryAfterSeconds: number;
}

/** Counts as Binance does, in windows of real time, and refuses what is beyond its limits. */
export interface UsageMeter {
  readonly limits: readonly SimulatedRateLimit[];
  /** Counts a request that has arrived; null where it is to be served. */
  admit(request: { readonly weight: number; readonly orders: number }): RateRefusal | null;
  /** Counts orders that were taken. */
  countOrders(count: number): void;
  /** `x-mbx-used-weight-1m` and its like; the counts of orders on the answer to an order. */
  headers(request: { readonly orders: number }): Record<string, string>;
  /** Since the start: requests that arrived, and those answered 429 or 418 for the limits. */
  totals(): { readonly requests: number; readonly refused: number };
}

const unitMs = { SECOND: 1_000, MINUTE: 60_000, DAY: 86_400_000 } as const;
/** A client that sends this many more while it is told 429 is banned. */
const patience = 3;
const shortestBanMs = 120_000;

const windowOf = (limit: SimulatedRateLimit) => {
  const windowMs = unitMs[limit.interval] * limit.intervalNum;
  let opened = 0;
  let count = 0;
  const roll = (): void => {
    const now = Math.floor(Date.now() / windowMs);
    if (now !== opened) [opened, count] = [now, 0];
  };
  return {
    limit,
    suffix: `${limit.intervalNum}${limit.interval.charAt(0).toLowerCase()}`,
    add(amount: number): void {
      roll();
      count += amount;
    },
    read(): number {
      roll();
      return count;
    },
    /** Whole seconds until it begins anew. */
    secondsLeft: (): number => Math.max(1, Math.ceil((windowMs - (Date.now() % windowMs)) / 1_000)),
  };
};

const span = ({ intervalNum, interval }: SimulatedRateLimit): string => `${intervalNum} ${interval}`;

const tooMuchWeight = (limit: SimulatedRateLimit): BinanceError =>
  new BinanceError(
    -1003,
    `Too much request weight used; current limit is ${limit.limit} request weight per ${span(limit)}. Please use WebSocket Streams for live updates to avoid polling the API.`,
    429,
  );

const tooManyOrders = (limit: SimulatedRateLimit): BinanceError =>
  new BinanceError(-1015, `Too many new orders; current limit is ${limit.limit} orders per ${span(limit)}.`, 429);

const banned = (until: number): BinanceError =>
  new BinanceError(
    -1003,
    `Way too much request weight used; IP banned until ${until}. Please use WebSocket Streams for live updates to avoid bans.`,
    418,
  );

export const createUsageMeter = (limits: readonly SimulatedRateLimit[] = defaultRateLimits): UsageMeter => {
  const windows = limits.map(windowOf);
  const ofType = (type: SimulatedRateLimit['rateLimitType']) =>
    windows.filter(({ limit }) => limit.rateLimitType === type);
  const [weights, orderCounts] = [ofType('REQUEST_WEIGHT'), ofType('ORDERS')];
  let [requests, refused, ignored] = [0, 0, 0];
  let banMs = shortestBanMs;
  let bannedUntil = 0;

  /** A ban is twice as long as the one before. */
  const ban = (): RateRefusal => {
    bannedUntil = Date.now() + banMs;
    banMs *= 2;
    ignored = 0;
    return bannedFor();
  };
  const bannedFor = (): RateRefusal => ({
    error: banned(bannedUntil),
    retryAfterSeconds: Math.max(1, Math.ceil((bannedUntil - Date.now()) / 1_000)),
  });

  const refusalOf = (orders: number): RateRefusal | null => {
    if (bannedUntil > Date.now()) return bannedFor();
    const overweight = weights.find((window) => window.read() > window.limit.limit);
    if (overweight !== undefined) {
      ignored += 1;
      if (ignored > patience) return ban();
      return { error: tooMuchWeight(overweight.limit), retryAfterSeconds: overweight.secondsLeft() };
    }
    ignored = 0;
    const overcount = orders > 0 && orderCounts.find((window) => window.read() + orders > window.limit.limit);
    return overcount ? { error: tooManyOrders(overcount.limit), retryAfterSeconds: overcount.secondsLeft() } : null;
  };

  return {
    limits,
    admit: ({ weight, orders }) => {
      requests += 1;
      for (const window of weights) window.add(weight);
      const refusal = refusalOf(orders);
      if (refusal !== null) refused += 1;
      return refusal;
    },
    countOrders: (count) => {
      for (const window of orderCounts) window.add(count);
    },
    headers: ({ orders }) => ({
      ...Object.fromEntries(weights.map((window) => [`x-mbx-used-weight-${window.suffix}`, String(window.read())])),
      ...(orders > 0 &&
        Object.fromEntries(orderCounts.map((window) => [`x-mbx-order-count-${window.suffix}`, String(window.read())]))),
    }),
    totals: () => ({ requests, refused }),
  };
};
