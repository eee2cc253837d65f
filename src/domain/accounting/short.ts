import { type Decimal, type Money, dec, divide, rounding } from '../decimal.ts';

/** Digits kept of what is locked or charged: the smallest unit of the seed's amounts. */
const moneyScale = 8;
/** Digits kept while a cost accrues. */
const accrualScale = 18;
const hundredDaysMs = dec(100 * 86_400_000);

/** Quote locked for a short on paper: what it was sold for and as much again of one's own. */
export const collateralOf = (costBasis: Money): Money => costBasis.times('2').round(moneyScale, rounding.up);

/**
 * What borrowing costs over a time, in quote, unrounded: simple interest on the proceeds of what is open.
 * @param pct per cent a day @param heldMs market time
 */
export const borrowAccrual = (costBasis: Money, pct: Decimal, heldMs: number): Money =>
  divide(costBasis.times(pct).times(dec(heldMs)), hundredDaysMs, accrualScale);

/** An accrued cost as it is charged. */
export const charged = (accrued: Money): Money => accrued.round(moneyScale, rounding.halfEven);
