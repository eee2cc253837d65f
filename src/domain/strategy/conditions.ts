import { blockLength } from '../blocks.ts';
import type { Comparison, ComparisonOperator, Condition, Operand } from './definition.ts';
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
    return compare(condition, length, valuesOf);
  }
  if ('not' in condition) return mirrored(evaluateCondition(condition.not, length, valuesOf));
  const [least, members] = 'all' in condition ? [true, condition.all] : [false, condition.any];
  const [combined = new Uint8Array(length), ...others] = members.map((member) =>
    evaluateCondition(member, length, valuesOf),
  );
  for (const other of others) (least ? keepLeast : keepGreatest)(combined, other);
  return combined;
};

const compare = ({ left, op, right }: Comparison, length: number, valuesOf: OperandValues): TruthSeries => {
  const truths = new Uint8Array(length);
  const [leftValues, rightValues, operator] = [valuesOf(left), valuesOf(right), operators[op]];
  let before = undefinedTruth;
  for (let from = 0; from < length; from += blockLength) {
    before = operator(leftValues, rightValues, truths, from, Math.min(from + blockLength, length), before);
  }
  return truths;
};

const undefinedTruth = 1;

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

/** Writes the truths of the bars `from` up to, not including, `to`. `before` and the answer are what a crossing has to remember. */
type Operator = (
  left: Float64Array,
  right: Float64Array,
  truths: TruthSeries,
  from: number,
  to: number,
  before: number,
) => number;

/** What an index is masked with: all bits for a column, none for a single value. */
const maskOf = (values: Float64Array, length: number): number => (values.length === length ? -1 : 0);

const greater: Operator = (left, right, truths, from, to) => {
  const leftMask = maskOf(left, truths.length);
  const rightMask = maskOf(right, truths.length);
  for (let i = from; i < to; i += 1) {
    const a = left[i & leftMask]!;
    const b = right[i & rightMask]!;
    truths[i] = a > b ? 2 : a <= b ? 0 : 1;
  }
  return undefinedTruth;
};

const greaterOrEqual: Operator = (left, right, truths, from, to) => {
  const leftMask = maskOf(left, truths.length);
  const rightMask = maskOf(right, truths.length);
  for (let i = from; i < to; i += 1) {
    const a = left[i & leftMask]!;
    const b = right[i & rightMask]!;
    truths[i] = a >= b ? 2 : a < b ? 0 : 1;
  }
  return undefinedTruth;
};

/** left[i−1] ≤ right[i−1] and left[i] > right[i]; undefined where one of the four is. */
const crossesAbove: Operator = (left, right, truths, from, to, truthBefore) => {
  const leftMask = maskOf(left, truths.length);
  const rightMask = maskOf(right, truths.length);
  let before = truthBefore;
  for (let i = from; i < to; i += 1) {
    const a = left[i & leftMask]!;
    const b = right[i & rightMask]!;
    const now = a > b ? 2 : a <= b ? 0 : 1;
    truths[i] = before === 1 || now === 1 ? 1 : now & ~before;
    before = now;
  }
  return before;
};

const operators: Readonly<Record<ComparisonOperator, Operator>> = {
  '>': greater,
  '>=': greaterOrEqual,
  '<': (left, right, ...rest) => greater(right, left, ...rest),
  '<=': (left, right, ...rest) => greaterOrEqual(right, left, ...rest),
  crosses_above: crossesAbove,
  crosses_below: (left, right, ...rest) => crossesAbove(right, left, ...rest),
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
