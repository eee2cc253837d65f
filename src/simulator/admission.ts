import { type Decimal, dec, text } from '../domain/decimal.ts';
import { duplicateOrder, wouldMatch, wouldTrigger } from './binance-errors.ts';
import { lockAmountOf } from './execution.ts';
import { checkFilters } from './filters.ts';
import type { AcceptedOrder } from './ledger-events.ts';
import type { LedgerState } from './ledger-state.ts';
import type { SimulatedMarket } from './market.ts';
import { isMarketable, touchPrice, type TradingRules } from './matching.ts';
import type { OrderRequest } from './order-request.ts';
import { hasLimitPrice, isConditional, isReached, triggerDirection } from './order-types.ts';

export interface Lock {
  readonly asset: string;
  readonly amount: Decimal;
}

const isIdInUse = (state: LedgerState, clientOrderId: string): boolean => {
  const orderId = state.byClientOrderId.get(clientOrderId);
  return orderId !== undefined && state.open.has(orderId);
};

/**
 * What an order locks once it is taken, while the last price is `last`; whether that much is free is not checked here.
 * @throws BinanceError -1013, -2010 for an id in use, a stop that is reached, a maker that would take.
 */
export const admit = (
  request: OrderRequest,
  market: SimulatedMarket,
  last: Decimal,
  state: LedgerState,
  rules: TradingRules,
): Lock => {
  const { side, type, quantity, stopPrice } = request;
  const price = hasLimitPrice(type) ? request.price : isConditional(type) ? stopPrice : last;
  checkFilters(market.filters, { type, quantity, price, stopPrice });
  if (isIdInUse(state, request.clientOrderId)) throw duplicateOrder();
  if (isConditional(type) && isReached(last, stopPrice, triggerDirection(type, side))) throw wouldTrigger();
  const touch = touchPrice(last, side, rules, dec(market.filters.tickSize));
  if (type === 'LIMIT_MAKER' && isMarketable(side, request.price, touch)) throw wouldMatch();
  return {
    asset: side === 'BUY' ? market.quote : market.base,
    amount: lockAmountOf(request, { limit: request.price, stop: stopPrice, last }, quantity, market, rules),
  };
};

/** The order as the ledger takes it. */
export const acceptedOrder = (
  request: OrderRequest,
  market: SimulatedMarket,
  lock: Lock,
  { orderId, acceptedAt }: Pick<AcceptedOrder, 'orderId' | 'acceptedAt'>,
): AcceptedOrder => ({
  orderId,
  clientOrderId: request.clientOrderId,
  symbol: market.symbol,
  base: market.base,
  quote: market.quote,
  side: request.side,
  type: request.type,
  timeInForce: request.timeInForce,
  price: text(request.price),
  ...(isConditional(request.type) ? { stopPrice: text(request.stopPrice) } : {}),
  quantity: text(request.quantity),
  lockAsset: lock.asset,
  lockAmount: text(lock.amount),
  acceptedAt,
});
