import { type Decimal, dec, zero } from '../domain/decimal.ts';
import type { OrderSide, TimeInForce } from '../domain/orders/order.ts';
import {
  badOrderType,
  badSide,
  badTimeInForce,
  illegalParameter,
  missingParameter,
  unwantedParameter,
} from './binance-errors.ts';
import { hasLimitPrice, isConditional, orderTypes, type SimulatedOrderType } from './order-types.ts';

/** A POST /order whose parameters are well formed; the market's filters and the balance are not checked yet. */
export interface OrderRequest {
  readonly clientOrderId: string;
  readonly side: OrderSide;
  readonly type: SimulatedOrderType;
  readonly timeInForce: TimeInForce;
  /** Zero where the order has no limit. */
  readonly price: Decimal;
  /** Zero where the order waits for none. */
  readonly stopPrice: Decimal;
  readonly quantity: Decimal;
}

export const clientOrderIdForm = /^[a-zA-Z0-9-_]{1,36}$/;
const decimalForm = /^([0-9]{1,20})(\.[0-9]{1,20})?$/;

const decimalParameter = (parameters: URLSearchParams, name: string): Decimal => {
  const value = parameters.get(name);
  if (value === null || value === '') throw missingParameter(name);
  if (!decimalForm.test(value)) throw illegalParameter(name, decimalForm);
  return dec(value);
};

const typeOf = (value: string | null): SimulatedOrderType => {
  if (value === null) throw missingParameter('type');
  const type = orderTypes.find((candidate) => candidate === value);
  if (type === undefined) throw badOrderType();
  return type;
};

const sideOf = (value: string | null): OrderSide => {
  if (value === null) throw missingParameter('side');
  if (value !== 'BUY' && value !== 'SELL') throw badSide();
  return value;
};

const timeInForceOf = (value: string | null): TimeInForce => {
  if (value === null) throw missingParameter('timeInForce');
  if (value !== 'GTC' && value !== 'IOC' && value !== 'FOK') throw badTimeInForce();
  return value;
};

const forbid = (parameters: URLSearchParams, name: string): void => {
  if (parameters.has(name)) throw unwantedParameter(name);
};

/**
 * Reads the parameters of POST /order, as each type demands and allows them. `generatedId` is the client order id where
 * none was sent.
 * @throws BinanceError -1100, -1102, -1106, -1115, -1116, -1117.
 */
export const parseOrderRequest = (parameters: URLSearchParams, generatedId: string): OrderRequest => {
  const side = sideOf(parameters.get('side'));
  const type = typeOf(parameters.get('type'));
  const clientOrderId = parameters.get('newClientOrderId') ?? generatedId;
  if (!clientOrderIdForm.test(clientOrderId)) throw illegalParameter('newClientOrderId', clientOrderIdForm);
  const quantity = decimalParameter(parameters, 'quantity');
  const isTimed = hasLimitPrice(type) && type !== 'LIMIT_MAKER';
  if (!hasLimitPrice(type)) forbid(parameters, 'price');
  if (!isConditional(type)) forbid(parameters, 'stopPrice');
  if (!isTimed) forbid(parameters, 'timeInForce');
  return {
    clientOrderId,
    side,
    type,
    timeInForce: isTimed ? timeInForceOf(parameters.get('timeInForce')) : 'GTC',
    price: hasLimitPrice(type) ? decimalParameter(parameters, 'price') : zero,
    stopPrice: isConditional(type) ? decimalParameter(parameters, 'stopPrice') : zero,
    quantity,
  };
};
