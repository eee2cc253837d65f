import type { SlotPurpose } from '../../contracts/venue.ts';
import { DomainError } from '../../domain/errors.ts';
import { VenueFailure } from '../../domain/orders/venue-failure.ts';
import { supportedExchange } from './capabilities.ts';
import { type CcxtExchange, loadExchangeClass } from './ccxt-exchange.ts';
import { classify, type VenueCall } from './classify.ts';
import { createObservedFetch } from './observed-fetch.ts';
import { parseTime } from './binance-replies.ts';
import { createVenueClock, type VenueClock } from './venue-clock.ts';

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
  /** ccxt's pause per unit of request weight, ms; its own figure for the exchange where absent. */
  readonly msPerWeight?: number | undefined;
  /** A reply must be complete after this many ms. Default 20 s. */
  readonly timeoutMs?: number | undefined;
}

/** One exchange account (or public access) over ccxt: one clock, one classification, one ban. */
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
  const observed = createObservedFetch(exchangeOrigin, options.baseUrl?.replace(/\/+$/, '') ?? null);
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
      createOrder: { quoteOrderQty: false },
    },
  });
  exchange.number = String;
  const secrets = options.credentials === null ? [] : [options.credentials.apiKey, options.credentials.secret];
  let bannedUntil = 0;

  const refuseWhileBanned = (call: string): void => {
    const banLeft = bannedUntil - performance.now();
    if (banLeft > 0)
      throw new VenueFailure('wait', `${call}: not sent, the venue asked for a pause`, {
        retryAfterMs: Math.ceil(banLeft),
      });
  };

  const once = async <T>(call: VenueCall, run: () => Promise<T>): Promise<T> => {
    refuseWhileBanned(call);
    const { evidence, result } = observed.observe(run);
    try {
      return await result;
    } catch (error) {
      if (error instanceof DomainError || error instanceof VenueFailure) throw error;
      const failure = classify(call, error, evidence, secrets);
      if (evidence.status === 418 || evidence.status === 429)
        bannedUntil = performance.now() + (failure.retryAfterMs ?? 0);
      throw failure;
    }
  };

  const clock = createVenueClock(() => once('fetch', async () => parseTime(await exchange.publicGetTime())), {
    ttlMs: options.clockTtlMs ?? wallClockTtlMs,
  });
  exchange.nonce = () => clock.read();

  return {
    exchange: id,
    clock,
    reserveSlot: async (purpose) => {
      await Promise.resolve();
      refuseWhileBanned(purpose);
    },
    call: async (call, access, run) => {
      if (access === 'signed') await clock.now();
      try {
        return await once(call, () => run(exchange));
      } catch (error) {
        if (!(error instanceof VenueFailure) || error.code !== '-1021') throw error;
        if (call === 'createOrder') throw error;
        await clock.resync();
        return once(call, () => run(exchange));
      }
    },
  };
};
