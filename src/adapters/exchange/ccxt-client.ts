import type { SlotPurpose } from '../../contracts/venue.ts';
import { DomainError } from '../../domain/errors.ts';
import { VenueFailure } from '../../domain/orders/venue-failure.ts';
import { supportedExchange } from './capabilities.ts';
import { type CcxtExchange, loadExchangeClass } from './ccxt-exchange.ts';
import { classify, type VenueCall } from './classify.ts';
import { createObservedFetch } from './observed-fetch.ts';
import { parseTime } from './binance-replies.ts';
import { createRateGate } from './rate-gate.ts';
import { createRateLimiter, type RateLimiter } from './rate-limiter.ts';
import { slotCost } from './rate-weights.ts';
import { type ClockJump, createVenueClock, type VenueClock } from './venue-clock.ts';

/** How long the venue accepts a signed request after its timestamp. */
export const recvWindowMs = 5_000;
const requestTimeoutMs = 20_000;
const wallClockTtlMs = 30_000;
const exchangeOrigin = 'https://api.binance.com';

export interface CcxtClientOptions {
  /** ccxt id of the exchange; `binance` for the simulator too. */
  readonly exchange: string;
  /** Null for market data only: no call that needs a key can then be made. */
  readonly credentials: { readonly apiKey: string; readonly secret: string } | null;
  /** Replaces `https://api.binance.com`, e.g. the simulator's `http://127.0.0.1:<port>`; nothing else is then reachable. */
  readonly baseUrl?: string | undefined;
  /** Trust in a reading of the venue's clock, ms; 0 where it is stepped or sped up. Default 30 s. */
  readonly clockTtlMs?: number | undefined;
  /** Told when the venue's clock has moved against the time that has passed; never of a clock that is stepped. */
  readonly onClockJump?: ((jump: ClockJump) => void) | undefined;
  /** The limits of the account and who shares them; this client's own, of no other, where absent. */
  readonly limiter?: RateLimiter | undefined;
  /**
   * ccxt's pause per unit of request weight, ms; its own figure for the exchange where absent. It only spaces the requests
   * of one process.
   */
  readonly msPerWeight?: number | undefined;
  /** A reply must be complete after this many ms. Default 20 s. */
  readonly timeoutMs?: number | undefined;
}

/** One exchange account (or public access) over ccxt: one clock, one classification, one limiter. */
export interface CcxtClient {
  readonly exchange: string;
  readonly clock: VenueClock;
  /** As `Venue.reserveSlot`. @throws VenueFailure `wait`. */
  reserveSlot(purpose: SlotPurpose): Promise<void>;
  /**
   * Makes one call. Reads that fail for the clock alone are repeated once after asking for the time; nothing else is.
   * @throws VenueFailure whatever went wrong; DomainError unchanged.
   */
  call<T>(call: VenueCall, access: 'public' | 'signed', run: (exchange: CcxtExchange) => Promise<T>): Promise<T>;
}

/**
 * Builds the unmodified ccxt class. ccxt never repeats a request (`maxRetriesOnFailure` 0), never loads currencies or
 * other markets than spot, keeps numbers as text, and takes its timestamps from the venue's clock.
 * @throws DomainError `VenueNotSupported` for an exchange that has not been tested.
 */
export const createCcxtClient = async (options: CcxtClientOptions): Promise<CcxtClient> => {
  const id = supportedExchange(options.exchange);
  const Exchange = await loadExchangeClass(id);
  const limiter = options.limiter ?? createRateLimiter();
  const baseUrl = options.baseUrl?.replace(/\/+$/, '') ?? null;
  const observed = createObservedFetch(exchangeOrigin, baseUrl, createRateGate(limiter));
  const exchange = new Exchange({
    ...options.credentials,
    enableRateLimit: true,
    ...(options.msPerWeight === undefined ? {} : { rateLimit: options.msPerWeight }),
    timeout: options.timeoutMs ?? requestTimeoutMs,
    verbose: false,
    fetchImplementation: observed.fetch,
    options: {
      fetchMarkets: { types: ['spot'] },
      fetchMargins: false,
      fetchCurrencies: false,
      adjustForTimeDifference: false,
      maxRetriesOnFailure: 0,
      recvWindow: recvWindowMs,
    },
  });
  exchange.number = String;
  const secrets = options.credentials === null ? [] : [options.credentials.apiKey, options.credentials.secret];

  const once = async <T>(call: VenueCall, run: () => Promise<T>): Promise<T> => {
    const { evidence, result } = observed.observe(run);
    try {
      return await result;
    } catch (error) {
      if (error instanceof DomainError || error instanceof VenueFailure) throw error;
      throw classify(call, error, evidence, secrets);
    }
  };

  const clock = createVenueClock(() => once('fetch', async () => parseTime(await exchange.publicGetTime())), {
    ttlMs: options.clockTtlMs ?? wallClockTtlMs,
    onJump: options.onClockJump,
  });
  exchange.nonce = () => clock.read();

  return {
    exchange: id,
    clock,
    reserveSlot: (purpose) => limiter.reserve(slotCost(purpose)),
    call: async (call, access, run) => {
      if (access === 'signed') await clock.now();
      try {
        return await once(call, () => run(exchange));
      } catch (error) {
        if (!(error instanceof VenueFailure) || error.code !== '-1021') throw error;
        clock.distrust();
        if (call === 'createOrder') throw error;
        await clock.now();
        return once(call, () => run(exchange));
      }
    },
  };
};
