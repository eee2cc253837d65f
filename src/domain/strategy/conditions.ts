import type { ComparisonOperator, Condition, Operand } from './definition.ts';
import { isComparison } from './walk.ts';

/**
 * Conditions have three truths, one byte a bar: 0 false, 1 undefined, 2 true. `all` is then the least, `any` the greatest and
 * `not` the mirror image, so that what is undefined (warm-up, a gap) never counts as met, not even under `not`.
 */
export type TruthSeries = Uint8Array;

/** One value a bar, or a single value that stands for all bars. */
export type OperandValues = (operand: Operand) => Float64Array;

export const evaluateCondition = (condition: Condition, length: number, valuesOf: OperandValues): TruthSeries => {
  if (isComparison(condition)) {
    const truths = new Uint8Array(length);
    operators[condition.op](valuesOf(condition.left), valuesOf(condition.right), truths);
    return truths;
  }
  if ('not' in condition) return mirrored(evaluateCondition(condition.not, length, valuesOf));
  const [least, members] = 'all' in condition ? [true, condition.all] : [false, condition.any];
  const [combined = new Uint8Array(length), ...others] = members.map((member) =>
    evaluateCondition(member, length, valuesOf),
  );
  for (const other of others) (least ? keepLeast : keepGreatest)(combined, other);
  return combined;
};

const mirrored = (truths: TruthSeries): TruthSeries => {
  for (let i = 0; i < truths.length; i += 1) truths[i] = 2 - truths[i]!;
  return truths;
};

const keepLeast = (combined: TruthSeries, other: TruthSeries): void => {
  for (let i = 0; i < combined.length; i += 1) if (other[i]! < combined[i]!) combined[i] = other[i]!;
};

const keepGreatest = (combined: TruthSeries, other: TruthSeries): void => {
  for (let i = 0; i < combined.length; i += 1) if (other[i]! > combined[i]!) combined[i] = other[i]!;
};

type Operator = (left: Float64Array, right: Float64Array, truths: TruthSeries) => void;

/** What an index is masked with: all bits for a column, none for a single value. */
const maskOf = (values: Float64Array, length: number): number => (values.length === length ? -1 : 0);

const greater: Operator = (left, right, truths) => {
  const length = truths.length;
  const leftMask = maskOf(left, length);
  const rightMask = maskOf(right, length);
  for (let i = 0; i < length; i += 1) {
    const a = left[i & leftMask]!;
    const b = right[i & rightMask]!;
    truths[i] = a > b ? 2 : a <= b ? 0 : 1;
  }
};

const greaterOrEqual: Operator = (left, right, truths) => {
  const length = truths.length;
  const leftMask = maskOf(left, length);
  const rightMask = maskOf(right, length);
  for (let i = 0; i < length; i += 1) {
    const a = left[i & leftMask]!;
    const b = right[i & rightMask]!;
    truths[i] = a >= b ? 2 : a < b ? 0 : 1;
  }
};

/** left[i−1] ≤ right[i−1] and left[i] > right[i]; undefined where one of the four is. */
const crossesAbove: Operator = (left, right, truths) => {
  const length = truths.length;
  const leftMask = maskOf(left, length);
  const rightMask = maskOf(right, length);
  let before = 1;
  for (let i = 0; i < length; i += 1) {
    const a = left[i & leftMask]!;
    const b = right[i & rightMask]!;
    const now = a > b ? 2 : a <= b ? 0 : 1;
    truths[i] = before === 1 || now === 1 ? 1 : now & ~before;
    before = now;
  }
};

const operators: Readonly<Record<ComparisonOperator, Operator>> = {
  '>': greater,
  '>=': greaterOrEqual,
  '<': (left, right, truths) => greater(right, left, truths),
  '<=': (left, right, truths) => greaterOrEqual(right, left, truths),
  crosses_above: crossesAbove,
  crosses_below: (left, right, truths) => crossesAbove(right, left, truths),
};

/** What the close of a bar says: no bit, one of them or both. */
export const signal = { entry: 1, exit: 2 } as const;

/** One byte a bar of `signal` bits, from the truths of the entry and the exit conditions. The first is written over. */
export const signalsOf = (entry: TruthSeries, exit: TruthSeries): Uint8Array => {
  const length = entry.length;
  const words = length >> 2;
  const four = new Int32Array(entry.buffer, entry.byteOffset, words);
  const fourExits = new Int32Array(exit.buffer, exit.byteOffset, words);
  for (let i = 0; i < words; i += 1) four[i] = ((four[i]! >>> 1) & 0x01_01_01_01) | (fourExits[i]! & 0x02_02_02_02);
  for (let i = words * 4; i < length; i += 1) entry[i] = (entry[i]! >> 1) | (exit[i]! & 2);
  return entry;
};
