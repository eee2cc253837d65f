import { noSuchOrderList, unknownOrder } from '../binance-errors.ts';
import { cancelledListView, orderListView, placedListView } from '../order-list-shapes.ts';
import type { AcceptedList } from '../ledger-events.ts';
import { parseOcoRequest } from '../order-lists.ts';
import { generatedId, responseTypeOf } from './orders.ts';
import { integerParameter, type Route, type RouteContext } from './route.ts';

/** The list that `orderListId` or its client id names; the parameter of the latter differs between routes. */
const referredList = (
  { exchange, parameters }: RouteContext,
  clientIdParameter: 'origClientOrderId' | 'listClientOrderId',
): AcceptedList | undefined => {
  const { lists } = exchange.ledger.state;
  const orderListId = integerParameter(parameters, 'orderListId', null);
  if (orderListId !== null) return lists.get(orderListId);
  const clientId = parameters.get(clientIdParameter);
  return [...lists.values()].findLast(({ listClientOrderId }) => listClientOrderId === clientId);
};

/** Whether a fault hides one of its legs: then the list is not shown either. */
const isHidden = ({ exchange, faults }: RouteContext, { orderIds }: AcceptedList): boolean =>
  orderIds.some((id) => faults.isHidden(exchange.ledger.state.orders.get(id)?.clientOrderId ?? ''));

const signed = { signed: true } as const;

export const orderListRoutes: readonly Route[] = [
  {
    ...signed,
    method: 'POST',
    path: '/api/v3/orderList/oco',
    weight: 1,
    orders: 2,
    handle({ exchange, parameters }) {
      const market = exchange.market(parameters.get('symbol'));
      const number = exchange.ledger.state.lists.size + 1;
      const request = parseOcoRequest(parameters, (part) => generatedId(part, number));
      const response = responseTypeOf(parameters, null);
      return placedListView(exchange, exchange.placeOco(market, request), response);
    },
  },
  {
    ...signed,
    method: 'GET',
    path: '/api/v3/orderList',
    weight: 4,
    handle(context) {
      const list = referredList(context, 'origClientOrderId');
      if (list === undefined || isHidden(context, list)) throw noSuchOrderList();
      return orderListView(context.exchange, list);
    },
  },
  {
    ...signed,
    method: 'GET',
    path: '/api/v3/openOrderList',
    weight: 6,
    handle: (context) =>
      [...context.exchange.ledger.state.lists.values()]
        .filter((list) => !isHidden(context, list))
        .map((list) => orderListView(context.exchange, list))
        .filter(({ listOrderStatus }) => listOrderStatus === 'EXECUTING'),
  },
  {
    ...signed,
    method: 'DELETE',
    path: '/api/v3/orderList',
    weight: 1,
    handle(context) {
      const { exchange, parameters } = context;
      const { symbol } = exchange.market(parameters.get('symbol'));
      const list = referredList(context, 'listClientOrderId');
      if (list === undefined || list.symbol !== symbol) throw unknownOrder();
      const cancelId = parameters.get('newClientOrderId') ?? generatedId('cancel', list.orderListId);
      exchange.cancelList(list);
      return cancelledListView(exchange, list, cancelId);
    },
  },
];
