import { type Decimal, type Money, type Price, type Quantity, sum, zero } from '../decimal.ts';
import type { PositionSide } from '../orders/order.ts';
import { type AssetPrice, type PriceFacts, type PriceSource, priceOf, valueIn } from './prices.ts';

export interface HeldAsset {
  readonly asset: string;
  readonly free: Quantity;
  readonly locked: Quantity;
}

export interface HeldPosition {
  readonly strategyId: string;
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly side: PositionSide;
  readonly quantity: Quantity;
  /** In quote: its last mark, or what it was opened at. */
  readonly mark: Price;
  /** Quote locked for what is borrowed; zero where nothing is owed. */
  readonly collateral: Money;
}

/** What an environment holds and owes, over all its venues, at one instant. */
export interface Holdings {
  readonly assets: readonly HeldAsset[];
  readonly positions: readonly HeldPosition[];
}

export interface ValuedAsset extends HeldAsset {
  readonly total: Quantity;
  /** Null where it has no price: it is not in the equity. */
  readonly price: Price | null;
  readonly pricedAt: number | null;
  readonly source: PriceSource | null;
  readonly value: Money | null;
}

/** A position at its price, in units of account. */
export interface ValuedPosition extends HeldPosition {
  readonly value: Money | null;
  /** Whether its base is owed: what it takes to buy it back is taken off the equity. */
  readonly isOwed: boolean;
}

export interface Valuation {
  readonly assets: readonly ValuedAsset[];
  readonly positions: readonly ValuedPosition[];
  /** All that has a price, less what shorts owe. */
  readonly equity: Money;
  /** Held or owed, and without any price. */
  readonly unpriced: readonly string[];
}

const valuedAsset = (held: HeldAsset, price: AssetPrice | null): ValuedAsset => {
  const total = held.free.plus(held.locked);
  return {
    ...held,
    total,
    price: price?.price ?? null,
    pricedAt: price?.at ?? null,
    source: price?.source ?? null,
    value: valueIn(total, price),
  };
};

/** Base sold out of the account's own has left it: nothing is owed for that. */
const isOwed = ({ side, collateral }: HeldPosition): boolean => side === 'SHORT' && collateral.gt(zero);

/** Equity in units of account. Balances hold what was bought and the proceeds of shorts; what shorts have borrowed is owed. */
export const valuationOf = ({ assets, positions }: Holdings, facts: PriceFacts): Valuation => {
  const valued = assets.map((held) => valuedAsset(held, priceOf(held.asset, facts)));
  const standing = positions.map((position) => ({
    ...position,
    value: valueIn(position.quantity, priceOf(position.base, facts)),
    isOwed: isOwed(position),
  }));
  const owed = standing.filter((position) => position.isOwed);
  const unpriced = [
    ...valued.filter(({ value, total }) => value === null && !total.eq(zero)).map(({ asset }) => asset),
    ...owed.filter(({ value }) => value === null).map(({ base }) => base),
  ];
  return {
    assets: valued,
    positions: standing,
    equity: worth(valued).minus(worth(owed)),
    unpriced: [...new Set(unpriced)].toSorted(),
  };
};

const worth = (items: readonly { readonly value: Money | null }[]): Decimal =>
  sum(items.map(({ value }) => value ?? zero));
