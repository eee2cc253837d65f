import { dec } from '../decimal.ts';
import type { OrderStatus } from './order.ts';

/** One of our orders, as far as it is compared. */
export interface BookedOrder {
  readonly symbol: string;
  readonly clientOrderId: string;
  readonly exchangeOrderId: string | null;
  readonly status: OrderStatus;
  readonly filledQuantity: string;
}

/** An order that is open at the venue now, ours or not. */
export interface RestingOrder {
  readonly symbol: string;
  readonly clientOrderId: string;
  readonly exchangeOrderId: string;
  readonly filledQuantity: string;
}

/** Where a trade of the account that no row has belongs. */
export interface UnbookedTrade {
  readonly symbol: string;
  readonly exchangeOrderId: string;
}

/**
 * What is to be looked at more closely. `ours`: the venue has to be asked how the order stands; `foreign`: an order there that
 * no row names by the venue's id or by a client id that is still free to be it.
 */
export type OrderFinding<Order> =
  | {
      readonly kind: 'ours';
      readonly order: Order;
      readonly why: 'not_open_there' | 'other_fills' | 'unbooked_trades' | 'unknown' | 'ended_here';
    }
  | { readonly kind: 'foreign'; readonly symbol: string; readonly exchangeOrderId: string };

const atVenue = ({ symbol, exchangeOrderId }: { symbol: string; exchangeOrderId: string }): string =>
  `${symbol}/${exchangeOrderId}`;
const byClientId = ({ symbol, clientOrderId }: { symbol: string; clientOrderId: string }): string =>
  `${symbol}/${clientOrderId}`;

/**
 * Finds our row of an order at the venue: by the venue's id, else by our client id where that row has no venue id yet. A client id is
 * unique among open orders only, so that of a row with another venue id has been used again by somebody else.
 */
export const rowOf = <Order extends BookedOrder>(
  ours: readonly Order[],
): ((there: Pick<RestingOrder, 'symbol' | 'clientOrderId' | 'exchangeOrderId'>) => Order | null) => {
  const byVenueId = new Map<string, Order>();
  const unnamed = new Map<string, Order>();
  for (const order of ours) {
    const { symbol, exchangeOrderId } = order;
    if (exchangeOrderId === null) unnamed.set(byClientId(order), order);
    else byVenueId.set(atVenue({ symbol, exchangeOrderId }), order);
  }
  return (there) => byVenueId.get(atVenue(there)) ?? unnamed.get(byClientId(there)) ?? null;
};

const whyAsked = (
  order: BookedOrder,
  resting: RestingOrder,
): Extract<OrderFinding<BookedOrder>, { kind: 'ours' }>['why'] | null => {
  switch (order.status) {
    case 'open':
    case 'partially_filled':
      return dec(order.filledQuantity).eq(dec(resting.filledQuantity)) ? null : 'other_fills';
    case 'unknown':
      return 'unknown';
    case 'submitting':
      // On its way into the books by whoever sent it.
      return null;
    default:
      return 'ended_here';
  }
};

/**
 * Compares the venue's open orders and the account's trades that no row has with our orders. The venue must have been read
 * before our rows were: a row is written before its order is sent, so what is there and not here is not ours.
 * @param facts.ours every order that is not over, and every one that `resting` or `unbooked` may be about
 */
export const diffOrders = <Order extends BookedOrder>(facts: {
  readonly ours: readonly Order[];
  readonly resting: readonly RestingOrder[];
  readonly unbooked: readonly UnbookedTrade[];
}): readonly OrderFinding<Order>[] => {
  const find = rowOf(facts.ours);
  const findings = new Map<string, OrderFinding<Order>>();
  const shown = new Set<Order>();
  const add = (key: string, finding: OrderFinding<Order>): void => {
    if (!findings.has(key)) findings.set(key, finding);
  };
  const addForeign = ({ symbol, exchangeOrderId }: UnbookedTrade): void =>
    add(atVenue({ symbol, exchangeOrderId }), { kind: 'foreign', symbol, exchangeOrderId });

  for (const resting of facts.resting) {
    const order = find(resting);
    if (!order) {
      addForeign(resting);
      continue;
    }
    shown.add(order);
    const why = whyAsked(order, resting);
    if (why) add(byClientId(order), { kind: 'ours', order, why });
  }
  for (const order of facts.ours) {
    if (shown.has(order)) continue;
    if (order.status === 'unknown') add(byClientId(order), { kind: 'ours', order, why: 'unknown' });
    if (order.status === 'open' || order.status === 'partially_filled') {
      add(byClientId(order), { kind: 'ours', order, why: 'not_open_there' });
    }
  }
  for (const trade of facts.unbooked) {
    const order = find({ ...trade, clientOrderId: '' });
    if (order) add(byClientId(order), { kind: 'ours', order, why: 'unbooked_trades' });
    else addForeign(trade);
  }
  return [...findings.values()];
};
