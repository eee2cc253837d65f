import { type Price, type Quantity, zero } from '../decimal.ts';
import type { TradedOrder } from './trade.ts';

/** Whether a remainder is too little for an order of its own: below the step, the least quantity or the least notional. */
export const isUnsellable = (
  quantity: Quantity,
  price: Price,
  { stepSize, minQuantity, minNotional }: Pick<TradedOrder, 'stepSize' | 'minQuantity' | 'minNotional'>,
): boolean =>
  quantity.gt(zero) && (quantity.lt(stepSize) || quantity.lt(minQuantity) || quantity.times(price).lt(minNotional));
