import { ApplicationFailure, Context } from '@temporalio/activity';
import type { StandingRecord } from '../adapters/postgres/positions.ts';
import type { Store } from '../adapters/postgres/store.ts';
import type { StrategyRecord } from '../adapters/postgres/strategies.ts';
import type { MarketActivities, MarketRef } from '../contracts/activities.ts';
import type { Decision } from '../contracts/messages.ts';
import type { MarketDataSource } from '../contracts/venue.ts';
import { DomainError } from '../domain/errors.ts';
import { indicatorOf } from '../domain/indicators/registry.ts';
import { type Candle, type CandleColumns } from '../domain/market/candle.ts';
import { candlesToColumns } from '../domain/market/columns.ts';
import { type Interval, closeTimeOf, intervalMs, openTimeOf } from '../domain/market/interval.ts';
import { type CompiledStrategy, compileStrategy } from '../domain/strategy/compile.ts';
import { decide, isContiguous } from '../domain/strategy/decide.ts';
import { exitSide, entrySide } from '../domain/fills/fill-model.ts';
import { createDecision } from './decisions.ts';
import { withMappedFailures } from './failures.ts';
import { heartbeating } from './heartbeat.ts';

/** Candles fetched at least when a market is looked at for the first time. */
const firstFetchBars = 500;
const pageSize = 1_000;
/** How long after a close the venue is asked for it. */
const closeGraceMs = 1_500;

export interface MarketDeps {
  readonly store: Store;
  readonly marketData: MarketDataSource;
  /** Records what the stored candles have made of a resting paper order. */
  readonly settlePaperOrder: (orderId: string) => Promise<unknown>;
}

/** Compiled once a (strategy, version); a handful of strategies per worker process stays small. */
const createCompiler = () => {
  const compiled = new Map<string, CompiledStrategy>();
  return ({ strategyId, version, definition }: StrategyRecord): CompiledStrategy => {
    const key = `${strategyId}/${version}`;
    const strategy = compiled.get(key) ?? compileStrategy(definition);
    compiled.set(key, strategy);
    return strategy;
  };
};

const decisionOf = (
  strategy: StrategyRecord,
  standing: StandingRecord,
  verdict: { kind: 'entry' | 'exit'; reason: string },
  candle: Candle,
): Decision => {
  const { strategyId, version, definition } = strategy;
  const { symbol, interval, risk_params: risk } = definition;
  return createDecision(
    {
      strategyId,
      version,
      environment: standing.environment,
      kind: verdict.kind,
      side: verdict.kind === 'entry' ? entrySide(risk.side) : exitSide(risk.side),
      symbol,
      candleTime: candle.time,
      referencePrice: candle.close,
      reason: verdict.reason,
    },
    interval,
  );
};

export const createMarketActivities = ({ store, marketData, settlePaperOrder }: MarketDeps): MarketActivities => {
  const compile = createCompiler();

  const requireSource = (exchange: string): void => {
    if (exchange === marketData.id) return;
    throw new DomainError(
      'VenueMismatch',
      `this worker reads candles from ${marketData.id}, the workflow asks for ${exchange}`,
      {
        next: `start a worker with MASTERTRADE_EXCHANGE=${exchange}`,
      },
    );
  };

  /** Enough history for the longest memory of the strategies that trade here. */
  const barsWanted = async (market: { symbol: string; interval: Interval }): Promise<number> =>
    Math.max(
      firstFetchBars,
      ...(await store.strategies.trading(market)).map((strategy) => compile(strategy).lookback + 1),
    );

  /** Stores what has closed since the last stored candle, page by page, so that a gap is repaired before anything is judged. */
  const ingest = async ({ symbol, interval }: MarketRef, now: number): Promise<number> => {
    await store.venues.bind('market_data', marketData.id, null);
    const last = await store.candles.lastTime({ symbol, interval });
    let from =
      last === null
        ? openTimeOf(now, interval) - (await barsWanted({ symbol, interval })) * intervalMs[interval]
        : closeTimeOf(last, interval);
    let stored = 0;
    while (closeTimeOf(from, interval) <= now) {
      const page = await marketData.candles({ symbol, interval, from, limit: pageSize });
      const newest = page.at(-1);
      if (!newest) break;
      const { inserted, updated } = await store.candles.ingest({ symbol, interval, candles: page });
      stored += inserted + updated;
      from = closeTimeOf(newest.time, interval);
    }
    return stored;
  };

  const storeIndicators = async (
    market: MarketRef,
    strategies: readonly CompiledStrategy[],
    columns: CandleColumns,
    time: number,
  ): Promise<void> => {
    const used = new Map(
      strategies.flatMap((strategy) => strategy.indicators.map((indicator) => [indicator.key, indicator] as const)),
    );
    const values = [...used.values()].flatMap(({ key, indicator, parameters, source }) => {
      const definition = indicatorOf(indicator);
      const outputs = definition.compute(columns, parameters, source);
      const [first, ...others] = definition.outputs;
      const lastOf = (name: string): number => outputs[name]?.at(-1) ?? Number.NaN;
      const value = lastOf(first);
      if (!Number.isFinite(value)) return [];
      const further = others.map((name) => [name, lastOf(name)] as const).filter(([, v]) => Number.isFinite(v));
      return [{ name: key, value, metadata: further.length > 0 ? Object.fromEntries(further) : null }];
    });
    await store.indicators.store({ symbol: market.symbol, interval: market.interval, time }, values);
  };

  /**
   * Fills on paper before anything is judged, so that a strategy is judged by what it holds, as in a back-test. What the
   * books refuse is left to the order's own workflow: one order does not stop a market.
   */
  const settlePaperOrders = async (orderIds: readonly string[]): Promise<void> => {
    for (const orderId of orderIds) {
      try {
        await settlePaperOrder(orderId);
      } catch (error) {
        if (!(error instanceof ApplicationFailure)) throw error;
      }
    }
  };

  const judge = async (
    market: MarketRef,
    candle: Candle,
    strategies: readonly StrategyRecord[],
  ): Promise<Decision[]> => {
    if (strategies.length === 0) return [];
    const compiled = strategies.map(compile);
    const lookback = Math.max(...compiled.map((strategy) => strategy.lookback));
    const columns = candlesToColumns(await store.candles.read({ ...market, limit: lookback + 1, latest: true }));
    const standings = await store.positions.standingsOn(market);
    const decisions = strategies.flatMap((strategy, i) => {
      const standing = standings.get(strategy.strategyId);
      const program = compiled[i];
      if (!standing || !program || !isContiguous(columns, program.warmup + 1, intervalMs[market.interval])) return [];
      const verdict = decide(
        program,
        columns,
        { ...standing, mayEnter: strategy.status !== 'paused' },
        intervalMs[market.interval],
      );
      return verdict ? [decisionOf(strategy, standing, verdict, candle)] : [];
    });
    await storeIndicators(market, compiled, columns, candle.time);
    return decisions;
  };

  return withMappedFailures<MarketActivities>({
    handleClose: async ({ lastHandled, ...market }) =>
      await heartbeating(async () => {
        requireSource(market.exchange);
        const { symbol, interval } = market;
        const now = await marketData.now();
        const candles = await ingest(market, now);
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
        const ordersNotified = resting
          .filter((order) => order.metadata.interval === interval)
          .map((order) => order.orderId);
        await settlePaperOrders(ordersNotified);
        const trading = await store.strategies.trading(market);
        // A late candle is stored and never traded on: the market has moved on.
        const isLate = now >= closeTimeOf(newest.time, interval) + intervalMs[interval];
        const decisions = isLate ? [] : await judge(market, newest, trading);
        return {
          candles,
          lastCandle: newest.time,
          decisions,
          strategies: trading.length,
          ordersNotified,
          nextCloseInMs,
        };
      }),

    backfillCandles: async ({ exchange, symbol, interval, from, to }) => {
      requireSource(exchange);
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
