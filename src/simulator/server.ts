import type { AddressInfo } from 'node:net';
import { fastify, type FastifyInstance } from 'fastify';
import { DomainError } from '../domain/errors.ts';
import type { Candle } from '../domain/market/candle.ts';
import type { Interval } from '../domain/market/interval.ts';
import type { MarketFilters } from '../domain/market/market-filters.ts';
import { serveAdmin } from './admin.ts';
import type { ApiCredentials } from './auth.ts';
import { type CandleSource, generatorSource, replaySource } from './candle-source.ts';
import { type ClockMode, steppedClock, wallClock } from './clock.ts';
import { createExchange } from './exchange.ts';
import { createFaultTable } from './faults.ts';
import type { GeneratorOptions } from './generator.ts';
import { openLedger } from './ledger.ts';
import { defaultFilters, type SimulatedMarket } from './market.ts';
import { defaultRules, type TradingRules } from './matching.ts';
import { accountRoutes } from './routes/account.ts';
import { marketDataRoutes } from './routes/market-data.ts';
import { orderListRoutes } from './routes/order-lists.ts';
import { orderRoutes } from './routes/orders.ts';
import { serveRoute } from './serve.ts';
import { createUsageMeter, type SimulatedRateLimit } from './usage.ts';

/** A market to start with: recorded candles, or a generator where there are none. */
export interface MarketOptions {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly interval: Interval;
  readonly filters?: Partial<MarketFilters>;
  readonly candles?: readonly Candle[];
  readonly generator?: Omit<GeneratorOptions, 'interval'>;
}

export interface SimulatorOptions extends ApiCredentials {
  /** A loopback address; default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: a free one. */
  readonly port?: number;
  /** Default: BTCUSDT in 1m, generated from seed 1. */
  readonly markets?: readonly MarketOptions[];
  /** Default `stepped`. */
  readonly clock?: ClockMode;
  /** Where a stepped clock starts, epoch ms; default: the first replayed candle's open, or the start of 2024. */
  readonly start?: number;
  /** Ledger file; null or left out keeps it in memory. */
  readonly ledger?: string | null;
  /** Opening balances by asset, decimal text; default 10000 USDT. A ledger file that exists keeps its own. */
  readonly balances?: Readonly<Record<string, string>>;
  readonly rules?: Partial<TradingRules>;
  /** Default: Binance's windows with far higher limits. */
  readonly rateLimits?: readonly SimulatedRateLimit[];
  /** What `apiRestrictions` says of withdrawals; default false. */
  readonly enableWithdrawals?: boolean;
}

export interface RunningSimulator {
  readonly url: string;
  /** Requests of the exchange's own routes since the start, and those refused for the rate limits. */
  requestTotals(): { readonly requests: number; readonly refused: number };
  /** Drops held replies and open connections, and closes the ledger; once, however often it is called. */
  close(): Promise<void>;
}

const defaultMarkets: readonly MarketOptions[] = [{ symbol: 'BTCUSDT', base: 'BTC', quote: 'USDT', interval: '1m' }];
const defaultStart = Date.UTC(2024, 0, 1);
const loopback = new Set(['127.0.0.1', '::1', 'localhost']);

const sourceOf = ({ candles, interval, generator }: MarketOptions): CandleSource =>
  candles === undefined ? generatorSource({ seed: 1, ...generator, interval }) : replaySource(candles, interval);

const marketOf = (options: MarketOptions): SimulatedMarket => ({
  symbol: options.symbol,
  base: options.base,
  quote: options.quote,
  filters: { ...defaultFilters, ...options.filters },
  source: sourceOf(options),
});

const createApp = (): FastifyInstance => {
  const app = fastify({ forceCloseConnections: true });
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  );
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof DomainError) {
      return reply.code(400).send({ error: error.name, message: error.message, next: error.next });
    }
    return reply.code(500).send({ code: -1000, msg: error instanceof Error ? error.message : String(error) });
  });
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ code: -1000, msg: `The simulator has no ${request.method} ${request.url.split('?')[0]}.` }),
  );
  return app;
};

/**
 * Starts an exchange that the ccxt class `binance` can trade on once `https://api.binance.com` is rewritten to `url`.
 * @throws DomainError `BadInput` for an address that is not loopback or a broken ledger, `BadCandleFile`.
 */
export const startSimulator = async (options: SimulatorOptions): Promise<RunningSimulator> => {
  const { host = '127.0.0.1', port = 0, balances = { USDT: '10000' } } = options;
  if (!loopback.has(host)) {
    throw new DomainError('BadInput', `the simulator does not listen on ${host}`, { next: 'use 127.0.0.1 or ::1' });
  }
  const markets = (options.markets ?? defaultMarkets).map(marketOf);
  const firstReplayed = markets.flatMap(({ source }) => (source.last === null ? [] : [source.first]));
  const start = options.start ?? (firstReplayed.length > 0 ? Math.min(...firstReplayed) : defaultStart);
  const clock = options.clock === 'wall' ? wallClock() : steppedClock(start);
  const ledger = openLedger(options.ledger ?? null, balances, clock.now());
  const exchange = createExchange(clock, ledger, markets, { ...defaultRules, ...options.rules });
  const faults = createFaultTable();
  const app = createApp();
  const usage = createUsageMeter(options.rateLimits);
  const served = {
    exchange,
    faults,
    credentials: { apiKey: options.apiKey, secret: options.secret },
    permissions: { enableWithdrawals: options.enableWithdrawals ?? false },
    usage,
  };
  for (const route of [...marketDataRoutes, ...orderRoutes, ...orderListRoutes, ...accountRoutes])
    serveRoute(app, route, served);
  serveAdmin(app, exchange, faults);
  await app.listen({ host, port });
  const address = app.server.address() as AddressInfo;
  const shownHost = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  const end = async (): Promise<void> => {
    app.server.closeAllConnections();
    faults.clear();
    await app.close();
    ledger.close();
  };
  let ended: Promise<void> | null = null;
  return {
    url: `http://${shownHost}:${address.port}`,
    requestTotals: () => usage.totals(),
    close: () => (ended ??= end()),
  };
};
