import { firstAtOrAfter, lastColumns, sliceColumns } from '../../market/columns.ts';
import type { InformativeMarkets } from '../../market/informative.ts';
import { compileStrategy, mergeMarkets } from '../../strategy/compile.ts';
import type { UsedMarket } from '../../strategy/compile.ts';
import type { StrategyDefinition } from '../../strategy/definition.ts';
import type { BacktestInput } from '../backtest-run.ts';

/** Bars `from` up to, not including, `to`. */
export interface BarRange {
  readonly from: number;
  readonly to: number;
}

/** What strategies look back at: bars of their own market and of the others. */
export interface LookBack {
  readonly warmup: number;
  readonly bars: number;
  readonly markets: readonly Pick<UsedMarket, 'key' | 'warmup' | 'lookback'>[];
}

/** What the strategy looks back at at most under any of the parameters. @throws as `compileStrategy` */
export const lookBackOf = (definitions: readonly StrategyDefinition[]): LookBack => {
  const strategies = definitions.map(compileStrategy);
  return {
    warmup: Math.max(0, ...strategies.map(({ warmup }) => warmup)),
    bars: Math.max(0, ...strategies.map(({ lookback }) => lookback)),
    markets: mergeMarkets(strategies.flatMap(({ markets }) => markets)),
  };
};

/**
 * The input over a range of its bars alone: nothing after it is there, and the bars before it only warm indicators up. There
 * are as many of those as the strategy looks back at, but no more than the range has (or its warm-up needs), so that many
 * windows do not cost many times the whole.
 */
export const windowOf = (input: BacktestInput, { from, to }: BarRange, lookBack: LookBack): BacktestInput => {
  const { columns, markets } = input;
  const firstBar = Math.min(from, Math.max(lookBack.warmup, Math.min(lookBack.bars, to - from)));
  const own = sliceColumns(columns, from - firstBar, to);
  if (markets === undefined) return { ...input, columns: own, firstBar };
  const start = own.time[0]!;
  const end = columns.time[to] ?? Number.POSITIVE_INFINITY;
  return { ...input, columns: own, firstBar, markets: marketsWithin(markets, lookBack, start, end) };
};

/** The other markets' candles that opened before `end`, with enough before `start` to look back at. */
const marketsWithin = (
  markets: InformativeMarkets,
  lookBack: LookBack,
  start: number,
  end: number,
): InformativeMarkets =>
  Object.fromEntries(
    Object.entries(markets).map(([key, candles]) => {
      const used = lookBack.markets.find((market) => market.key === key);
      const before = sliceColumns(candles, 0, firstAtOrAfter(candles.time, end));
      const inside = before.length - firstAtOrAfter(before.time, start);
      return [key, lastColumns(before, inside + (used?.lookback ?? 0))];
    }),
  );

/** True where the window has bars enough to warm up on every market that it looks at. */
export const warmsUp = ({ columns, markets = {} }: BacktestInput, lookBack: LookBack): boolean =>
  columns.length > lookBack.warmup && lookBack.markets.every(({ key, warmup }) => (markets[key]?.length ?? 0) > warmup);
