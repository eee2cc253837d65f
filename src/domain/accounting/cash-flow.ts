import { type Decimal, one, zero } from '../decimal.ts';
import type { Trade } from './trade.ts';

/** The two assets of a market. */
export interface Assets {
  readonly base: string;
  readonly quote: string;
}

/** What goes into an account (positive) or leaves it. */
export interface CashFlow {
  readonly base: Decimal;
  readonly quote: Decimal;
}

/** A trade's effect on the account: base and quote, signed, fees in those assets included. */
export const cashFlowsOf = (trade: Trade, assets: Assets): CashFlow => {
  const sign = trade.side === 'BUY' ? one : one.neg();
  const baseFee = trade.commissionAsset === assets.base ? trade.commission : zero;
  const quoteFee = trade.commissionAsset === assets.quote ? trade.commission : zero;
  return {
    base: trade.quantity.times(sign).minus(baseFee),
    quote: trade.quantity.times(trade.price).times(sign).neg().minus(quoteFee),
  };
};

/** Fees in neither asset of the market, by asset: they leave that asset's balance and are no part of any P&L. */
export const thirdAssetFees = (trades: readonly Trade[], { base, quote }: Assets): ReadonlyMap<string, Decimal> => {
  const fees = new Map<string, Decimal>();
  for (const { commission, commissionAsset } of trades) {
    if (commission.eq(zero) || commissionAsset === base || commissionAsset === quote) continue;
    fees.set(commissionAsset, (fees.get(commissionAsset) ?? zero).plus(commission));
  }
  return fees;
};
