import type { RandomSource } from '../../random.ts';

/** What each trade multiplies equity by; nothing is left after a loss of all, and no trade counts after it. */
export const equityFactors = (capital: number, pnl: readonly number[]): Float64Array => {
  const factors = new Float64Array(pnl.length).fill(1);
  let equity = capital;
  for (let trade = 0; trade < pnl.length && equity > 0; trade += 1) {
    const after = Math.max(0, equity + pnl[trade]!);
    factors[trade] = after / equity;
    equity = after;
  }
  return factors;
};

/**
 * Shuffles `order` in place (R. Durstenfeld's algorithm) and gives the product of as many factors drawn with replacement. One number
 * decides a place of each: the two are never looked at together.
 */
export const draw = (order: Float64Array, factors: Float64Array, random: RandomSource): number => {
  const { length } = factors;
  let product = 1;
  for (let last = length - 1; last >= 0; last -= 1) {
    const fraction = random.fraction();
    const place = Math.floor(fraction * (last + 1));
    const value = order[last]!;
    order[last] = order[place]!;
    order[place] = value;
    product *= factors[Math.floor(fraction * length)]!;
  }
  return product;
};
