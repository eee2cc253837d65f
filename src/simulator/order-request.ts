import { type Decimal, dec, zero } from '../domain/decimal.ts';
import type { OrderSide, OrderType, TimeInForce } from '../domain/orders/order.ts';
import {
  badOrderType,
  badSide,
  badTimeInForce,
  illegalParameter,
  missingParameter,
  orderTypeNotSupported,
  unwantedParameter,
} from './binance-errors.ts';

/** A POST /order whose parameters are well formed; the market's filters and the balance are not checked yet. */
export interface OrderRequest {
  readonly clientOrderId: string;
  readonly side: OrderSide;
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  /** Zero for a market order. */
  readonly price: Decimal;
  readonly quantity: Decimal;
}

/** The types that `exchangeInfo` announces. A further type needs its parameters here and its trigger in the exchange. */
export const supportedOrderTypes: readonly OrderType[] = ['LIMIT', 'MARKET'];
const binanceOrderTypes = ['STOP_LOSS', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT', 'TAKE_PROFIT_LIMIT', 'LIMIT_MAKER'];

const clientOrderIdForm = /^[a-zA-Z0-9-_]{1,36}$/;
const decimalForm = /^([0-9]{1,20})(\.[0-9]{1,20})?$/;

const decimalParameter = (parameters: URLSearchParams, name: string): Decimal => {
  const value = parameters.get(name);
  if (value === null || value === '') throw missingParameter(name);
  if (!decimalForm.test(value)) throw illegalParameter(name, decimalForm);
  return dec(value);
};

const typeOf = (value: string | null): OrderType => {
  if (value === null) throw missingParameter('type');
  const supported = supportedOrderTypes.find((type) => type === value);
  if (supported !== undefined) return supported;
  throw binanceOrderTypes.includes(value) ? orderTypeNotSupported(value) : badOrderType();
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

/**
 * Reads the parameters of POST /order. `generatedId` is the client order id where none was sent.
 * @throws BinanceError -1100, -1102, -1106, -1115, -1116, -1117, and -1013 for an order type that is not simulated.
 */
export const parseOrderRequest = (parameters: URLSearchParams, generatedId: string): OrderRequest => {
  const side = sideOf(parameters.get('side'));
  const type = typeOf(parameters.get('type'));
  const clientOrderId = parameters.get('newClientOrderId') ?? generatedId;
  if (!clientOrderIdForm.test(clientOrderId)) throw illegalParameter('newClientOrderId', clientOrderIdForm);
  const quantity = decimalParameter(parameters, 'quantity');
  if (type === 'MARKET') {
    for (const name of ['price', 'timeInForce']) if (parameters.has(name)) throw unwantedParameter(name);
    return { clientOrderId, side, type, timeInForce: 'GTC', price: zero, quantity };
  }
  const timeInForce = timeInForceOf(parameters.get('timeInForce'));
  return { clientOrderId, side, type, timeInForce, price: decimalParameter(parameters, 'price'), quantity };
};
