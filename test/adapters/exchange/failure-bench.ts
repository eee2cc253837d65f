import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { parseUnifiedOrder } from '../../../src/adapters/exchange/binance-orders.ts';
import { parseKlines } from '../../../src/adapters/exchange/binance-replies.ts';
import type { CcxtClient, CcxtClientOptions } from '../../../src/adapters/exchange/ccxt-client.ts';
import type { CcxtExchange } from '../../../src/adapters/exchange/ccxt-exchange.ts';
import { createCcxtVenue } from '../../../src/adapters/exchange/ccxt-venue.ts';
import type { RateLimiter } from '../../../src/adapters/exchange/rate-limiter.ts';
import type { Venue, VenueOrderRequest, VenuePairRequest } from '../../../src/contracts/venue.ts';
import { VenueFailure, type VenueVerdict } from '../../../src/domain/orders/venue-failure.ts';
import { idOf, type SimulatedVenue, start, startSimulatedVenue } from './simulated-venue.ts';

export type Post = 'createOrder' | 'placePair';
export type Ask = 'cancelOrder' | 'fetchOrder' | 'fetchOHLCV';
export const routes = {
  createOrder: 'POST /api/v3/order',
  placePair: 'POST /api/v3/orderList/oco',
  cancelOrder: 'DELETE /api/v3/order',
  fetchOrder: 'GET /api/v3/order',
  fetchOHLCV: 'GET /api/v3/klines',
} as const;
export const posts: readonly Post[] = ['createOrder', 'placePair'];
export const asks: readonly Ask[] = ['cancelOrder', 'fetchOrder', 'fetchOHLCV'];

/** Asked about an order that the exchange has, under the id of `n`. */
export const askings: Readonly<Record<Ask, (ccxt: CcxtExchange, n: number) => Promise<unknown>>> = {
  cancelOrder: (ccxt, n) => ccxt.cancelOrder(undefined, 'BTC/USDT', { clientOrderId: idOf(n) }),
  fetchOrder: async (ccxt, n) =>
    parseUnifiedOrder(await ccxt.fetchOrder(undefined, 'BTC/USDT', { clientOrderId: idOf(n) })),
  fetchOHLCV: async (ccxt) =>
    parseKlines(await ccxt.publicGetKlines({ symbol: 'BTCUSDT', interval: '1m', startTime: start })),
};

export interface Expected {
  readonly verdict: VenueVerdict;
  readonly code: string | null;
  readonly retryAfterMs?: number;
}

const failureOf = async (promise: Promise<unknown>): Promise<VenueFailure> => {
  const caught: unknown = await promise.then(
    (value) => ({ answered: value }),
    (error: unknown) => error,
  );
  expect(caught).toBeInstanceOf(VenueFailure);
  return caught as VenueFailure;
};

/** The verdict, code and pause; and nothing of the key, the signature or the query in what a log would show. */
export const expectFailure = async (
  promise: Promise<unknown>,
  { verdict, code, retryAfterMs }: Expected,
): Promise<void> => {
  const failure = await failureOf(promise);
  const shown = { verdict: failure.verdict, code: failure.code, retryAfterMs: failure.retryAfterMs };
  expect({ ...shown, message: failure.message }).toEqual({
    verdict,
    code,
    retryAfterMs: retryAfterMs ?? null,
    message: failure.message,
  });
  expect(`${failure.message} ${JSON.stringify(failure)} ${String(failure.cause)}`).not.toMatch(
    /k{20}|s{20}|[0-9a-f]{64}|signature=|timestamp=|recvWindow=|\?\w+=/,
  );
};

export interface Connection {
  readonly client: CcxtClient;
  readonly venue: Venue;
}

/** Every row is sent, whatever was sent before: what holds requests back has its own tests. */
const withoutLimits: RateLimiter = {
  take: () => Promise.resolve(),
  reserve: () => Promise.resolve(),
  observed: () => undefined,
  limitsAre: () => undefined,
  paused: () => Promise.resolve(),
};

/** `hasty` waits 600 ms for a reply. */
export type Kind = 'steady' | 'hasty';

export interface FailureBench {
  /** The simulator; its price stands at 100. */
  simulated(): SimulatedVenue;
  connection(kind?: Kind): Connection;
  /** With its markets loaded. */
  connect(options: Partial<CcxtClientOptions>): Promise<Connection>;
  /** The first of three ids that are nobody's yet. */
  freshId(): number;
  /** Under the ids from `n` on. */
  post(
    call: Post,
    n: number,
    connection: Connection,
    over?: Partial<VenueOrderRequest> & Partial<VenuePairRequest>,
  ): Promise<unknown>;
  /** Whether the exchange has what was posted under the id of `n`. */
  wasTaken(n: number): Promise<boolean>;
}

/** One simulator for all tests of a file, without a fault at the start of each. */
export const useFailureBench = (): FailureBench => {
  let simulated: SimulatedVenue;
  let connections: Readonly<Record<Kind, Connection>>;
  let nextId = 1;
  const connect = async (options: Partial<CcxtClientOptions>): Promise<Connection> => {
    const client = await simulated.connect({ limiter: withoutLimits, ...options });
    const venue = createCcxtVenue({ client, id: 'simulator' });
    await venue.market('BTCUSDT');
    return { client, venue };
  };
  beforeAll(async () => {
    simulated = await startSimulatedVenue({ balances: { USDT: '500000', BTC: '1000' } });
    connections = { steady: await connect({}), hasty: await connect({ timeoutMs: 600 }) };
  });
  afterAll(() => simulated.close());
  afterEach(() => simulated.clearFaults());
  return {
    simulated: () => simulated,
    connection: (kind = 'steady') => connections[kind],
    connect,
    freshId: () => (nextId += 3),
    post: async (call, n, { venue }, over = {}) =>
      call === 'createOrder'
        ? await venue.place(await simulated.order(n, over))
        : await venue.placePair(await simulated.pair(n, over)),
    wasTaken: async (n) => ((await simulated.accepted())[idOf(n)] ?? 0) > 0,
  };
};

export const refused = (code: string) => ({ verdict: 'rejected', code, taken: false }) as const;
export const fatal = (code: string) => ({ verdict: 'fatal', code, taken: false }) as const;
export const wait = (code: string | null) => ({ verdict: 'wait', code, taken: false }) as const;
export const unsure = (code: string | null) => ({ verdict: 'ambiguous', code, taken: false }) as const;
export const took = (code: string | null) => ({ verdict: 'ambiguous', code, taken: true }) as const;

/** As the fault script takes it, without its route. */
export type Fault = Readonly<Record<string, unknown>>;
export const reject = (code: number, msg: string, status = 400): Fault => ({ kind: 'reject', code, msg, status });
