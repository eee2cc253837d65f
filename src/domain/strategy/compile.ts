import { indicatorName, indicatorOf } from '../indicators/registry.ts';
import type { IndicatorValues } from '../indicators/indicator.ts';
import { lastColumns } from '../market/columns.ts';
import { closedBy, marketKey } from '../market/informative.ts';
import type { MarketName } from '../market/informative.ts';
import { closeTimeOf, intervalMs } from '../market/interval.ts';
import type { Interval } from '../market/interval.ts';
import { checkStrategy } from './check.ts';
import { evaluateCondition, signal, signalsOf } from './conditions.ts';
import { isIndicator, isParam } from './definition.ts';
import type {
  Condition,
  IndicatorOperand,
  Operand,
  PriceField,
  PriceOperand,
  StrategyDefinition,
  StrategyParameters,
} from './definition.ts';
import { crossSignals } from './cross-signals.ts';
import { createIndicatorCache } from './indicator-cache.ts';
import type { IndicatorCache } from './indicator-cache.ts';
import { createOperandReader, otherMarketOf, parametersOf, sourceOf } from './operand-values.ts';
import type { StrategyCandles } from './operand-values.ts';
import { isComparison, strategyOperands } from './walk.ts';

/** An indicator that a strategy reads, with its parameters filled in. */
export interface UsedIndicator {
  /** `SMA_20` */
  readonly key: string;
  readonly indicator: string;
  readonly parameters: IndicatorValues;
  readonly source: PriceField;
}

/** Another market that a strategy looks at, and how many of its bars. */
export interface UsedMarket extends MarketName {
  /** `BTCUSDT:1h` */
  readonly key: string;
  /** Bars at its start on which some operand is undefined. */
  readonly warmup: number;
  /** Bars that `evaluateLast` looks at. */
  readonly lookback: number;
}

export interface CompiledStrategy {
  readonly definition: StrategyDefinition;
  /** Bars at the start on which some operand is undefined. */
  readonly warmup: number;
  /** Bars that `evaluateLast` looks at: with at least so many the answer is that of the whole series. */
  readonly lookback: number;
  /** Indicators over the strategy's own market. */
  readonly indicators: readonly UsedIndicator[];
  readonly markets: readonly UsedMarket[];
  /**
   * The `signal` bits of each bar's close, one byte a bar.
   * @param cache indicators already computed over these very candles.
   * @throws DomainError `NotEnoughCandles` where the candles of another market are not there.
   */
  signals(candles: StrategyCandles, cache?: IndicatorCache): Uint8Array;
  /**
   * The signals of the last bar, from the newest `lookback` bars alone, so that the answer does not depend on how much
   * more history was handed in. Candles of other markets that close after it are not looked at. By the same code as `signals`.
   * @param cache indicators already computed over these very candles for a strategy with the same lookbacks.
   * @throws as `signals`
   */
  evaluateLast(candles: StrategyCandles, cache?: IndicatorCache): { readonly entry: boolean; readonly exit: boolean };
}

/** Where all history would count, this much is looked at. */
const longestLookback = 20_000;

/**
 * Turns a definition into signals.
 * @throws DomainError `BadStrategy`, `UnknownIndicator` (`checkStrategy`).
 */
export const compileStrategy = (definition: StrategyDefinition): CompiledStrategy => {
  checkStrategy(definition);
  const { parameters, entry_conditions: entry, exit_conditions: exit } = definition;
  const operands = strategyOperands(definition)
    .map(({ operand }) => operand)
    .filter(readsCandles);
  const own = operands.filter((operand) => otherMarketOf(operand, definition) === null);
  const crossing = hasCross(entry) || hasCross(exit) ? 1 : 0;
  const warmup = crossing + Math.max(0, ...own.map((operand) => barsOf(operand, parameters, 'warmup')));
  const history = crossing + Math.max(1, ...own.map((operand) => barsOf(operand, parameters, 'history')));
  const lookback = Math.min(longestLookback, Math.max(history, warmup + 1));
  const markets = usedMarkets(definition, operands, lookback);
  const signals = (candles: StrategyCandles, cache = createIndicatorCache(Number.POSITIVE_INFINITY)): Uint8Array => {
    const { length } = candles.columns;
    const valuesOf = createOperandReader(definition, candles, cache);
    const crossing = crossSignals(definition, length, valuesOf);
    if (crossing !== null) return crossing;
    return signalsOf(evaluateCondition(entry, length, valuesOf), evaluateCondition(exit, length, valuesOf));
  };
  return {
    definition,
    warmup,
    lookback,
    indicators: usedIndicators(own, parameters),
    markets,
    signals,
    evaluateLast: (candles, cache) => {
      const last = signals(lastCandles(candles, definition.interval, lookback, markets), cache).at(-1) ?? 0;
      return { entry: (last & signal.entry) !== 0, exit: (last & signal.exit) !== 0 };
    },
  };
};

const readsCandles = (operand: Operand): operand is PriceOperand | IndicatorOperand =>
  typeof operand === 'object' && !isParam(operand);

const lastCandles = (
  { columns, markets }: StrategyCandles,
  interval: Interval,
  lookback: number,
  used: readonly UsedMarket[],
): StrategyCandles => {
  const close = closeTimeOf(columns.time[columns.length - 1] ?? 0, interval);
  return {
    columns: lastColumns(columns, lookback),
    markets: Object.fromEntries(
      used.flatMap(({ key, interval: of, lookback: bars }) => {
        const candles = markets?.[key];
        return candles === undefined ? [] : [[key, lastColumns(closedBy(candles, of, close), bars)]];
      }),
    ),
  };
};

const hasCross = (condition: Condition): boolean => {
  if (isComparison(condition)) return condition.op === 'crosses_above' || condition.op === 'crosses_below';
  if ('not' in condition) return hasCross(condition.not);
  return ('all' in condition ? condition.all : condition.any).some(hasCross);
};

const barsOf = (
  operand: PriceOperand | IndicatorOperand,
  parameters: StrategyParameters,
  kind: 'warmup' | 'history',
): number => {
  const offset = operand.offset ?? 0;
  if (!isIndicator(operand)) return offset + (kind === 'history' ? 1 : 0);
  return offset + indicatorOf(operand.indicator)[kind](parametersOf(operand, parameters));
};

/** Each of its bars is looked at as of the last `ownLookback` bars of the strategy's own market. */
const usedMarkets = (
  definition: StrategyDefinition,
  operands: readonly (PriceOperand | IndicatorOperand)[],
  ownLookback: number,
): readonly UsedMarket[] => {
  const { interval, parameters } = definition;
  return mergeMarkets(
    operands.flatMap((operand): readonly UsedMarket[] => {
      const market = otherMarketOf(operand, definition);
      if (market === null) return [];
      const seen = Math.ceil((ownLookback * intervalMs[interval]) / intervalMs[market.interval]) + 1;
      const lookback = Math.min(longestLookback, seen + barsOf(operand, parameters, 'history'));
      return [{ ...market, key: marketKey(market), warmup: barsOf(operand, parameters, 'warmup'), lookback }];
    }),
  );
};

/** Each market once, with its longest warm-up and its longest look-back. */
export const mergeMarkets = (markets: readonly UsedMarket[]): readonly UsedMarket[] => {
  const merged = new Map<string, UsedMarket>();
  for (const market of markets) {
    const earlier = merged.get(market.key) ?? market;
    merged.set(market.key, {
      ...market,
      warmup: Math.max(market.warmup, earlier.warmup),
      lookback: Math.max(market.lookback, earlier.lookback),
    });
  }
  return [...merged.values()];
};

const usedIndicators = (
  operands: readonly (PriceOperand | IndicatorOperand)[],
  parameters: StrategyParameters,
): readonly UsedIndicator[] => {
  const used = new Map<string, UsedIndicator>();
  for (const operand of operands) {
    if (!isIndicator(operand)) continue;
    const values = parametersOf(operand, parameters);
    const source = sourceOf(operand);
    const key = indicatorName(operand.indicator, values);
    used.set(`${key}/${source}`, { key, indicator: operand.indicator, parameters: values, source });
  }
  return [...used.values()];
};
