import type { Decimal } from '../domain/decimal.ts';
import type { OrderSide } from '../domain/orders/order.ts';

/** The types that `exchangeInfo` announces, in Binance's order. */
export const orderTypes = [
  'LIMIT',
  'LIMIT_MAKER',
  'MARKET',
  'STOP_LOSS',
  'STOP_LOSS_LIMIT',
  'TAKE_PROFIT',
  'TAKE_PROFIT_LIMIT',
] as const;
export type SimulatedOrderType = (typeof orderTypes)[number];

const limitTypes = new Set<SimulatedOrderType>(['LIMIT', 'LIMIT_MAKER', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT_LIMIT']);

/** Whether the order names the worst price it takes. */
export const hasLimitPrice = (type: SimulatedOrderType): boolean => limitTypes.has(type);

export const isStopLoss = (type: SimulatedOrderType): boolean => type.startsWith('STOP_LOSS');
const isTakeProfit = (type: SimulatedOrderType): boolean => type.startsWith('TAKE_PROFIT');

/** Whether the order waits for its stop price before it works. */
export const isConditional = (type: SimulatedOrderType): boolean => isStopLoss(type) || isTakeProfit(type);

export type Direction = 'up' | 'down';

/**
 * Where the last price must go for a conditional order to trigger: a stop loss that buys and a take profit that sells
 * wait for a rise, the other two for a fall.
 */
export const triggerDirection = (type: SimulatedOrderType, side: OrderSide): Direction =>
  isStopLoss(type) === (side === 'BUY') ? 'up' : 'down';

/** Whether `price` stands at `stop` or beyond it. */
export const isReached = (price: Decimal, stop: Decimal, direction: Direction): boolean =>
  direction === 'up' ? price.gte(stop) : price.lte(stop);
