import { type Decimal, dec, text, zero } from '../domain/decimal.ts';
import type { OrderSide } from '../domain/orders/order.ts';
import type { SimulatedTrade } from './ledger-events.ts';

export interface Balance {
  readonly free: Decimal;
  readonly locked: Decimal;
}

export type Balances = ReadonlyMap<string, Balance>;

const empty: Balance = { free: zero, locked: zero };

export const balanceOf = (balances: Balances, asset: string): Balance => balances.get(asset) ?? empty;

export const openingBalances = (amounts: Readonly<Record<string, string>>): Balances =>
  new Map(Object.entries(amounts).map(([asset, amount]) => [asset, { free: dec(amount), locked: zero }]));

/** @throws RangeError where a balance would go below zero: the exchange accepted what it should have refused. */
const moved = (balances: Balances, asset: string, free: Decimal, locked: Decimal): Balances => {
  const before = balanceOf(balances, asset);
  const after = { free: before.free.plus(free), locked: before.locked.plus(locked) };
  if (after.free.lt(zero) || after.locked.lt(zero)) {
    throw new RangeError(`balance of ${asset} would be ${text(after.free)} free and ${text(after.locked)} locked`);
  }
  return new Map(balances).set(asset, after);
};

export const locked = (balances: Balances, asset: string, amount: Decimal): Balances =>
  moved(balances, asset, zero.minus(amount), amount);

export const unlocked = (balances: Balances, asset: string, amount: Decimal): Balances =>
  moved(balances, asset, amount, zero.minus(amount));

/** Balances after one fill: what was sold leaves, what was bought arrives, the commission is taken from its asset. */
export const settled = (
  balances: Balances,
  fill: { side: OrderSide; base: string; quote: string; release: Decimal; trade: SimulatedTrade },
): Balances => {
  const { side, base, quote, trade } = fill;
  const quantity = dec(trade.quantity);
  const notional = quantity.times(dec(trade.price));
  const [given, spent, taken, received] =
    side === 'BUY' ? [quote, notional, base, quantity] : [base, quantity, quote, notional];
  const released = unlocked(balances, given, fill.release);
  const exchanged = moved(moved(released, given, zero.minus(spent), zero), taken, received, zero);
  return moved(exchanged, trade.commissionAsset, zero.minus(dec(trade.commission)), zero);
};
