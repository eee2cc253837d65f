import { type Decimal, type Price, type Quantity, divide, sum, zero } from '../decimal.ts';
import { type Trade, inExecutionOrder } from './trade.ts';

/** Digits kept of an average price: the seed's NUMERIC(20,8). */
const priceScale = 8;

export interface OrderFold {
  readonly filledQuantity: Quantity;
  /** Volume-weighted mean; null before the first fill. */
  readonly averageFillPrice: Price | null;
  /** Total where all fees are one asset; null otherwise. */
  readonly commission: Decimal | null;
  readonly commissionAsset: string | null;
  readonly commissionByAsset: ReadonlyMap<string, Decimal>;
  /** Venue time of the last fill, epoch ms. */
  readonly lastFillAt: number | null;
}

/** What an order's trades say of the order. */
export const foldOrder = (trades: readonly Trade[]): OrderFold => {
  const filledQuantity = sum(trades.map((trade) => trade.quantity));
  const notional = sum(trades.map((trade) => trade.quantity.times(trade.price)));
  const commissionByAsset = new Map<string, Decimal>();
  for (const trade of trades) {
    if (trade.commission.eq(zero)) continue;
    const asset = trade.commissionAsset;
    commissionByAsset.set(asset, (commissionByAsset.get(asset) ?? zero).plus(trade.commission));
  }
  const [only] = commissionByAsset.size === 1 ? commissionByAsset : [];
  return {
    filledQuantity,
    averageFillPrice: filledQuantity.gt(zero) ? divide(notional, filledQuantity, priceScale) : null,
    commission: only ? only[1] : null,
    commissionAsset: only ? only[0] : null,
    commissionByAsset,
    lastFillAt: inExecutionOrder(trades).at(-1)?.executedAt ?? null,
  };
};
