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

/** The grid of a column: null where a value (NaN included) lies on no grid of up to 8 decimals. */
export const tickGrid = (values: Float64Array): TickGrid | null => {
  const length = values.length;
  const ticks = new Float64Array(length);
  let decimals = 0;
  let scale = 1;
  let index = 0;
  while (index < length) {
    const value = values[index]!;
    const tick = Math.round(value * scale);
    if (tick / scale === value && Math.abs(tick) <= safeTick) {
      ticks[index] = tick;
      index += 1;
    } else {
      const needed = decimalsOf(value);
      if (needed <= decimals) return null;
      const raise = 10 ** (needed - decimals);
      for (let earlier = 0; earlier < index; earlier += 1) ticks[earlier] = ticks[earlier]! * raise;
      decimals = needed;
      scale = 10 ** decimals;
    }
  }
  let maxAbs = 0;
  for (let i = 0; i < length; i += 1) {
    const size = Math.abs(ticks[i]!);
    if (size > maxAbs) maxAbs = size;
  }
  return { decimals, scale, ticks, maxAbs };
};
