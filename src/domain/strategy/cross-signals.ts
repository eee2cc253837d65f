import { blockLength } from '../blocks.ts';
import { signal } from './conditions.ts';
import type { OperandValues } from './conditions.ts';
import type { Comparison, Condition, StrategyDefinition } from './definition.ts';
import { isComparison } from './walk.ts';

/**
 * The signals of a strategy that enters where two operands cross and leaves where they cross back, in one pass instead of one a
 * condition; null for a strategy of any other shape. The answer is that of the conditions evaluated one by one.
 */
export const crossSignals = (
  definition: Pick<StrategyDefinition, 'entry_conditions' | 'exit_conditions'>,
  length: number,
  valuesOf: OperandValues,
): Uint8Array | null => {
  const entry = onlyCross(definition.entry_conditions, valuesOf);
  const exit = onlyCross(definition.exit_conditions, valuesOf);
  if (entry === null || exit === null || entry.upper !== exit.lower || entry.lower !== exit.upper) return null;
  if (entry.upper.length !== length || entry.lower.length !== length) return null;
  return crossings(entry.upper, entry.lower, length);
};

/** Where a condition is one crossing alone: the operand that is above afterwards, and the other. */
const onlyCross = (
  condition: Condition,
  valuesOf: OperandValues,
): { readonly upper: Float64Array; readonly lower: Float64Array } | null => {
  const comparison = onlyComparison(condition);
  if (comparison?.op === 'crosses_above')
    return { upper: valuesOf(comparison.left), lower: valuesOf(comparison.right) };
  if (comparison?.op === 'crosses_below')
    return { upper: valuesOf(comparison.right), lower: valuesOf(comparison.left) };
  return null;
};

const onlyComparison = (condition: Condition): Comparison | null => {
  if (isComparison(condition)) return condition;
  if ('not' in condition) return null;
  const members = 'all' in condition ? condition.all : condition.any;
  const [member] = members;
  return member === undefined || members.length > 1 ? null : onlyComparison(member);
};

/** `entry` where `rising` comes to be above `falling`, `exit` where it comes to be under it. */
const crossings = (rising: Float64Array, falling: Float64Array, length: number): Uint8Array => {
  const signals = new Uint8Array(length);
  let before: number = side.unknown;
  for (let from = 0; from < length; from += blockLength) {
    before = crossingsOfBlock(rising, falling, signals, from, Math.min(from + blockLength, length), before);
  }
  return signals;
};

/** On which side of the other the rising operand was. */
const side = { unknown: 0, above: 1, under: 2, tie: 3 } as const;

/** Gives the side after the block's last bar. */
const crossingsOfBlock = (
  rising: Float64Array,
  falling: Float64Array,
  signals: Uint8Array,
  from: number,
  to: number,
  sideBefore: number,
): number => {
  let before = sideBefore;
  for (let i = from; i < to; i += 1) {
    const a = rising[i]!;
    const b = falling[i]!;
    if (a > b) {
      if (before !== side.above && before !== side.unknown) signals[i] = signal.entry;
      before = side.above;
    } else if (a < b) {
      if (before !== side.under && before !== side.unknown) signals[i] = signal.exit;
      before = side.under;
    } else {
      before = a === b ? side.tie : side.unknown;
    }
  }
  return before;
};
