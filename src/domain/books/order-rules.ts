import { foldOrder } from '../accounting/order-fold.ts';
import { zero } from '../decimal.ts';
import { type OrderStatus, isTerminal } from '../orders/order.ts';
import type { BookOrder, BookTrade, Books, Violation } from './books.ts';
import { expectAmount, groupBy, shown } from './compare.ts';

const atVenue: readonly OrderStatus[] = ['open', 'partially_filled', 'filled'];

/** What the status says of how much is filled, or null where that is so. */
const fillsDeny = ({ status, quantity, filledQuantity }: BookOrder): string | null => {
  if (status === 'filled') return filledQuantity.eq(quantity) ? null : `all of ${shown(quantity)} filled`;
  if (status === 'partially_filled') {
    return filledQuantity.gt(zero) && filledQuantity.lt(quantity) ? null : `some of ${shown(quantity)} filled, not all`;
  }
  // A person may have settled one as rejected that shows later, and has fills.
  const empty: readonly OrderStatus[] = ['pending', 'submitting', 'open'];
  return empty.includes(status) && !filledQuantity.eq(zero) ? 'nothing filled' : null;
};

const ofOneOrder = (order: BookOrder, trades: readonly BookTrade[]): readonly Violation[] => {
  const entity = `order/${order.orderId}`;
  const fold = foldOrder(trades);
  const denied = fillsDeny(order);
  const overfilled = order.filledQuantity.gt(order.quantity);
  const withoutId = order.exchangeOrderId === null && (atVenue.includes(order.status) || order.filledQuantity.gt(zero));
  const keeps = isTerminal(order.status) && (order.reservedAmount !== null || order.reservedAsset !== null);
  return [
    ...expectAmount('filled_quantity', entity, 'filled', order.filledQuantity, fold.filledQuantity),
    ...(overfilled
      ? [
          {
            rule: 'filled_quantity',
            entity,
            found: `filled ${shown(order.filledQuantity)}`,
            expected: `at most ${shown(order.quantity)}`,
          } as const,
        ]
      : []),
    ...expectAmount('average_fill_price', entity, 'average', order.averageFillPrice, fold.averageFillPrice),
    ...expectAmount('commission', entity, 'commission', order.commission, fold.commission),
    ...(order.commissionAsset === fold.commissionAsset
      ? []
      : [
          {
            rule: 'commission',
            entity,
            found: `commission in ${shown(order.commissionAsset)}`,
            expected: shown(fold.commissionAsset),
          } as const,
        ]),
    ...(denied === null
      ? []
      : [
          {
            rule: 'status_and_fills',
            entity,
            found: `${order.status} with ${shown(order.filledQuantity)} filled`,
            expected: denied,
          } as const,
        ]),
    ...(withoutId
      ? [
          {
            rule: 'venue_order_id',
            entity,
            found: `${order.status} without an id of the venue`,
            expected: 'one',
          } as const,
        ]
      : []),
    ...(keeps
      ? [
          {
            rule: 'reservation',
            entity,
            found: `${order.status} with ${shown(order.reservedAmount)} ${shown(order.reservedAsset)} reserved`,
            expected: 'nothing reserved',
          } as const,
        ]
      : []),
  ];
};

const sameVenueOrder = (orders: readonly BookOrder[]): readonly Violation[] =>
  [
    ...groupBy(
      orders.filter((order) => order.exchangeOrderId !== null),
      (order) => `${order.environment}/${order.exchange}/${order.symbol}/${order.exchangeOrderId}`,
    ),
  ].flatMap(([key, rows]) =>
    rows.length === 1
      ? []
      : [
          {
            rule: 'venue_order_id',
            entity: `venue-order/${key}`,
            found: `orders ${rows.map((row) => row.orderId).join(', ')}`,
            expected: 'one row',
          } as const,
        ],
  );

const misplaced = (trade: BookTrade, order: BookOrder | undefined): readonly Violation[] => {
  const place = ({ strategyId, symbol, side, environment, exchange }: BookTrade | BookOrder): string =>
    [strategyId, symbol, side, environment, exchange].join(' ');
  if (order && place(order) === place(trade)) return [];
  const entity = `trade/${trade.exchange}/${trade.symbol}/${trade.tradeId}`;
  return [
    { rule: 'trade_of_its_order', entity, found: place(trade), expected: order ? place(order) : 'an order of ours' },
  ];
};

const countedTwice = (trades: readonly BookTrade[]): readonly Violation[] =>
  [...groupBy(trades, (trade) => `${trade.environment}/${trade.exchange}/${trade.symbol}/${trade.tradeId}`)].flatMap(
    ([key, rows]) =>
      rows.length === 1
        ? []
        : [{ rule: 'trade_twice', entity: `trade/${key}`, found: `${rows.length} rows`, expected: 'one row' } as const],
  );

/** Each order against its trades, each trade against its order, each venue id against all others. */
export const orderViolations = ({ orders, trades }: Books): readonly Violation[] => {
  const tradesBy = groupBy(trades, (trade) => trade.orderId);
  const byId = new Map(orders.map((order) => [order.orderId, order]));
  return [
    ...orders.flatMap((order) => ofOneOrder(order, tradesBy.get(order.orderId) ?? [])),
    ...sameVenueOrder(orders),
    ...trades.flatMap((trade) => misplaced(trade, byId.get(trade.orderId))),
    ...countedTwice(trades),
  ];
};
