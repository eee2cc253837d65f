import type { StandingRecord } from '../adapters/postgres/positions.ts';
import type { Store } from '../adapters/postgres/store.ts';
import type { StrategyRecord } from '../adapters/postgres/strategies.ts';
import type { MarketRef } from '../contracts/activities.ts';
import type { MarketDataSource } from '../contracts/venue.ts';
import type { Decision } from '../contracts/messages.ts';
import { guardWorkflowId } from '../contracts/workflow-ids.ts';
import { entrySide, exitSide } from '../domain/fills/fill-model.ts';
import { indicatorOf } from '../domain/indicators/registry.ts';
import type { Candle, CandleColumns } from '../domain/market/candle.ts';
import { lastColumns, sliceColumns } from '../domain/market/columns.ts';
import { closeTimeOf, intervalMs } from '../domain/market/interval.ts';
import type { CompiledStrategy } from '../domain/strategy/compile.ts';
import type { createCompiler } from '../domain/strategy/compiled-strategies.ts';
import { followProtection } from '../domain/fills/follow-protection.ts';
import { isGiven } from '../domain/fills/protection.ts';
import { type Verdict, decide, isContiguous, isProtected } from '../domain/strategy/decide.ts';
import { createIndicatorCache } from '../domain/strategy/indicator-cache.ts';
import type { IndicatorCache } from '../domain/strategy/indicator-cache.ts';
import type { CandleFeed } from './candle-feed.ts';
import { createDecision, protectionOf } from './decisions.ts';
import { createEntryGate } from './entry-gate.ts';
import { createOtherMarkets } from './other-markets.ts';

/** What the indicators of one close hold at most. */
const cacheBytes = 64 * 1024 * 1024;

/** Bars that a strategy's open position has to be judged over; none where nothing protects it. */
const barsHeld = (strategy: CompiledStrategy, standing: StandingRecord | undefined, candleTime: number): number => {
  const { interval, risk_params: risk } = strategy.definition;
  if (!standing?.position || !isProtected(risk)) return 0;
  return Math.min(mostBarsHeld, Math.ceil((candleTime - standing.position.openedAt) / intervalMs[interval]) + 1);
};

/** A position held for longer is judged over its newest bars. */
const mostBarsHeld = 20_000;

const decisionOf = (strategy: StrategyRecord, standing: StandingRecord, verdict: Verdict, candle: Candle): Decision => {
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
      ...(verdict.trigger ? { protection: protectionOf(verdict.trigger) } : {}),
    },
    interval,
  );
};

/** Whether the newest candle moved a trailing stop that rests at the venue. */
const trailsOn = (
  { position, resting }: StandingRecord,
  { interval, risk_params: risk }: StrategyRecord['definition'],
  columns: CandleColumns,
  tickSize: number,
): boolean => {
  if (!position || !resting.includes('STOP_LOSS') || !isGiven(risk.trailing_stop_pct)) return false;
  const stopAfter = (bars: CandleColumns): number | null =>
    followProtection(risk, bars, position, tickSize, intervalMs[interval]).levels.stop;
  return stopAfter(columns) !== stopAfter(sliceColumns(columns, 0, columns.length - 1));
};

/** What a close leads to: decisions, and the guards whose trailing stop it moved. */
interface Judged {
  readonly decisions: readonly Decision[];
  readonly guards: readonly string[];
}

/** One cache for all strategies that look at the same bars: an indicator is computed once for them. */
const createCaches = (): ((strategy: CompiledStrategy) => IndicatorCache) => {
  const caches = new Map<string, IndicatorCache>();
  return ({ lookback, markets }) => {
    const bars = [lookback, ...markets.map((market) => `${market.key}=${market.lookback}`)].join(' ');
    const cache = caches.get(bars) ?? createIndicatorCache(cacheBytes);
    caches.set(bars, cache);
    return cache;
  };
};

/** Judges every strategy that trades a market on the close of a candle, and stores the indicators that they look at. */
export const createJudge = (
  store: Store,
  feed: CandleFeed,
  compile: ReturnType<typeof createCompiler>,
  marketOf: MarketDataSource['market'],
) => {
  const latestMarkets = createOtherMarkets(store, feed);
  const letIn = createEntryGate(store);

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
   * @param candle the newest closed one
   * @param now venue time, epoch ms
   */
  return async (
    market: MarketRef,
    candle: Candle,
    strategies: readonly StrategyRecord[],
    now: number,
  ): Promise<Judged> => {
    if (strategies.length === 0) return { decisions: [], guards: [] };
    const { symbol, interval } = market;
    const length = intervalMs[interval];
    const compiled = strategies.map(compile);
    const standings = await store.positions.standingsOn(market);
    const lookback = Math.max(...compiled.map((strategy) => strategy.lookback)) + 1;
    const held = compiled.map((strategy, i) =>
      barsHeld(strategy, standings.get(strategies[i]!.strategyId), candle.time),
    );
    const limit = Math.max(lookback, ...held.map((bars) => bars + 1));
    const tickSize = Number((await marketOf(symbol)).filters.tickSize);
    const markets = await latestMarkets(compiled, closeTimeOf(candle.time, interval), now);
    const columns = await store.candles.latestColumns({ symbol, interval, to: candle.time, limit });
    const cacheOf = createCaches();
    const wanted = strategies.flatMap((strategy, i) => {
      const standing = standings.get(strategy.strategyId);
      const program = compiled[i];
      if (!standing || !program || !isContiguous(columns, program.warmup + 1, length)) return [];
      const mayEnter = strategy.status !== 'paused';
      const verdict = decide(
        program,
        { columns, markets },
        { ...standing, mayEnter, tickSize },
        length,
        cacheOf(program),
      );
      // The order that rests at the venue leaves by itself.
      if (!verdict || (verdict.trigger && standing.resting.includes(verdict.trigger.type))) return [];
      return [decisionOf(strategy, standing, verdict, candle)];
    });
    const guards = strategies.flatMap(({ strategyId, definition }) => {
      const standing = standings.get(strategyId);
      return standing && trailsOn(standing, definition, columns, tickSize)
        ? [guardWorkflowId({ strategyId, symbol, environment: standing.environment })]
        : [];
    });
    await storeIndicators(market, compiled, lastColumns(columns, lookback), candle.time);
    return { decisions: await letIn(wanted, closeTimeOf(candle.time, interval), now), guards };
  };
};
