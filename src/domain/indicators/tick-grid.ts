/**
 * Prices are decimals on a grid of ticks; float64 holds them only approximately, so sums of the same prices in
 * another order differ in the last bit and a tie between two averages becomes a crossing. On the grid they are
 * integers, whose sums are exact below 2^53, and a quotient of exact integers is correctly rounded: equal averages
 * are equal numbers, whatever the number of decimals the grid was found with.
 */
export interface TickGrid {
  readonly decimals: number;
  /** 10^decimals. */
  readonly scale: number;
  /** values × scale, all integers. */
  readonly ticks: Float64Array;
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

const findGrid = (values: Float64Array): TickGrid | null => {
  const ticks = new Float64Array(values.length);
  let decimals = 0;
  let index = toTicks(values, ticks, 0, 1);
  while (index < values.length) {
    const needed = decimalsOf(values[index]!);
    if (needed <= decimals) return null;
    const raise = 10 ** (needed - decimals);
    for (let earlier = 0; earlier < index; earlier += 1) ticks[earlier] = ticks[earlier]! * raise;
    decimals = needed;
    index = toTicks(values, ticks, index, 10 ** decimals);
  }
  let maxAbs = 0;
  for (let i = 0; i < ticks.length; i += 1) {
    const size = Math.abs(ticks[i]!);
    if (size > maxAbs) maxAbs = size;
  }
  return maxAbs > safeTick ? null : { decimals, scale: 10 ** decimals, ticks, maxAbs };
};

/** Fills ticks from an index on, up to the first value that is not on the grid; its index is returned. */
const toTicks = (values: Float64Array, ticks: Float64Array, from: number, scale: number): number => {
  for (let i = from; i < values.length; i += 1) {
    const value = values[i]!;
    const tick = value * scale + roundingMagic - roundingMagic;
    if (tick / scale !== value) return i;
    ticks[i] = tick;
  }
  return values.length;
};
