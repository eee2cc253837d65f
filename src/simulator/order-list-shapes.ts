import { cancelledView, placedView, type ResponseType } from './binance-shapes.ts';
import type { Exchange } from './exchange.ts';
import type { AcceptedList } from './ledger-events.ts';
import { isOpen, type SimulatedOrder } from './ledger-state.ts';

const ordersOf = ({ ledger }: Exchange, list: AcceptedList): SimulatedOrder[] =>
  list.orderIds.flatMap((id) => ledger.state.orders.get(id) ?? []);

/** An order list as GET orderList and openOrderList show it. */
export const orderListView = (exchange: Exchange, list: AcceptedList) => {
  const orders = ordersOf(exchange, list);
  const isDone = !orders.some(isOpen);
  return {
    orderListId: list.orderListId,
    contingencyType: 'OCO',
    listStatusType: isDone ? 'ALL_DONE' : 'EXEC_STARTED',
    listOrderStatus: isDone ? 'ALL_DONE' : 'EXECUTING',
    listClientOrderId: list.listClientOrderId,
    transactionTime: list.acceptedAt,
    symbol: list.symbol,
    orders: orders.map(({ symbol, orderId, clientOrderId }) => ({ symbol, orderId, clientOrderId })),
  };
};

/** The answer to POST orderList/oco. */
export const placedListView = (exchange: Exchange, list: AcceptedList, response: ResponseType) => ({
  ...orderListView(exchange, list),
  orderReports: ordersOf(exchange, list).map((order) => placedView(order, response)),
});

/** The answer to DELETE orderList. */
export const cancelledListView = (exchange: Exchange, list: AcceptedList, cancelId: string) => {
  const orders = ordersOf(exchange, list);
  return {
    ...orderListView(exchange, list),
    transactionTime: Math.max(...orders.map(({ updatedAt }) => updatedAt)),
    orderReports: orders.map((order) => cancelledView(order, cancelId)),
  };
};
