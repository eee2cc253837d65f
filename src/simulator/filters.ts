import { type Decimal, dec, floorToStep, zero } from '../domain/decimal.ts';
import type { MarketFilters } from '../domain/market/market-filters.ts';
import type { OrderType } from '../domain/orders/order.ts';
import { filterFailure } from './binance-errors.ts';

const onGrid = (value: Decimal, step: string): boolean => floorToStep(value, dec(step)).eq(value);

/**
 * Checks an order as Binance's filters do; `price` is the limit, or the last price for a market order.
 * @throws BinanceError -1013 that names the filter.
 */
export const checkFilters = (
  filters: MarketFilters,
  order: { readonly type: OrderType; readonly price: Decimal; readonly quantity: Decimal },
): void => {
  const { price, quantity } = order;
  if (order.type === 'LIMIT' && (price.lte(zero) || !onGrid(price, filters.tickSize)))
    throw filterFailure('PRICE_FILTER');
  const tooMuch = filters.maxQuantity !== '0' && quantity.gt(dec(filters.maxQuantity));
  if (quantity.lte(zero) || quantity.lt(dec(filters.minQuantity)) || tooMuch || !onGrid(quantity, filters.stepSize)) {
    throw filterFailure('LOT_SIZE');
  }
  if (price.times(quantity).lt(dec(filters.minNotional))) throw filterFailure('NOTIONAL');
};
