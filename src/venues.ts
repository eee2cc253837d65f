import { createPaperVenue } from './adapters/exchange/paper-venue.ts';
import { type CcxtClient, createCcxtClient } from './adapters/exchange/ccxt-client.ts';
import { createCcxtMarketData } from './adapters/exchange/ccxt-market-data.ts';
import { createCcxtVenue } from './adapters/exchange/ccxt-venue.ts';
import { assertKeyCannotWithdraw } from './adapters/exchange/key-safety.ts';
import { createRateLimiter, type RateLimiter } from './adapters/exchange/rate-limiter.ts';
import type { ClockJump } from './adapters/exchange/venue-clock.ts';
import type { Store } from './adapters/postgres/store.ts';
import type { Config } from './config.ts';
import type { MarketDataSource, Venue } from './contracts/venue.ts';
import { totalOf } from './domain/accounting/balance.ts';
import { text } from './domain/decimal.ts';
import { DomainError } from './domain/errors.ts';
import { type Interval, closeTimeOf, isInterval } from './domain/market/interval.ts';
import type { Environment } from './domain/orders/order.ts';
import type { RateState } from './domain/orders/rate-window.ts';

export interface Venues {
  readonly marketData: MarketDataSource;
  readonly venueFor: (environment: Environment) => Promise<Venue>;
  readonly checkLiveAccount: () => Promise<void>;
}

/** ccxt waits 50 ms per unit of weight for the real exchange; the simulator on loopback needs no pause. */
const simulatorMsPerWeight = 0.01;

/** Binance's own test network speaks the same API at another address. */
const sandboxUrls: Readonly<Record<string, string>> = { binance: 'https://testnet.binance.vision' };

const sandboxUrl = (exchange: string): string => {
  const url = sandboxUrls[exchange];
  if (url !== undefined) return url;
  throw new DomainError('VenueNotSupported', `no test network of ${exchange} is known`, {
    next: 'set MASTERTRADE_SANDBOX=off, or trade on the simulator',
  });
};

/**
 * One limiter for each account, and all of the process's clients on it; every other worker's take from the same row. A
 * venue counts requests by address: its market data, which needs no account, is asked for under the same limits.
 */
const limitersOn = (store: Store): ((account: string) => RateLimiter) => {
  const limiters = new Map<string, RateLimiter>();
  return (account) => {
    const book = {
      read: () => store.rateLimits.read(account),
      write: (state: RateState, revision: number) => store.rateLimits.write(account, state, revision),
    };
    const limiter = limiters.get(account) ?? createRateLimiter({ book });
    limiters.set(account, limiter);
    return limiter;
  };
};

/** One alert in ten minutes of venue time, whichever worker noticed first. Where it cannot be written, orders go on. */
const clockJumpAlert =
  (store: Store, account: string) =>
  ({ expected, found }: ClockJump): void => {
    const alert = store.alerts.raise({
      type: 'venue_clock_jump',
      severity: 'warning',
      title: `The clock of ${account} jumped by ${((found - expected) / 1_000).toFixed(1)} s`,
      message: `It showed ${new Date(found).toISOString()} where ${new Date(expected).toISOString()} was expected. Orders are timed by the new reading. If it was this machine that slept or was set, nothing is wrong at the venue.`,
      entityType: 'system',
      entityId: account,
      dedupeKey: `clock/${account}/${Math.floor(found / 600_000)}`,
    });
    void alert.catch(() => undefined);
  };

const clientFor = async (
  { config, store, limiterOf }: { config: Config; store: Store; limiterOf: (account: string) => RateLimiter },
  exchange: string,
  signed: boolean,
): Promise<CcxtClient> => {
  if (exchange !== 'simulator') {
    const { credentials, sandbox } = config.live;
    const onTestNetwork = signed && sandbox;
    const account = onTestNetwork ? `${exchange}/sandbox` : exchange;
    return await createCcxtClient({
      exchange,
      ...(onTestNetwork && { baseUrl: sandboxUrl(exchange) }),
      limiter: limiterOf(account),
      onClockJump: clockJumpAlert(store, account),
      credentials: signed && credentials ? { apiKey: credentials.apiKey, secret: credentials.apiSecret } : null,
    });
  }
  if (!config.simulator) {
    throw new DomainError('StackNotRunning', 'the exchange is the simulator, and no simulator is configured', {
      next: 'start it with `mastertrade up`, or set MASTERTRADE_SIMULATOR_URL',
    });
  }
  const { url, apiKey, apiSecret } = config.simulator;
  return await createCcxtClient({
    exchange: 'binance',
    credentials: { apiKey, secret: apiSecret },
    baseUrl: url,
    limiter: limiterOf(exchange),
    ...(config.clock === 'stepped' && { clockTtlMs: 0 }),
    msPerWeight: simulatorMsPerWeight,
  });
};

const disabled = (venue: string): DomainError =>
  new DomainError('LiveTradingDisabled', `live trading on ${venue} is switched off, or has no key`, {
    next: 'set MASTERTRADE_LIVE=on and the key in MASTERTRADE_API_KEY and MASTERTRADE_API_SECRET once you mean it',
  });

/** Connects what the configuration names: one source of candles, the paper venue, and the live one where it is on. */
export const createVenues = async (config: Config, store: Store): Promise<Venues> => {
  const parts = { config, store, limiterOf: limitersOn(store) };
  const marketClient = await clientFor(parts, config.marketData.exchange, false);
  const marketData = createCcxtMarketData({ client: marketClient, id: config.marketData.exchange });
  const paper = createPaperVenue(
    {
      orderByClientId: (clientOrderId) => store.orders.findByClientId(clientOrderId),
      balances: async () => {
        const balances = await store.balances.read({ environment: 'paper', exchange: 'paper' });
        return Object.fromEntries([...balances].map(([asset, balance]) => [asset, text(totalOf(balance))]));
      },
      openOrders: () => store.orders.working({ exchange: 'paper' }),
      ordersOfList: (orderListId) => store.protection.ofList(orderListId),
      candlesFrom: (query) => store.candles.read(query),
      marketTime: async (symbol) => {
        const newest = await store.newestCandle(symbol);
        return newest && isInterval(newest.interval)
          ? closeTimeOf(newest.time, newest.interval satisfies Interval)
          : null;
      },
    },
    marketData,
    config.paper,
  );

  const { enabled, venue: liveId, credentials } = config.live;
  const liveClient = enabled && credentials ? await clientFor(parts, liveId, true) : null;
  const live = liveClient && createCcxtVenue({ client: liveClient, id: liveId });
  return {
    marketData,
    venueFor: async (environment) => {
      if (environment === 'paper') return await Promise.resolve(paper);
      if (live) return live;
      throw disabled(liveId);
    },
    checkLiveAccount: async () => {
      if (!liveClient) throw disabled(liveId);
      await assertKeyCannotWithdraw(liveClient);
    },
  };
};
