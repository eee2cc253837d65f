import { type Decimal, max, min, zero } from '../decimal.ts';

/** What an account holds of one asset. `free + locked` is the total; neither is ever negative. */
export interface Balance {
  readonly free: Decimal;
  readonly locked: Decimal;
}

export const totalOf = (balance: Balance): Decimal => balance.free.plus(balance.locked);

/** Moves `amount` from free to locked, or null where there is not enough. */
export const reserve = (balance: Balance, amount: Decimal): Balance | null =>
  amount.gt(balance.free) ? null : { free: balance.free.minus(amount), locked: balance.locked.plus(amount) };

export const release = (balance: Balance, amount: Decimal): Balance => {
  const moved = min(amount, balance.locked);
  return { free: balance.free.plus(moved), locked: balance.locked.minus(moved) };
};

/**
 * Spends `amount`, first from what `reserved` of this order is still locked, the rest from free, and says how much of
 * the reservation is left. Returns null where both together are not enough: the books and the venue disagree.
 */
export const spend = (
  balance: Balance,
  amount: Decimal,
  reserved: Decimal,
): { balance: Balance; reserved: Decimal } | null => {
  const fromLocked = min(amount, min(reserved, balance.locked));
  const fromFree = amount.minus(fromLocked);
  if (fromFree.gt(balance.free)) return null;
  return {
    balance: { free: balance.free.minus(fromFree), locked: balance.locked.minus(fromLocked) },
    reserved: max(reserved.minus(fromLocked), zero),
  };
};

export const receive = (balance: Balance, amount: Decimal): Balance => ({
  ...balance,
  free: balance.free.plus(amount),
});
