import type { Comparison, ComparisonOperator, Condition, Operand } from './definition.ts';
import { isComparison } from './walk.ts';

/**
 * Conditions have three truths, one byte a bar: 0 false, 1 undefined, 2 true. `all` is then the least, `any` the greatest and
 * `not` the mirror image, so that what is undefined (warm-up, a gap) never counts as met, not even under `not`.
 */
export type TruthSeries = Uint8Array;

export type OperandValues = (operand: Operand) => Float64Array;

export const evaluateCondition = (condition: Condition, length: number, valuesOf: OperandValues): TruthSeries => {
  if (isComparison(condition)) return compare(condition, length, valuesOf);
  if ('not' in condition) return evaluateCondition(condition.not, length, valuesOf).map((truth) => 2 - truth);
  const members = 'all' in condition ? condition.all : condition.any;
  const least = 'all' in condition;
  const truths = members.map((member) => evaluateCondition(member, length, valuesOf));
  const [combined = new Uint8Array(length), ...others] = truths;
  for (const other of others) {
    for (let i = 0; i < length; i += 1) {
      const truth = other[i]!;
      if (least ? truth < combined[i]! : truth > combined[i]!) combined[i] = truth;
    }
  }
  return combined;
};

/** 1 where a truth is true, 0 elsewhere. */
export const isMet = (truths: TruthSeries): Uint8Array => truths.map((truth) => (truth === 2 ? 1 : 0));

const compare = ({ left, op, right }: Comparison, length: number, valuesOf: OperandValues): TruthSeries =>
  operators[op](valuesOf(left), valuesOf(right), new Uint8Array(length).fill(1));

type Operator = (left: Float64Array, right: Float64Array, truths: TruthSeries) => TruthSeries;

const greater: Operator = (left, right, truths) => {
  for (let i = 0; i < truths.length; i += 1) {
    const a = left[i]!;
    const b = right[i]!;
    if (a > b) truths[i] = 2;
    else if (a <= b) truths[i] = 0;
  }
  return truths;
};

const greaterOrEqual: Operator = (left, right, truths) => {
  for (let i = 0; i < truths.length; i += 1) {
    const a = left[i]!;
    const b = right[i]!;
    if (a >= b) truths[i] = 2;
    else if (a < b) truths[i] = 0;
  }
  return truths;
};

/** left[i−1] ≤ right[i−1] and left[i] > right[i]; undefined where one of the four is. */
const crossesAbove: Operator = (left, right, truths) => {
  let before = Number.NaN;
  for (let i = 0; i < truths.length; i += 1) {
    const difference = sign(left[i]!, right[i]!);
    if (!Number.isNaN(before) && !Number.isNaN(difference)) truths[i] = before <= 0 && difference > 0 ? 2 : 0;
    before = difference;
  }
  return truths;
};

/** 1, 0 or −1 by comparison alone (a subtraction could underflow to a tie); NaN where either is undefined. */
const sign = (a: number, b: number): number => (a > b ? 1 : a < b ? -1 : a === b ? 0 : Number.NaN);

const operators: Readonly<Record<ComparisonOperator, Operator>> = {
  '>': greater,
  '>=': greaterOrEqual,
  '<': (left, right, truths) => greater(right, left, truths),
  '<=': (left, right, truths) => greaterOrEqual(right, left, truths),
  crosses_above: crossesAbove,
  crosses_below: (left, right, truths) => crossesAbove(right, left, truths),
};
