import { blockLength } from '../blocks.ts';

/**
 * Prices are decimals on a grid of ticks; float64 holds them only approximately, so sums of the same prices in
 * another order differ in the last bit and a tie between two averages becomes a crossing. On the grid they are
 * integers, whose sums are exact below 2^53, and a quotient of exact integers is correctly rounded: equal averages
 * are equal numbers, whatever the number of decimals the grid was found with.
 */
export interface TickGrid {
  readonly decimals: number;
  /** 10^decimals; `onGrid` turns a value into its integer. */
  readonly scale: number;
  /** The greatest of those integers, signs apart. */
  readonly maxAbs: number;
}

export const maxDecimals = 8;
/** Above this the rounding of value × scale could miss the integer. */
const safeTick = 2 ** 50;

/** Added and taken away again, this rounds a number below 2^51 to its nearest integer: faster than Math.round. */
const roundingMagic = 1.5 * 2 ** 52;

/** The integer that a value of a grid stands for. */
export const onGrid = (value: number, scale: number): number => value * scale + roundingMagic - roundingMagic;

/** How far value × scale may be from an integer, as a share of it: two roundings, so that 0.1 + 0.2 counts as 0.3. */
const roundingNoise = 2 ** -51;

const isOnGrid = (value: number, scale: number): boolean => {
  const scaled = value * scale;
  const tick = scaled + roundingMagic - roundingMagic;
  return Math.abs(scaled - tick) <= Math.abs(tick) * roundingNoise;
};

/** The number of decimals (0–8) of the text that `value` is nearest to, or −1 where it is near none. */
export const decimalsOf = (value: number): number => {
  for (let decimals = 0, scale = 1; decimals <= maxDecimals; decimals += 1, scale *= 10) {
    if (Math.abs(value * scale) > safeTick) return -1;
    if (isOnGrid(value, scale)) return decimals;
  }
  return -1;
};

const known = new WeakMap<Float64Array, TickGrid | null>();

/**
 * The grid of a column: null where a value (NaN included) lies on no grid of up to 8 decimals. It is found once for a column, so
 * the column must not be written to afterwards.
 */
export const tickGrid = (values: Float64Array): TickGrid | null => {
  const earlier = known.get(values);
  if (earlier !== undefined) return earlier;
  const grid = findGrid(values);
  known.set(values, grid);
  return grid;
};

const findGrid = (values: Float64Array): TickGrid | null => {
  const found = { index: 0, greatest: 0 };
  let decimals = 0;
  while (found.index < values.length) {
    const end = Math.min(found.index + blockLength, values.length);
    scan(values, 10 ** decimals, end, found);
    if (found.index === end) continue;
    const needed = decimalsOf(values[found.index]!);
    if (needed <= decimals) return null;
    decimals = needed;
  }
  const scale = 10 ** decimals;
  const maxAbs = Math.round(found.greatest * scale);
  return maxAbs > safeTick ? null : { decimals, scale, maxAbs };
};

/** Goes on from `found.index` to the first value that is not on the grid of that scale, or to `end`. */
const scan = (values: Float64Array, scale: number, end: number, found: { index: number; greatest: number }): void => {
  let { index, greatest } = found;
  for (; index < end; index += 1) {
    const value = values[index]!;
    if (!isOnGrid(value, scale)) break;
    const size = Math.abs(value);
    if (size > greatest) greatest = size;
  }
  found.index = index;
  found.greatest = greatest;
};
