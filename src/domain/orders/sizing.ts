import {
  type Decimal,
  type Money,
  type Price,
  type Quantity,
  dec,
  divide,
  floorToStep,
  min,
  one,
  rounding,
  zero,
} from '../decimal.ts';
import { DomainError } from '../errors.ts';
import type { RiskParams } from '../strategy/definition.ts';

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
}

/** Share of an amount at a price that may differ by the buffer and pays the fee on top. */
const allIn = (price: Price, fee: Decimal): Price =>
  price.times(one.plus(fee)).times(one.plus(divide(dec(marketBufferBps), dec('10000'), sizingScale)));

const quoteToSpend = ({ riskParams, freeQuote, referencePrice, takerFee }: SizingInput): Money => {
  const { type, value } = riskParams.position_size;
  if (type === 'equity_fraction') return freeQuote.times(dec(value));
  if (type === 'fixed_quote') return dec(value);
  const stopPct = riskParams.stop_loss_pct;
  if (type === 'kelly' || stopPct === null || stopPct === undefined) {
    const found =
      type === 'kelly' ? 'kelly is not supported for orders yet' : `${type} needs risk_params.stop_loss_pct`;
    throw new DomainError('BadStrategy', `position_size ${found}`, {
      next: 'size by equity_fraction or fixed_quote, or by risk_fraction with a stop',
    });
  }
  const risked = freeQuote.times(dec(value));
  const quantity = divide(risked.times('100'), referencePrice.times(dec(stopPct)), sizingScale, rounding.down);
  return quantity.times(allIn(referencePrice, takerFee));
};

/** Base quantity of an entry, floored to the step; zero where there is nothing to spend. Never above what is free. */
export const sizeEntry = (input: SizingInput): Quantity => {
  const spendable = min(quoteToSpend(input), input.freeQuote);
  if (spendable.lt(zero) || spendable.eq(zero)) return zero;
  const raw = divide(spendable, allIn(input.referencePrice, input.takerFee), sizingScale, rounding.down);
  return floorToStep(raw, input.stepSize);
};

/** Base quantity of an exit: what the position holds and the account has, floored to the step. */
export const sizeExit = (held: Quantity, freeBase: Quantity, stepSize: Quantity): Quantity =>
  floorToStep(min(held, freeBase), stepSize);

/** What an order locks while it works: quote for a buy at its all-in price, base for a sale. */
export const reservationFor = (order: {
  side: 'BUY' | 'SELL';
  quantity: Quantity;
  price: Price;
  takerFee: Decimal;
  freeQuote: Money;
}): Decimal =>
  order.side === 'SELL'
    ? order.quantity
    : min(order.quantity.times(allIn(order.price, order.takerFee)), order.freeQuote);
