import { type Decimal, dec, floorToStep, zero } from '../domain/decimal.ts';
import type { MarketFilters } from '../domain/market/market-filters.ts';
import { filterFailure } from './binance-errors.ts';
import { hasLimitPrice, isConditional, type SimulatedOrderType } from './order-types.ts';

const onGrid = (value: Decimal, step: string): boolean => floorToStep(value, dec(step)).eq(value);

interface CheckedOrder {
  readonly type: SimulatedOrderType;
  /** The limit; for an order without one its stop price, or the last price. */
  readonly price: Decimal;
  /** Zero where the order has none. */
  readonly stopPrice: Decimal;
  readonly quantity: Decimal;
}

/**
 * Checks an order as Binance's filters do.
 * @throws BinanceError -1013 that names the filter.
 */
export const checkFilters = (filters: MarketFilters, order: CheckedOrder): void => {
  const { price, quantity } = order;
  const prices = [
    ...(hasLimitPrice(order.type) ? [price] : []),
    ...(isConditional(order.type) ? [order.stopPrice] : []),
  ];
  if (prices.some((value) => value.lte(zero) || !onGrid(value, filters.tickSize))) throw filterFailure('PRICE_FILTER');
  const tooMuch = filters.maxQuantity !== '0' && quantity.gt(dec(filters.maxQuantity));
  if (quantity.lte(zero) || quantity.lt(dec(filters.minQuantity)) || tooMuch || !onGrid(quantity, filters.stepSize)) {
    throw filterFailure('LOT_SIZE');
  }
  if (price.times(quantity).lt(dec(filters.minNotional))) throw filterFailure('NOTIONAL');
};
