import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { ComputeActivities, MarketActivities, VenueActivities } from '../../src/contracts/activities.ts';
import type { IncidentActivities } from '../../src/contracts/breaker.ts';
import type { Decision, OrderView } from '../../src/contracts/messages.ts';
import type { PortfolioActivities } from '../../src/contracts/portfolio.ts';
import { taskQueues } from '../../src/contracts/task-queues.ts';
import { loadConfig } from '../../src/config.ts';
import type { Candle } from '../../src/domain/market/candle.ts';
import { type RunningSimulator, startSimulator } from '../../src/simulator/server.ts';
import { createWorkerParts } from '../../src/worker.ts';
import { adminOf } from './workflow-environment.ts';
import { type TradingDatabase, createTradingDatabase } from './trading.ts';

export const minute = 60_000;
export const marketStart = Date.UTC(2026, 0, 1);
export const market = { exchange: 'simulator', symbol: 'BTCUSDT', interval: '1m' } as const;

export type Tick = Awaited<ReturnType<MarketActivities['handleClose']>>;

/** Candles a minute apart from `marketStart`: each opens where the one before closed. */
export const candlesOf = (closes: readonly string[], volume = '1000'): Candle[] =>
  closes.map((close, index) => {
    const open = closes[index - 1] ?? close;
    const [low, high] = Number(open) < Number(close) ? [open, close] : [close, open];
    return { time: marketStart + index * minute, open, high, low, close, volume };
  });

/** A random walk in cents around 100, the same for the same seed. */
export const walk = (length: number, seed: number): string[] => {
  let state = seed;
  let cents = 10_000;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    cents = Math.max(5_000, cents + ((state >>> 16) % 81) - 40);
    return (cents / 100).toFixed(2);
  });
};

export interface MarketStage extends TradingDatabase {
  readonly activities: MarketActivities &
    VenueActivities &
    ComputeActivities &
    PortfolioActivities &
    IncidentActivities;
  /** Moves the venue's clock to the instant at which candle `bar` has closed. */
  readonly closeOf: (bar: number) => Promise<void>;
  readonly handleClose: (lastHandled: number | null) => Promise<Tick>;
  readonly place: (decision: Decision) => Promise<OrderView>;
  /** One close of a replayed market as the workflows carry it out: tick, orders with news, decisions. */
  readonly replay: (bar: number, lastHandled: number | null) => Promise<Tick>;
  /** The simulator's admin interface. */
  readonly admin: <Answer>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown) => Promise<Answer>;
  readonly close: () => Promise<void>;
}

/**
 * The worker's own activities, put together as the worker does it, on a database and a simulator that replays
 * `candles`; what the workflows would do between them is done here, one close after another.
 * @param others candles of other symbols, also a minute apart
 * @param environment variables beside those that name the simulator
 */
export const createMarketStage = async (
  candles: readonly Candle[],
  others: Readonly<Record<string, readonly Candle[]>> = {},
  environment: Readonly<Record<string, string>> = {},
): Promise<MarketStage> => {
  const database = await createTradingDatabase();
  const credentials = { apiKey: randomUUID(), secret: randomUUID() };
  const simulator: RunningSimulator = await startSimulator({
    ...credentials,
    markets: Object.entries({ BTCUSDT: candles, ...others }).map(([symbol, replayed]) => ({
      symbol,
      base: symbol.slice(0, 3),
      quote: symbol.slice(3),
      interval: '1m',
      candles: replayed,
    })),
  });
  const config = loadConfig({
    ...environment,
    MASTERTRADE_SIMULATOR_URL: simulator.url,
    MASTERTRADE_SIMULATOR_API_KEY: credentials.apiKey,
    MASTERTRADE_SIMULATOR_API_SECRET: credentials.secret,
    MASTERTRADE_EXCHANGE: 'simulator',
    MASTERTRADE_CLOCK: 'stepped',
    MASTERTRADE_SNAPSHOT_MS: '0',
  });
  const parts = await createWorkerParts(config, database.url);
  const registered = {
    ...parts.activitiesByQueue[taskQueues.exchange]?.activities,
    ...parts.activitiesByQueue[taskQueues.compute]?.activities,
  } as unknown as MarketStage['activities'];
  const run = <A extends unknown[], R>(activity: (...args: A) => Promise<R>, ...args: A): Promise<R> =>
    new MockActivityEnvironment({ scheduledTimestampMs: Date.now() }, { logger: new DefaultLogger('ERROR') }).run(
      activity,
      ...args,
    );
  const activities = Object.fromEntries(
    Object.entries(registered).map(([name, activity]: [string, (...args: unknown[]) => Promise<unknown>]) => [
      name,
      (...args: unknown[]) => run(activity, ...args),
    ]),
  ) as unknown as MarketStage['activities'];

  const admin = adminOf(simulator.url);
  const closeOf = async (bar: number): Promise<void> => {
    await admin('POST', 'clock', { to: marketStart + (bar + 1) * minute });
  };
  const handleClose = (lastHandled: number | null) => activities.handleClose({ ...market, lastHandled });
  const place = async (decision: Decision): Promise<OrderView> =>
    await activities.placeOrder({
      orderId: decision.decisionId,
      strategyId: decision.strategyId,
      strategyVersion: decision.version,
      environment: decision.environment,
      symbol: decision.symbol,
      interval: market.interval,
      side: decision.side,
      kind: decision.kind,
      referencePrice: decision.referencePrice,
      candleTime: decision.candleTime,
      decidedAt: decision.decidedAt,
      reason: decision.reason,
      ...(decision.protection ? { protection: decision.protection } : {}),
      requestedBy: 'test',
    });
  return {
    ...database,
    activities,
    closeOf,
    handleClose,
    place,
    admin,
    replay: async (bar, lastHandled) => {
      await closeOf(bar);
      const tick = await handleClose(lastHandled);
      for (const orderId of tick.ordersNotified) await activities.syncOrder(orderId);
      for (const decision of tick.decisions) await place(decision);
      return tick;
    },
    close: async () => {
      await parts.close();
      await simulator.close();
      await database.drop();
    },
  };
};
