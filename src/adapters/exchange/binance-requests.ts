import type { VenueOrderRequest, VenuePairRequest } from '../../contracts/venue.ts';
import { dec, zero } from '../../domain/decimal.ts';
import { VenueFailure } from '../../domain/orders/venue-failure.ts';
import { exact } from './binance-values.ts';
import { recvWindowMs } from './ccxt-client.ts';

type OrderParameters = Readonly<Record<string, string | number>>;

/** Nothing has left: the venue does not have it, and would refuse it. */
const refused = (rule: string, found: string): VenueFailure =>
  new VenueFailure('rejected', `createOrder: not sent, ${rule}: ${found}`);

const checkId = (name: string, value: string): void => {
  if (!/^[a-zA-Z0-9-_]{1,36}$/.test(value))
    throw refused('CLIENT_ORDER_ID', `${name} '${value}' is not 1 to 36 letters, digits, - or _`);
};

/** Plain decimal text above zero: no sign, no exponent, nothing that ccxt or the venue would read otherwise. */
const checkDecimal = (rule: 'QUANTITY' | 'PRICE', name: string, value: string | null): string => {
  if (value !== null && /^\d{1,20}(\.\d{1,20})?$/.test(value) && dec(value).gt(zero)) return exact(value);
  throw refused(rule, `${name} is ${value ?? 'missing'}, not a decimal above zero`);
};

const limitOf = (value: string | null): string => checkDecimal('PRICE', 'price', value);
const triggerOf = (value: string | null): string => checkDecimal('PRICE', 'stopPrice', value);

/** What makes up the type: at market or at a limit, at once or once a price is reached. */
const typeParameters = ({ type, price, stopPrice, timeInForce }: VenueOrderRequest): OrderParameters => {
  const asLimit = () => ({ price: limitOf(price), timeInForce: timeInForce ?? 'GTC' });
  if (type === 'MARKET') return { type };
  if (type === 'LIMIT' || (type === 'TAKE_PROFIT' && stopPrice === null)) return { type: 'LIMIT', ...asLimit() };
  const trigger = { stopPrice: triggerOf(stopPrice) };
  return price === null ? { type, ...trigger } : { type: `${type}_LIMIT`, ...trigger, ...asLimit() };
};

const signedAt = (sentAt: number): OrderParameters => ({
  newOrderRespType: 'FULL',
  timestamp: sentAt,
  recvWindow: recvWindowMs,
});

/**
 * The parameters of POST /api/v3/order: exact text, never a quote quantity, and the time it was marked `submitting`.
 * @throws VenueFailure `rejected` for what no venue could take, naming the rule.
 */
export const orderParameters = (request: VenueOrderRequest): OrderParameters => {
  checkId('clientOrderId', request.clientOrderId);
  return {
    symbol: request.symbol,
    side: request.side,
    ...typeParameters(request),
    quantity: checkDecimal('QUANTITY', 'quantity', request.quantity),
    newClientOrderId: request.clientOrderId,
    ...signedAt(request.sentAt),
  };
};

/**
 * The parameters of POST /api/v3/orderList/oco: of a sell the target above and the stop below, of a buy the other way round.
 * @throws VenueFailure as `orderParameters`.
 */
export const pairParameters = (request: VenuePairRequest): OrderParameters => {
  const { stop, target, side } = request;
  checkId('listClientOrderId', request.listClientOrderId);
  checkId('clientOrderId of the stop', stop.clientOrderId);
  checkId('clientOrderId of the target', target.clientOrderId);
  if (new Set([request.listClientOrderId, stop.clientOrderId, target.clientOrderId]).size < 3)
    throw refused('CLIENT_ORDER_ID', 'the pair and its two orders need three ids');
  const legs = {
    target: { Type: 'LIMIT_MAKER', Price: limitOf(target.price), ClientOrderId: target.clientOrderId },
    stop: {
      StopPrice: triggerOf(stop.stopPrice),
      ClientOrderId: stop.clientOrderId,
      ...(stop.price === null
        ? { Type: 'STOP_LOSS' }
        : { Type: 'STOP_LOSS_LIMIT', Price: limitOf(stop.price), TimeInForce: 'GTC' }),
    },
  };
  const named = (where: 'above' | 'below', leg: Readonly<Record<string, string>>) =>
    Object.entries(leg).map(([name, value]) => [`${where}${name}`, value] as const);
  const [above, below] = side === 'SELL' ? [legs.target, legs.stop] : [legs.stop, legs.target];
  return {
    symbol: request.symbol,
    side,
    quantity: checkDecimal('QUANTITY', 'quantity', request.quantity),
    listClientOrderId: request.listClientOrderId,
    ...Object.fromEntries([...named('above', above), ...named('below', below)]),
    ...signedAt(request.sentAt),
  };
};
