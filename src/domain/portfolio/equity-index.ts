import { type Money, type Quantity, divide, sum, text, zero } from '../decimal.ts';
import type { Valuation } from './valuation.ts';

/** What was held without a price when the index was last carried on. */
export interface UnpricedHolding {
  readonly asset: string;
  readonly quantity: Quantity;
}

/** The equity index as it was last written. */
export interface EquityState {
  readonly index: number;
  readonly equity: Money;
  /** US dollars that came from the outside since the beginning, less what went there. */
  readonly netFlows: Money;
  readonly unpriced: readonly UnpricedHolding[];
  readonly peakIndex: number;
  /** Market time of the peak and of the state, epoch ms. */
  readonly peakAt: number;
  readonly at: number;
}

/** Money from (positive) or to the outside that the index has not counted yet. */
export interface Flow {
  readonly id: number;
  readonly asset: string;
  readonly amount: Quantity;
}

export interface CarriedIndex {
  readonly index: number;
  readonly peakIndex: number;
  /** Below the peak, per cent, positive; null where the index has never begun or has come to nothing before. */
  readonly drawdownPct: number | null;
  readonly netFlows: Money;
}

const ratioScale = 18;

/** What came from the outside since the state, at today's prices: flows, and what had no price then and has one now. */
const newFlows = (state: EquityState | null, valuation: Valuation, flows: readonly Flow[]): Money => {
  const prices = new Map(valuation.assets.map(({ asset, price }) => [asset, price]));
  const amounts = [
    ...flows.map(({ asset, amount }) => ({ asset, amount })),
    ...(state?.unpriced ?? []).map(({ asset, quantity }) => ({ asset, amount: quantity })),
  ];
  return sum(amounts.map(({ asset, amount }) => amount.times(prices.get(asset) ?? zero)));
};

/**
 * Carries the equity index on: index × (equity now − flows since) / equity then, so that it moves by trading and prices alone. It begins
 * at 1 with the first equity above zero, and is 0 where nothing is left.
 */
export const carryIndex = (state: EquityState | null, valuation: Valuation, flows: readonly Flow[]): CarriedIndex => {
  const flowed = newFlows(state, valuation, flows);
  if (!state) return { index: 1, peakIndex: 1, drawdownPct: valuation.equity.gt(zero) ? 0 : null, netFlows: flowed };
  const earned = valuation.equity.minus(flowed);
  // With nothing put in there is nothing to earn from: the index waits for the next money.
  const growth = state.equity.gt(zero) ? Number(text(divide(earned, state.equity, ratioScale))) : 1;
  const index = Math.max(state.index * growth, 0);
  const peakIndex = Math.max(state.peakIndex, index);
  return {
    index,
    peakIndex,
    drawdownPct: peakIndex > 0 ? ((peakIndex - index) / peakIndex) * 100 : null,
    netFlows: state.netFlows.plus(flowed),
  };
};

/** What the next state has to remember as held without a price. */
export const unpricedHoldings = ({ assets }: Valuation): readonly UnpricedHolding[] =>
  assets
    .filter(({ price, total }) => price === null && !total.eq(zero))
    .map(({ asset, total }) => ({ asset, quantity: total }));
