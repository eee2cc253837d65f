import {
  type Decimal,
  type Money,
  type Price,
  type Quantity,
  dec,
  divide,
  floorToStep,
  max,
  min,
  one,
  rounding,
  zero,
} from '../decimal.ts';
import type { RiskParams } from '../strategy/definition.ts';
import { stakeOf } from '../strategy/stake.ts';
import type { Stake } from '../strategy/stake.ts';

/** Digits kept while sizing, before the quantity is floored to the market's step. */
const sizingScale = 18;

/**
 * A market order is sized on the last close and filled on the next price. This share of the price, in basis points,
 * is kept back so that a small gap does not overdraw the account.
 */
export const marketBufferBps = 50;

export interface SizingInput {
  readonly riskParams: RiskParams;
  /** Quote at hand that no order has reserved. */
  readonly freeQuote: Money;
  readonly referencePrice: Price;
  readonly takerFee: Decimal;
  readonly stepSize: Quantity;
  /** By default `marketBufferBps`. */
  readonly bufferBps?: number;
}

/** What one unit costs at a price that may turn out `bufferBps` higher, with the fee on top. */
const allIn = (price: Price, fee: Decimal, bufferBps: number): Price =>
  price.times(one.plus(fee)).times(one.plus(divide(dec(bufferBps), dec('10000'), sizingScale)));

/**
 * Quote that an entry may spend, its fee inside, whatever price it fills at; never above what is free. A share that is to be
 * lost at the stop is a fixed amount of quote, too: the loss of a unit grows with its price.
 */
export const stakeInQuote = ({
  riskParams,
  freeQuote,
  takerFee,
}: Pick<SizingInput, 'riskParams' | 'freeQuote' | 'takerFee'>): Money => {
  const stake = stakeOf(riskParams, null);
  if (freeQuote.lte(zero)) return zero;
  if (stake.kind === 'amount') return min(freeQuote, dec(stake.quote));
  const share = freeQuote.times(dec(stake.share));
  if (stake.kind === 'share') return min(freeQuote, share);
  return min(
    freeQuote,
    divide(share.times('100').times(one.plus(takerFee)), dec(stake.stopPct), sizingScale, rounding.down),
  );
};

/** What a stake buys or sells short at a price: `stake / (price · (1 + feeRate))` floored to the step, the greatest quantity at most. */
export const quantityOfStake = (input: {
  readonly stake: Money;
  readonly price: Price;
  readonly feeRate: Decimal;
  readonly stepSize: Quantity;
  /** Zero: no limit. */
  readonly maxQuantity: Quantity;
}): Quantity => {
  const { stake, price, feeRate, stepSize, maxQuantity } = input;
  const bought = divide(stake, price.times(one.plus(feeRate)), sizingScale, rounding.down);
  return floorToStep(maxQuantity.gt(zero) ? min(bought, maxQuantity) : bought, stepSize);
};

const wanted = (stake: Stake, equity: Money, price: Price, unitCost: Price): Quantity => {
  if (stake.kind === 'amount') return divide(dec(stake.quote), unitCost, sizingScale, rounding.down);
  const staked = equity.times(dec(stake.share));
  return stake.kind === 'share'
    ? divide(staked, unitCost, sizingScale, rounding.down)
    : divide(staked.times('100'), price.times(dec(stake.stopPct)), sizingScale, rounding.down);
};

/** Base quantity of an entry, floored to the step; zero where there is nothing to spend. Never above what is free. */
export const sizeEntry = (input: SizingInput): Quantity => {
  const { riskParams, freeQuote, referencePrice, takerFee, stepSize, bufferBps = marketBufferBps } = input;
  const stake = stakeOf(riskParams, null);
  if (freeQuote.lte(zero)) return zero;
  const unitCost = allIn(referencePrice, takerFee, bufferBps);
  const affordable = divide(freeQuote, unitCost, sizingScale, rounding.down);
  return floorToStep(min(affordable, wanted(stake, freeQuote, referencePrice, unitCost)), stepSize);
};

/** Base quantity of an exit: what the position holds and the account has, floored to the step. */
export const sizeExit = (held: Quantity, freeBase: Quantity, stepSize: Quantity): Quantity =>
  floorToStep(min(held, freeBase), stepSize);

/**
 * What an order locks while it works: base for a sale, quote for a purchase with its fee. Of what is free beyond that it
 * locks a little more, so that a market order or a stop can fill at a worse price than the one it was valued at.
 */
export const reservationFor = (order: {
  side: 'BUY' | 'SELL';
  quantity: Quantity;
  price: Price;
  takerFee: Decimal;
  freeQuote: Money;
}): Decimal => {
  if (order.side === 'SELL') return order.quantity;
  const needed = order.quantity.times(allIn(order.price, order.takerFee, 0));
  return max(needed, min(order.quantity.times(allIn(order.price, order.takerFee, marketBufferBps)), order.freeQuote));
};
