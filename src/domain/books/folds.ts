import { type PositionFold, foldPosition } from '../accounting/position-fold.ts';
import { isTerminal } from '../orders/order.ts';
import type { BookOrder, BookPosition, BookTrade, Books } from './books.ts';
import { groupBy } from './compare.ts';

/** One strategy's trades on one market, and what they fold to. */
export interface BookFold {
  readonly order: BookOrder;
  readonly trades: readonly BookTrade[];
  readonly fold: PositionFold;
}

export const positionKey = ({ strategyId, symbol, environment }: BookTrade | BookPosition): string =>
  `${strategyId}/${symbol}/${environment}`;

/** The fold of every position's trades, whole, by `positionKey`. A trade without an order of ours is left out. */
export const foldsOf = ({ orders, trades }: Books): ReadonlyMap<string, BookFold> => {
  const byId = new Map(orders.map((order) => [order.orderId, order]));
  const folds = new Map<string, BookFold>();
  for (const [key, own] of groupBy(trades, positionKey)) {
    const known = own.flatMap((trade) => {
      const order = byId.get(trade.orderId);
      return order ? [{ ...trade, order: { ...order, isEnded: isTerminal(order.status) } }] : [];
    });
    const order = known.at(-1)?.order;
    if (!order) continue;
    const context = { base: order.base, quote: order.quote, borrows: order.environment === 'paper' };
    folds.set(key, { order, trades: own, fold: foldPosition(known, context) });
  }
  return folds;
};
