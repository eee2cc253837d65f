import { completeParameters, indicatorOf } from '../../domain/indicators/registry.ts';
import { asOf, lastClosedBars, marketKey } from '../../domain/market/informative.ts';
import { isIndicator, isParam } from '../../domain/strategy/definition.ts';
import type { Condition, IndicatorOperand, Operand, StrategyDefinition } from '../../domain/strategy/definition.ts';
import { otherMarketOf, parametersOf, sourceOf } from '../../domain/strategy/operand-values.ts';
import { isComparison, strategyOperands } from '../../domain/strategy/walk.ts';
import type { ReportSource } from './report-source.ts';
import { thinLine } from './thin-line.ts';
import type { ThinLine } from './thin-line.ts';

/** One output of an indicator. */
export interface IndicatorLine extends ThinLine {
  readonly label: string;
  readonly shape: 'line' | 'dots' | 'bars';
}

export interface DrawnIndicator {
  /** `SMA 50`, `RSI 14 · BTCUSDT:1h` */
  readonly label: string;
  /** Over the candles, over the volume, or in a pane of its own. */
  readonly pane: 'price' | 'volume' | 'own';
  readonly lines: readonly IndicatorLine[];
  /** Numbers that the strategy compares it with. */
  readonly levels: readonly number[];
  /** The least and the greatest value it can have; null where it has no bounds. */
  readonly range: readonly [least: number, greatest: number] | null;
}

/** Indicators whose outputs are prices. */
const priceScale: ReadonlySet<string> = new Set(
  'BBANDS DONCHIAN EMA HIGHEST ICHIMOKU KELTNER LOWEST PSAR SMA SUPERTREND VWAP WMA'.split(' '),
);
const percentages: readonly [number, number] = [0, 100];
const ranges: Readonly<Record<string, readonly [number, number]>> = {
  MFI: percentages,
  RSI: percentages,
  STOCH: percentages,
  STOCHRSI: percentages,
  WILLR: [-100, 0],
};
const hiddenOutputs: ReadonlySet<string> = new Set(['SUPERTREND.direction']);
const shapes: Readonly<Record<string, IndicatorLine['shape']>> = { 'PSAR.value': 'dots', 'MACD.histogram': 'bars' };

/**
 * The indicators that a strategy's conditions look at, each once, with all their outputs over all bars, thinned out to `most` points a
 * line. Those over a market whose candles are not there are left out.
 */
export const drawnIndicators = (
  { definition, columns, markets }: Pick<ReportSource, 'definition' | 'columns' | 'markets'>,
  most: number,
): readonly DrawnIndicator[] => {
  const operands = strategyOperands(definition).map(({ operand }) => operand);
  const used = new Map(operands.filter(isIndicator).map((operand) => [labelOf(operand, definition), operand]));
  return [...used].flatMap(([label, operand]) => {
    const other = otherMarketOf(operand, definition);
    const over = other === null ? columns : markets[marketKey(other)];
    if (over === undefined) return [];
    const indicator = indicatorOf(operand.indicator);
    const outputs = indicator.compute(over, parametersOf(operand, definition.parameters), sourceOf(operand));
    const bars = other === null ? null : lastClosedBars(columns.time, definition.interval, over, other.interval);
    const lines = Object.entries(outputs)
      .filter(([output]) => !hiddenOutputs.has(`${operand.indicator}.${output}`))
      .map(([output, values]): IndicatorLine => ({
        label: indicator.outputs.length === 1 ? label : `${label} ${output.replaceAll('_', ' ')}`,
        shape: shapes[`${operand.indicator}.${output}`] ?? 'line',
        ...thinLine(columns.time, bars === null ? values : asOf(values, bars), most),
      }));
    const range = ranges[operand.indicator] ?? null;
    return [{ label, pane: paneOf(operand, definition), lines, levels: levelsOf(definition, label), range }];
  });
};

const paneOf = (operand: IndicatorOperand, definition: StrategyDefinition): DrawnIndicator['pane'] => {
  const isOtherSymbol = (otherMarketOf(operand, definition)?.symbol ?? definition.symbol) !== definition.symbol;
  if (operand.indicator === 'VOLUME_SMA') return isOtherSymbol ? 'own' : 'volume';
  if (!priceScale.has(operand.indicator) || isOtherSymbol) return 'own';
  return sourceOf(operand) === 'volume' ? 'volume' : 'price';
};

/** Name and numbers, the source where it is not the usual one, the market where it is another. */
const labelOf = (operand: IndicatorOperand, definition: StrategyDefinition): string => {
  const indicator = indicatorOf(operand.indicator);
  const values = Object.values(completeParameters(indicator, parametersOf(operand, definition.parameters)));
  const source = sourceOf(operand) === (indicator.source ?? 'close') ? [] : [sourceOf(operand)];
  const other = otherMarketOf(operand, definition);
  return [[operand.indicator, ...values, ...source].join(' '), ...(other === null ? [] : [marketKey(other)])].join(
    ' · ',
  );
};

const levelsOf = (definition: StrategyDefinition, label: string): readonly number[] => {
  const numberOf = (operand: Operand): number | undefined => {
    if (typeof operand === 'number') return operand;
    return isParam(operand) ? definition.parameters[operand.param] : undefined;
  };
  const is = (operand: Operand): boolean => isIndicator(operand) && labelOf(operand, definition) === label;
  const found = [definition.entry_conditions, definition.exit_conditions]
    .flatMap(comparisonsOf)
    .flatMap(({ left, right }) => [is(left) ? numberOf(right) : undefined, is(right) ? numberOf(left) : undefined])
    .filter((level) => level !== undefined);
  return [...new Set(found)];
};

const comparisonsOf = (condition: Condition): readonly { readonly left: Operand; readonly right: Operand }[] => {
  if (isComparison(condition)) return [condition];
  if ('not' in condition) return comparisonsOf(condition.not);
  return ('all' in condition ? condition.all : condition.any).flatMap(comparisonsOf);
};
