import { completeParameters, indicatorName, indicatorOf } from '../indicators/registry.ts';
import type { IndicatorSeries, IndicatorValues } from '../indicators/indicator.ts';
import type { CandleColumns } from '../market/candle.ts';
import { lastColumns } from '../market/columns.ts';
import { checkStrategy } from './check.ts';
import { evaluateCondition, isMet } from './conditions.ts';
import { isIndicator, isParam } from './definition.ts';
import type { IndicatorOperand, Operand, PriceField, StrategyDefinition, StrategyParameters } from './definition.ts';
import { isComparison, strategyOperands } from './walk.ts';
import type { Condition } from './definition.ts';

/** An indicator that a strategy reads, with its parameters filled in. */
export interface UsedIndicator {
  /** `SMA_20` */
  readonly key: string;
  readonly indicator: string;
  readonly parameters: IndicatorValues;
  readonly source: PriceField;
}

/** One byte a bar: 1 where the conditions are met on the bar's close. */
export interface SignalSeries {
  readonly entry: Uint8Array;
  readonly exit: Uint8Array;
}

export interface CompiledStrategy {
  readonly definition: StrategyDefinition;
  /** Bars at the start on which some operand is undefined. */
  readonly warmup: number;
  /** Bars that `evaluateLast` looks at: with at least so many the answer is that of the whole series. */
  readonly lookback: number;
  readonly indicators: readonly UsedIndicator[];
  series(columns: CandleColumns): SignalSeries;
  /**
   * The signals of the last bar, from the newest `lookback` bars alone, so that the answer does not depend on how much
   * more history was handed in. By the same code as `series`.
   */
  evaluateLast(columns: CandleColumns): { readonly entry: boolean; readonly exit: boolean };
}

/** Where all history would count, this much is looked at. */
const longestLookback = 20_000;

/**
 * Turns a definition into signals.
 * @throws DomainError `BadStrategy`, `UnknownIndicator` (`checkStrategy`).
 */
export const compileStrategy = (definition: StrategyDefinition): CompiledStrategy => {
  checkStrategy(definition);
  const { parameters } = definition;
  const operands = strategyOperands(definition).map(({ operand }) => operand);
  const crossing = hasCross(definition.entry_conditions) || hasCross(definition.exit_conditions) ? 1 : 0;
  const warmup = crossing + Math.max(0, ...operands.map((operand) => barsOf(operand, parameters, 'warmup')));
  const history = crossing + Math.max(1, ...operands.map((operand) => barsOf(operand, parameters, 'history')));
  const lookback = Math.min(longestLookback, Math.max(history, warmup + 1));
  const used = usedIndicators(operands, parameters);
  const series = (columns: CandleColumns): SignalSeries => {
    const valuesOf = operandReader(columns, parameters);
    return {
      entry: isMet(evaluateCondition(definition.entry_conditions, columns.length, valuesOf)),
      exit: isMet(evaluateCondition(definition.exit_conditions, columns.length, valuesOf)),
    };
  };
  return {
    definition,
    warmup,
    lookback,
    indicators: used,
    series,
    evaluateLast: (columns) => {
      const { entry, exit } = series(lastColumns(columns, lookback));
      return { entry: entry.at(-1) === 1, exit: exit.at(-1) === 1 };
    },
  };
};

const hasCross = (condition: Condition): boolean => {
  if (isComparison(condition)) return condition.op === 'crosses_above' || condition.op === 'crosses_below';
  if ('not' in condition) return hasCross(condition.not);
  return ('all' in condition ? condition.all : condition.any).some(hasCross);
};

const barsOf = (operand: Operand, parameters: StrategyParameters, kind: 'warmup' | 'history'): number => {
  if (typeof operand === 'number' || isParam(operand)) return 0;
  const offset = operand.offset ?? 0;
  if (!isIndicator(operand)) return offset + (kind === 'history' ? 1 : 0);
  return offset + indicatorOf(operand.indicator)[kind](parametersOf(operand, parameters));
};

/** The parameters of an indicator operand as numbers: references resolved, fallbacks filled in. */
const parametersOf = (operand: IndicatorOperand, parameters: StrategyParameters): IndicatorValues => {
  const indicator = indicatorOf(operand.indicator);
  const given: Record<string, number> = {};
  for (const { name } of indicator.parameters) {
    const value = operand[name];
    if (typeof value === 'number') given[name] = value;
    else if (isParam(value)) given[name] = parameters[value.param] ?? Number.NaN;
  }
  return completeParameters(indicator, given);
};

const sourceOf = (operand: IndicatorOperand): PriceField =>
  operand.source ?? indicatorOf(operand.indicator).source ?? 'close';

const usedIndicators = (operands: readonly Operand[], parameters: StrategyParameters): readonly UsedIndicator[] => {
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

/** Reads operands as columns of one value a bar; each indicator is computed once. */
const operandReader = (columns: CandleColumns, parameters: StrategyParameters) => {
  const computed = new Map<string, IndicatorSeries>();
  const columnOf = (operand: Exclude<Operand, number>): Float64Array => {
    if (isParam(operand)) return constant(columns.length, parameters[operand.param] ?? Number.NaN);
    if (!isIndicator(operand)) return columns[operand.price];
    const indicator = indicatorOf(operand.indicator);
    const values = parametersOf(operand, parameters);
    const source = sourceOf(operand);
    const key = `${indicatorName(operand.indicator, values)}/${source}`;
    const outputs = computed.get(key) ?? indicator.compute(columns, values, source);
    computed.set(key, outputs);
    return outputs[operand.output ?? indicator.outputs[0]] ?? constant(columns.length, Number.NaN);
  };
  return (operand: Operand): Float64Array => {
    if (typeof operand === 'number') return constant(columns.length, operand);
    const offset = isParam(operand) ? 0 : (operand.offset ?? 0);
    const column = columnOf(operand);
    return offset === 0 ? column : shifted(column, offset);
  };
};

const constant = (length: number, value: number): Float64Array => new Float64Array(length).fill(value);

/** Each bar's value `bars` earlier; NaN before there is one. */
const shifted = (column: Float64Array, bars: number): Float64Array => {
  const earlier = new Float64Array(column.length).fill(Number.NaN);
  if (bars < column.length) earlier.set(column.subarray(0, column.length - bars), bars);
  return earlier;
};
