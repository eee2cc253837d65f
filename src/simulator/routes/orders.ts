import { badResponseType, missingOrderReference, noSuchOrder } from '../binance-errors.ts';
import { cancelledView, orderView, placedView, type ResponseType, tradeView } from '../binance-shapes.ts';
import type { SimulatedOrder } from '../ledger-state.ts';
import { cancelledListView } from '../order-list-shapes.ts';
import { parseOrderRequest } from '../order-request.ts';
import type { SimulatedOrderType } from '../order-types.ts';
import { integerParameter, limitParameter, type Route, type RouteContext } from './route.ts';

/** The order that `orderId` or `origClientOrderId` names on `symbol`. @throws BinanceError -1102, -1121. */
const referredOrder = ({ exchange, parameters }: RouteContext): SimulatedOrder | undefined => {
  const { symbol } = exchange.market(parameters.get('symbol'));
  const orderId = integerParameter(parameters, 'orderId', null);
  const clientOrderId = parameters.get('origClientOrderId');
  if (orderId === null && clientOrderId === null) throw missingOrderReference();
  const order =
    orderId === null ? exchange.byClientOrderId(clientOrderId ?? '') : exchange.ledger.state.orders.get(orderId);
  return order?.symbol === symbol ? order : undefined;
};

/** Binance answers in full to market and limit orders, and shortly to others and to lists (`type` null), where not asked. */
export const responseTypeOf = (parameters: URLSearchParams, type: SimulatedOrderType | null): ResponseType => {
  const asked = parameters.get('newOrderRespType');
  if (asked === null) return type === 'MARKET' || type === 'LIMIT' ? 'FULL' : 'ACK';
  if (asked !== 'ACK' && asked !== 'RESULT' && asked !== 'FULL') throw badResponseType();
  return asked;
};

export const generatedId = (prefix: string, number: number): string => `${prefix}${String(number).padStart(20, '0')}`;

/** What the lists show of the orders: those on `symbol` where it was sent, without the hidden ones, oldest first. */
const visibleOrders = ({ exchange, faults, parameters }: RouteContext, orders: Iterable<SimulatedOrder>) => {
  const symbol = parameters.has('symbol') ? exchange.market(parameters.get('symbol')).symbol : null;
  return [...orders].filter(
    (order) => (symbol === null || order.symbol === symbol) && !faults.isHidden(order.clientOrderId),
  );
};

/** Keeps what happened from `startTime` to `endTime`. */
const within = <Row>(parameters: URLSearchParams, rows: readonly Row[], time: (row: Row) => number): Row[] => {
  const from = integerParameter(parameters, 'startTime', -Infinity);
  const to = integerParameter(parameters, 'endTime', Infinity);
  return rows.filter((row) => time(row) >= from && time(row) <= to);
};

/** The last `limit` rows, or the first ones where the request says where to start. */
const page = <Row>(parameters: URLSearchParams, rows: readonly Row[]): readonly Row[] => {
  const limit = limitParameter(parameters, 500, 1000);
  const forward = ['startTime', 'orderId', 'fromId'].some((name) => parameters.has(name));
  return forward ? rows.slice(0, limit) : rows.slice(-limit);
};

const listTrades = (context: RouteContext) => {
  const { exchange, parameters } = context;
  exchange.market(parameters.get('symbol'));
  const ofOrder = integerParameter(parameters, 'orderId', null);
  const fromId = integerParameter(parameters, 'fromId', 0);
  const trades = visibleOrders(context, exchange.ledger.state.orders.values())
    .filter((order) => ofOrder === null || order.orderId === ofOrder)
    .flatMap((order) => order.trades.map((trade) => tradeView(order, trade)))
    .filter((trade) => trade.id >= fromId)
    .sort((a, b) => a.id - b.id);
  return page(
    parameters,
    within(parameters, trades, (trade) => trade.time),
  );
};

const listOrders = (context: RouteContext) => {
  const { exchange, parameters } = context;
  exchange.market(parameters.get('symbol'));
  const fromId = integerParameter(parameters, 'orderId', 0);
  const orders = visibleOrders(context, exchange.ledger.state.orders.values()).filter(
    ({ orderId }) => orderId >= fromId,
  );
  return page(
    parameters,
    within(parameters, orders, (order) => order.acceptedAt),
  ).map(orderView);
};

const path = '/api/v3/order';

export const orderRoutes: readonly Route[] = [
  {
    method: 'POST',
    path,
    weight: 1,
    signed: true,
    orders: 1,
    handle({ exchange, parameters }) {
      const market = exchange.market(parameters.get('symbol'));
      const id = generatedId('sim', exchange.ledger.state.orders.size + 1);
      const request = parseOrderRequest(parameters, id);
      const response = responseTypeOf(parameters, request.type);
      return placedView(exchange.place(market, request), response);
    },
  },
  {
    method: 'DELETE',
    path,
    weight: 1,
    signed: true,
    handle(context) {
      const order = context.exchange.cancel(referredOrder(context));
      return cancelledView(order, context.parameters.get('newClientOrderId') ?? generatedId('cancel', order.orderId));
    },
  },
  {
    method: 'GET',
    path,
    weight: 4,
    signed: true,
    handle(context) {
      const order = referredOrder(context);
      if (order === undefined || context.faults.takeHidden(order.clientOrderId)) throw noSuchOrder();
      return orderView(order);
    },
  },
  {
    method: 'GET',
    path: '/api/v3/openOrders',
    weight: (parameters) => (parameters.has('symbol') ? 6 : 80),
    signed: true,
    handle: (context) => visibleOrders(context, context.exchange.openOrders()).map(orderView),
  },
  {
    method: 'DELETE',
    path: '/api/v3/openOrders',
    weight: 1,
    signed: true,
    handle({ exchange, parameters }) {
      const cancelled = exchange.cancelAll(exchange.market(parameters.get('symbol')));
      const single = cancelled.filter(({ orderListId }) => orderListId === undefined);
      const lists = new Set(cancelled.flatMap(({ orderListId }) => orderListId ?? []));
      return [
        ...single.map((order) => cancelledView(order, generatedId('cancel', order.orderId))),
        ...[...lists].flatMap((id) => {
          const list = exchange.ledger.state.lists.get(id);
          return list === undefined ? [] : [cancelledListView(exchange, list, generatedId('cancel', id))];
        }),
      ];
    },
  },
  { method: 'GET', path: '/api/v3/allOrders', weight: 20, signed: true, handle: listOrders },
  {
    method: 'GET',
    path: '/api/v3/myTrades',
    weight: (parameters) => (parameters.has('orderId') ? 5 : 20),
    signed: true,
    handle: listTrades,
  },
];
