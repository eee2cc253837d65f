import { type Decimal, max, zero } from '../decimal.ts';
import type { OrderSide } from '../orders/order.ts';
import type { BalanceChange } from './balance.ts';
import { type Assets, type CashFlow, cashFlowsOf, thirdAssetFees } from './cash-flow.ts';
import type { Trade } from './trade.ts';

/**
 * What trades take of what their order has reserved: the base that a sale hands over, the quote that a purchase pays, or
 * the notional of a sale that reserved quote, which becomes the collateral of the short that it opens.
 */
const takenFrom = (asset: string, side: OrderSide, trade: Trade, assets: Assets): Decimal => {
  const flow = cashFlowsOf(trade, assets);
  if (asset === assets.base) return max(flow.base.neg(), zero);
  return side === 'SELL' ? trade.quantity.times(trade.price) : max(flow.quote.neg(), zero);
};

/** How much of a reservation is left after trades; never less than nothing, however often and in what order they are told of. */
export const reservedAfter = (
  reservation: { readonly asset: string; readonly amount: Decimal; readonly side: OrderSide },
  trades: readonly Trade[],
  assets: Assets,
): Decimal =>
  trades.reduce(
    (left, trade) => max(left.minus(takenFrom(reservation.asset, reservation.side, trade, assets)), zero),
    reservation.amount,
  );

export interface SettlementInput {
  readonly assets: Assets;
  /** Trades that were not counted before. */
  readonly fresh: readonly Trade[];
  /** By how much what the position's trades have moved on the account changes with them. */
  readonly moved: CashFlow;
  /** By how much what is reserved changes; null where nothing is. */
  readonly reserved: { readonly asset: string; readonly amount: Decimal } | null;
  /** By how much the quote locked for a short changes. */
  readonly collateral: Decimal;
}

/** How an account's balances change by new trades of one order; assets that do not change are left out. */
export const settlementOf = (input: SettlementInput): ReadonlyMap<string, BalanceChange> => {
  const changes = new Map<string, BalanceChange>();
  const put = (asset: string, change: Partial<BalanceChange>): void => {
    const before = changes.get(asset) ?? { total: zero, locked: zero };
    const total = before.total.plus(change.total ?? zero);
    const locked = before.locked.plus(change.locked ?? zero);
    changes.set(asset, { total, locked });
  };
  const { base, quote } = input.assets;
  put(base, { total: input.moved.base });
  put(quote, { total: input.moved.quote, locked: input.collateral });
  for (const [asset, fee] of thirdAssetFees(input.fresh, input.assets)) put(asset, { total: fee.neg() });
  if (input.reserved) put(input.reserved.asset, { locked: input.reserved.amount });
  return new Map([...changes].filter(([, { total, locked }]) => !total.eq(zero) || !locked.eq(zero)));
};
