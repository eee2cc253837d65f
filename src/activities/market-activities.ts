import { ApplicationFailure, Context } from '@temporalio/activity';
import type { OrderRecord } from '../adapters/postgres/orders.ts';
import type { Store } from '../adapters/postgres/store.ts';
import type { MarketActivities, MarketRef } from '../contracts/activities.ts';
import type { OrderView } from '../contracts/messages.ts';
import type { SnapshotRequest } from '../contracts/portfolio.ts';
import type { MarketDataSource } from '../contracts/venue.ts';
import { circuitBreakerWorkflowId } from '../contracts/workflow-ids.ts';
import { DomainError } from '../domain/errors.ts';
import type { Environment } from '../domain/orders/order.ts';
import { type Interval, closeTimeOf, intervalMs, openTimeOf } from '../domain/market/interval.ts';
import { createCompiler } from '../domain/strategy/compiled-strategies.ts';
import { createCandleFeed, pageSize } from './candle-feed.ts';
import { withMappedFailures } from './failures.ts';
import { heartbeating } from './heartbeat.ts';
import { createJudge } from './judge-close.ts';

const environments: readonly Environment[] = ['paper', 'live'];

/** How long after a close the venue is asked for it. */
const closeGraceMs = 1_500;

export interface MarketDeps {
  readonly store: Store;
  readonly marketData: MarketDataSource;
  /** Of a replayed market, whose hours no schedule knows: takes an environment's hourly snapshots at a close. Null: time does. */
  readonly takeSnapshots: ((request: SnapshotRequest) => Promise<void>) | null;
  /** Records what the stored candles have made of a resting paper order. */
  readonly settlePaperOrder: (orderId: string) => Promise<Pick<OrderView, 'status' | 'filledQuantity'>>;
}

export const createMarketActivities = ({
  store,
  marketData,
  takeSnapshots,
  settlePaperOrder,
}: MarketDeps): MarketActivities => {
  const compile = createCompiler();
  const feed = createCandleFeed(store, marketData);
  const judge = createJudge(store, feed, compile, (symbol) => marketData.market(symbol));

  /** Enough history for the longest memory of the strategies that trade here. */
  const barsWanted = async (market: { symbol: string; interval: Interval }): Promise<number> =>
    Math.max(0, ...(await store.strategies.trading(market)).map((strategy) => compile(strategy).lookback + 1));

  /**
   * Fills on paper before anything is judged, so that a strategy is judged by what it holds, as in a back-test. Returns the
   * orders with news: telling one that only rests on would cost it a task each candle. What the books refuse is left to the
   * order's own workflow: one order does not stop a market.
   */
  const settlePaperOrders = async (resting: readonly OrderRecord[]): Promise<readonly string[]> => {
    const changed: string[] = [];
    for (const { orderId, status, filledQuantity } of resting) {
      try {
        const settled = await settlePaperOrder(orderId);
        if (settled.status !== status || settled.filledQuantity !== filledQuantity) changed.push(orderId);
      } catch (error) {
        if (!(error instanceof ApplicationFailure)) throw error;
        changed.push(orderId);
      }
    }
    return changed;
  };

  /** What an earlier attempt at this close ended, in case it did not live to tell. */
  const endedBefore = async ({ symbol, interval }: MarketRef): Promise<readonly string[]> => {
    const { attempt, scheduledTimestampMs: since } = Context.current().info;
    return attempt > 1 ? await store.orders.endedSince({ exchange: 'paper', symbol, interval, since }) : [];
  };

  /** What a risk snapshot leads to by schedule, at a market hour of a replay. Returns the environments with something open. */
  const lookHourly = async (at: number): Promise<readonly Environment[]> => {
    if (!takeSnapshots) return [];
    const stopped: Environment[] = [];
    for (const environment of environments) {
      if (!(await store.portfolio.snapshotDue(environment, at))) continue;
      try {
        await takeSnapshots({ environment, snapshotId: `close/${environment}/${at}` });
        const { open } = await store.breaker.evaluateBreaker({ environment, now: Date.now() });
        if (open.length > 0) stopped.push(environment);
      } catch (error) {
        // What has no price is told by itself: it does not stop a market.
        if (!(error instanceof ApplicationFailure || error instanceof DomainError)) throw error;
        stopped.push(environment);
      }
    }
    return stopped;
  };

  /** Where it cannot be judged the breakers' workflows find that out and tell a person: a market does not stop by it. */
  const lookAfter = async (symbol: string, at: number): Promise<readonly Environment[]> => {
    try {
      return await store.breaker.lookAfterClose({ symbol, at });
    } catch (error) {
      if (error instanceof DomainError) return environments;
      throw error;
    }
  };

  return withMappedFailures<MarketActivities>({
    handleClose: async ({ lastHandled, ...market }) =>
      await heartbeating(async () => {
        feed.requireSource(market.exchange);
        const { symbol, interval } = market;
        const now = await marketData.now();
        const candles = await feed.ingest(market, now, () => barsWanted(market));
        const [newest] = await store.candles.read({ symbol, interval, limit: 1, latest: true });
        const nextCloseInMs = closeTimeOf(openTimeOf(now, interval), interval) - now + closeGraceMs;
        if (!newest || newest.time <= (lastHandled ?? -1)) {
          const { length: strategies } = await store.strategies.trading(market);
          return {
            candles,
            lastCandle: newest?.time ?? null,
            decisions: [],
            ordersNotified: [],
            strategies,
            nextCloseInMs,
          };
        }
        await store.positions.mark({ symbol, price: newest.close, at: now });
        const resting = await store.orders.working({ exchange: 'paper', symbol });
        const ordersNotified = [
          ...(await settlePaperOrders(resting.filter((order) => order.metadata.interval === interval))),
          ...(await endedBefore(market)),
        ];
        // What trips now keeps every entry out that is decided below.
        const closedAt = closeTimeOf(newest.time, interval);
        const breakers = [...new Set([...(await lookAfter(symbol, closedAt)), ...(await lookHourly(closedAt))])];
        const trading = await store.strategies.trading(market);
        // A late candle is stored and never traded on: the market has moved on.
        const isLate = now >= closeTimeOf(newest.time, interval) + intervalMs[interval];
        const { decisions, guards } = isLate
          ? { decisions: [], guards: [] }
          : await judge(market, newest, trading, now);
        return {
          candles,
          lastCandle: newest.time,
          decisions,
          strategies: trading.length,
          ordersNotified,
          guards,
          breakers: breakers.map(circuitBreakerWorkflowId),
          nextCloseInMs,
        };
      }),

    backfillCandles: async ({ exchange, symbol, interval, from, to }) => {
      feed.requireSource(exchange);
      await store.venues.bind('market_data', marketData.id, null);
      const context = Context.current();
      const resumed = context.info.heartbeatDetails as { cursor: number; stored: number } | undefined;
      let { cursor, stored } = resumed ?? { cursor: from, stored: 0 };
      while (cursor <= to) {
        context.cancellationSignal.throwIfAborted();
        const fetched = await marketData.candles({ symbol, interval, from: cursor, limit: pageSize });
        const page = fetched.filter((candle) => candle.time <= to);
        const newest = page.at(-1);
        if (!newest) break;
        const { inserted, updated } = await store.candles.ingest({ symbol, interval, candles: page });
        stored += inserted + updated;
        cursor = closeTimeOf(newest.time, interval);
        context.heartbeat({ cursor, stored });
      }
      return { stored };
    },
  });
};
