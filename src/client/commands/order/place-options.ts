import type { Environment, OrderSide, OrderType, TimeInForce } from '../../../domain/orders/order.ts';

/** How the command line calls the types of orders. */
export const typeNames = {
  market: 'MARKET',
  limit: 'LIMIT',
  'stop-loss': 'STOP_LOSS',
  'take-profit': 'TAKE_PROFIT',
} as const satisfies Readonly<Record<string, OrderType>>;

/** An order as a person gives it on the command line: amounts as they were typed. */
export interface PlaceOptions extends Readonly<Record<string, unknown>> {
  readonly environment: Environment;
  readonly symbol: string;
  readonly side: Lowercase<OrderSide>;
  readonly type: keyof typeof typeNames;
  readonly quantity: string;
  readonly price?: string;
  readonly stopPrice?: string;
  readonly timeInForce?: TimeInForce;
  readonly reduceOnly?: boolean;
  readonly requestId?: string;
  readonly by: string;
}
