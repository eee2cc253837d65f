import { Big } from 'big.js';

/**
 * Exact decimal arithmetic for everything that is money. Strings cross boundaries, `NUMERIC` is the SQL type, and
 * a float never becomes a `Decimal` except through its shortest decimal text.
 */
export type Decimal = Big;
/** Quote currency per one unit of base. */
export type Price = Decimal;
/** Units of the base asset. */
export type Quantity = Decimal;
/** An amount of one asset, most often the quote. */
export type Money = Decimal;

/** Rounding of a division or of a fit to a step. Names follow big.js. */
export const rounding = { down: 0, halfUp: 1, halfEven: 2, up: 3 } as const;
export type Rounding = (typeof rounding)[keyof typeof rounding];

const Strict = Big();
Strict.strict = true;
Strict.NE = -30;
Strict.PE = 30;

/**
 * Reads a decimal from text, or from a number by its shortest decimal text.
 * @throws Error when the value is NaN, infinite or not a decimal: validate input at the boundary before.
 */
export const dec = (value: string | number | Decimal): Decimal =>
  typeof value === 'number' ? new Strict(String(value)) : new Strict(value.toString());

export const zero: Decimal = dec('0');
export const one: Decimal = dec('1');

/** Plain decimal text, never with an exponent: `0.00000001`. */
export const text = (value: Decimal): string => value.toFixed();

/** Division with its scale (digits after the point) and rounding spelt out. */
export const divide = (
  dividend: Decimal,
  divisor: Decimal,
  scale: number,
  mode: Rounding = rounding.halfEven,
): Decimal => {
  const Scaled = Big();
  Scaled.DP = scale;
  Scaled.RM = mode;
  return dec(new Scaled(text(dividend)).div(text(divisor)).toFixed());
};

/** The greatest multiple of `step` that is not above `value` (towards zero); `value` itself where `step` is zero. */
export const floorToStep = (value: Decimal, step: Decimal): Decimal =>
  step.eq(zero) ? value : divide(value, step, 0, rounding.down).times(step);

/** The multiple of `tick` nearest to `value`, halves away from zero; `value` itself where `tick` is zero. */
export const roundToTick = (value: Decimal, tick: Decimal): Decimal =>
  tick.eq(zero) ? value : divide(value, tick, 0, rounding.halfUp).times(tick);

export const min = (a: Decimal, b: Decimal): Decimal => (a.lt(b) ? a : b);
export const max = (a: Decimal, b: Decimal): Decimal => (a.gt(b) ? a : b);
export const sum = (values: Iterable<Decimal>): Decimal => {
  let total = zero;
  for (const value of values) total = total.plus(value);
  return total;
};
