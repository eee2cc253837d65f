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

/** The number of decimals (0–8) with which `value` is exactly its decimal text, or −1. */
export const decimalsOf = (value: number): number => {
  for (let decimals = 0, scale = 1; decimals <= maxDecimals; decimals += 1, scale *= 10) {
    const tick = Math.round(value * scale);
    if (Math.abs(tick) > safeTick) return -1;
    if (tick / scale === value) return decimals;
  }
  return -1;
};

/** Added and taken away again, this rounds a number below 2^51 to its nearest integer: faster than Math.round. */
const roundingMagic = 1.5 * 2 ** 52;

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

/** The integer that a value of a grid stands for. */
export const onGrid = (value: number, scale: number): number => value * scale + roundingMagic - roundingMagic;

const findGrid = (values: Float64Array): TickGrid | null => {
  let decimals = 0;
  let index = firstOffGrid(values, 0, 1);
  while (index < values.length) {
    const needed = decimalsOf(values[index]!);
    if (needed <= decimals) return null;
    decimals = needed;
    index = firstOffGrid(values, index, 10 ** decimals);
  }
  const maxAbs = Math.round(greatestSize(values) * 10 ** decimals);
  return maxAbs > safeTick ? null : { decimals, scale: 10 ** decimals, maxAbs };
};

/** The first index from `from` on of a value that is not on the grid of that scale; the length where all are. */
const firstOffGrid = (values: Float64Array, from: number, scale: number): number => {
  for (let i = from; i < values.length; i += 1) {
    const value = values[i]!;
    if (onGrid(value, scale) / scale !== value) return i;
  }
  return values.length;
};

const greatestSize = (values: Float64Array): number => {
  let greatest = 0;
  for (let i = 0; i < values.length; i += 1) {
    const size = Math.abs(values[i]!);
    if (size > greatest) greatest = size;
  }
  return greatest;
};
