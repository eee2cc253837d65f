import { DomainError } from '../errors.ts';
import { completeParameters, indicatorName, indicatorOf } from '../indicators/registry.ts';
import type { IndicatorValues } from '../indicators/indicator.ts';
import type { CandleColumns } from '../market/candle.ts';
import { asOf, lastClosedBars, marketKey } from '../market/informative.ts';
import type { InformativeMarkets, MarketName } from '../market/informative.ts';
import type { OperandValues } from './conditions.ts';
import { isIndicator, isParam } from './definition.ts';
import type {
  IndicatorOperand,
  Operand,
  PriceField,
  PriceOperand,
  StrategyDefinition,
  StrategyParameters,
} from './definition.ts';
import type { IndicatorCache } from './indicator-cache.ts';

/** The parameters of an indicator operand as numbers: references resolved, fallbacks filled in. */
export const parametersOf = (operand: IndicatorOperand, parameters: StrategyParameters): IndicatorValues => {
  const indicator = indicatorOf(operand.indicator);
  const given: Record<string, number> = {};
  for (const { name } of indicator.parameters) {
    const value = operand[name];
    if (typeof value === 'number') given[name] = value;
    else if (isParam(value)) given[name] = parameters[value.param] ?? Number.NaN;
  }
  return completeParameters(indicator, given);
};

export const sourceOf = (operand: IndicatorOperand): PriceField =>
  operand.source ?? indicatorOf(operand.indicator).source ?? 'close';

/** The other market that an operand looks at; null where it is the strategy's own. */
export const otherMarketOf = (
  { market }: PriceOperand | IndicatorOperand,
  own: Pick<StrategyDefinition, 'symbol' | 'interval'>,
): MarketName | null => {
  const symbol = market?.symbol ?? own.symbol;
  const interval = market?.interval ?? own.interval;
  return symbol === own.symbol && interval === own.interval ? null : { symbol, interval };
};

export interface StrategyCandles {
  readonly columns: CandleColumns;
  /** Candles of the other markets that its conditions look at, by `marketKey`. */
  readonly markets?: InformativeMarkets | undefined;
}

/**
 * Reads a strategy's operands as one value a bar of its own market (or a single value for all bars); each indicator is computed once.
 * @throws DomainError `NotEnoughCandles` where the candles of another market were not handed in.
 */
export const createOperandReader = (
  definition: StrategyDefinition,
  { columns, markets = {} }: StrategyCandles,
  cache: IndicatorCache,
): OperandValues => {
  const { parameters } = definition;
  const alignments = new Map<string, Int32Array>();

  const valuesOver = (operand: PriceOperand | IndicatorOperand, over: CandleColumns, prefix: string): Float64Array => {
    if (!isIndicator(operand)) return over[operand.price];
    const indicator = indicatorOf(operand.indicator);
    const values = parametersOf(operand, parameters);
    const source = sourceOf(operand);
    const outputs = cache.get(`${prefix}${indicatorName(operand.indicator, values)}/${source}`, () =>
      indicator.compute(over, values, source),
    );
    return outputs[operand.output ?? indicator.outputs[0]] ?? Float64Array.of(Number.NaN);
  };

  return (operand: Operand): Float64Array => {
    if (typeof operand === 'number') return Float64Array.of(operand);
    if (isParam(operand)) return Float64Array.of(parameters[operand.param] ?? Number.NaN);
    const other = otherMarketOf(operand, definition);
    if (other === null) return shifted(valuesOver(operand, columns, ''), operand.offset ?? 0);
    const key = marketKey(other);
    const candles = markets[key];
    if (candles === undefined) throw marketMissing(definition.name, key);
    const bars = alignments.get(key) ?? lastClosedBars(columns.time, definition.interval, candles, other.interval);
    alignments.set(key, bars);
    return asOf(shifted(valuesOver(operand, candles, `${key}/`), operand.offset ?? 0), bars);
  };
};

const marketMissing = (strategy: string, key: string): DomainError =>
  new DomainError('NotEnoughCandles', `'${strategy}' looks at ${key}, and there are no candles of it`, {
    next: `hand them in (--market ${key}=CSV), or import them`,
    details: { market: key },
  });

/** Each bar's value `bars` earlier; NaN before there is one. */
const shifted = (column: Float64Array, bars: number): Float64Array => {
  if (bars === 0) return column;
  const earlier = new Float64Array(column.length).fill(Number.NaN);
  if (bars < column.length) earlier.set(column.subarray(0, column.length - bars), bars);
  return earlier;
};
