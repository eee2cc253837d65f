import { type Decimal, text } from '../domain/decimal.ts';
import type { OrderSide } from '../domain/orders/order.ts';
import { badPriceRelation, illegalParameter, orderTypeNotInList } from './binance-errors.ts';
import type { LedgerEvent } from './ledger-events.ts';
import type { LedgerState, SimulatedOrder } from './ledger-state.ts';
import { clientOrderIdForm, type OrderRequest, parseOrderRequest } from './order-request.ts';
import { isConditional, isStopLoss } from './order-types.ts';

/** One cancels the other: two orders on either side of the last price, of which one trades at most. */
export interface OcoRequest {
  readonly listClientOrderId: string;
  readonly above: OrderRequest;
  readonly below: OrderRequest;
}

const legParameters = {
  Type: 'type',
  Price: 'price',
  StopPrice: 'stopPrice',
  TimeInForce: 'timeInForce',
  ClientOrderId: 'newClientOrderId',
};

const legOf = (parameters: URLSearchParams, leg: 'above' | 'below', generatedId: string): OrderRequest => {
  const own = new URLSearchParams();
  for (const name of ['side', 'quantity']) own.set(name, parameters.get(name) ?? '');
  for (const [suffix, name] of Object.entries(legParameters)) {
    const value = parameters.get(`${leg}${suffix}`);
    if (value !== null) own.set(name, value);
  }
  return parseOrderRequest(own, generatedId);
};

/** A sell has its stop loss below and its target above, a buy the other way round. @throws BinanceError -1158. */
const checkLegTypes = (side: OrderSide, above: OrderRequest, below: OrderRequest): void => {
  const [target, stop] = side === 'SELL' ? [above, below] : [below, above];
  const isTarget = target.type === 'LIMIT_MAKER' || (isConditional(target.type) && !isStopLoss(target.type));
  if (!isTarget || !isStopLoss(stop.type)) throw orderTypeNotInList();
};

/**
 * Reads the parameters of POST /orderList/oco. `generatedId` makes a client id for what was sent without one.
 * @throws BinanceError as `parseOrderRequest`, and -1158.
 */
export const parseOcoRequest = (
  parameters: URLSearchParams,
  generatedId: (part: 'list' | 'above' | 'below') => string,
): OcoRequest => {
  const listClientOrderId = parameters.get('listClientOrderId') ?? generatedId('list');
  if (!clientOrderIdForm.test(listClientOrderId)) throw illegalParameter('listClientOrderId', clientOrderIdForm);
  const above = legOf(parameters, 'above', generatedId('above'));
  const below = legOf(parameters, 'below', generatedId('below'));
  checkLegTypes(above.side, above, below);
  return { listClientOrderId, above, below };
};

/** @throws BinanceError -2010 where the last price does not lie between the two legs. */
export const checkPriceRelation = ({ above, below }: OcoRequest, last: Decimal): void => {
  const where = (leg: OrderRequest): Decimal => (isConditional(leg.type) ? leg.stopPrice : leg.price);
  if (where(above).lte(last) || where(below).gte(last)) throw badPriceRelation();
};

/** The open orders of the same list, without `order` itself. */
export const openSiblings = (state: LedgerState, order: SimulatedOrder): SimulatedOrder[] =>
  order.orderListId === undefined
    ? []
    : [...state.open]
        .flatMap((id) => state.orders.get(id) ?? [])
        .filter(({ orderListId, orderId }) => orderListId === order.orderListId && orderId !== order.orderId);

/**
 * What a leg's trigger or first fill does to the rest of its list: the other leg expires, and where that one held the
 * list's lock, `needed` is locked for this leg.
 */
export const activation = (state: LedgerState, order: SimulatedOrder, needed: Decimal): LedgerEvent[] => {
  const others = openSiblings(state, order);
  if (others.length === 0) return [];
  const ended = others.map(({ orderId }) => ({ type: 'ended', orderId, status: 'EXPIRED' }) as const);
  if (order.lockAmount !== '0') return ended;
  return [...ended, { type: 'locked', orderId: order.orderId, amount: text(needed) }];
};
