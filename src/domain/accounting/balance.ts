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

/** By how much a balance's total and the part of it that is locked change. */
export interface BalanceChange {
  readonly total: Decimal;
  readonly locked: Decimal;
}

/** What is not locked afterwards is free; null where that would be less than nothing: the books and the venue disagree. */
export const changed = (balance: Balance, change: BalanceChange): Balance | null => {
  const locked = max(balance.locked.plus(change.locked), zero);
  const free = totalOf(balance).plus(change.total).minus(locked);
  return free.lt(zero) ? null : { free, locked };
};
