import { type Decimal, dec, text, zero } from '../domain/decimal.ts';
import { type Balances, locked, openingBalances, settled, unlocked } from './accounts.ts';
import type {
  AcceptedList,
  AcceptedOrder,
  LedgerBatch,
  LedgerEvent,
  LoadedMarket,
  SimulatedTrade,
} from './ledger-events.ts';
import { isConditional } from './order-types.ts';

export type SimulatedStatus = 'NEW' | 'PARTIALLY_FILLED' | 'FILLED' | 'CANCELED' | 'EXPIRED';

export interface SimulatedOrder extends AcceptedOrder {
  readonly status: SimulatedStatus;
  readonly executedQuantity: string;
  readonly executedQuote: string;
  /** Still locked for this order, in `lockAsset`. */
  readonly lockedAmount: string;
  readonly trades: readonly SimulatedTrade[];
  readonly updatedAt: number;
  /** Since when it may trade, epoch ms; null while it waits for its stop price. */
  readonly workingSince: number | null;
}

export const isOpen = (order: SimulatedOrder): boolean => order.status === 'NEW' || order.status === 'PARTIALLY_FILLED';
export const remainingOf = (order: SimulatedOrder): Decimal => dec(order.quantity).minus(dec(order.executedQuantity));

/** What the ledger adds up to. `recordedAt` is the exchange's time of the last batch, epoch ms. */
export interface LedgerState {
  balances: Balances;
  readonly orders: Map<number, SimulatedOrder>;
  /** Ids of the open orders: what matching looks at, however long the history grows. */
  readonly open: Set<number>;
  /** The latest order under each client order id. */
  readonly byClientOrderId: Map<string, number>;
  readonly lists: Map<number, AcceptedList>;
  readonly loadedMarkets: Map<string, LoadedMarket>;
  trades: number;
  /** Where the stepped clock was moved to last; null before the first move. */
  clock: number | null;
  recordedAt: number | null;
}

export const emptyState = (): LedgerState => ({
  balances: new Map(),
  orders: new Map(),
  open: new Set(),
  byClientOrderId: new Map(),
  lists: new Map(),
  loadedMarkets: new Map(),
  trades: 0,
  clock: null,
  recordedAt: null,
});

/** What the open orders and the balances are, to reckon ahead of the ledger without changing it. */
export const forkOpenOrders = (state: LedgerState): LedgerState => ({
  ...state,
  orders: new Map([...state.open].flatMap((id) => [[id, orderIn(state, id)] as const])),
  open: new Set(state.open),
});

const orderIn = (state: LedgerState, orderId: number): SimulatedOrder => {
  const order = state.orders.get(orderId);
  if (order === undefined) throw new RangeError(`the ledger names order ${orderId} before it was accepted`);
  return order;
};

const filledOrder = (order: SimulatedOrder, trade: SimulatedTrade, release: string): SimulatedOrder => {
  const executed = dec(order.executedQuantity).plus(dec(trade.quantity));
  const quote = dec(order.executedQuote).plus(dec(trade.quantity).times(dec(trade.price)));
  return {
    ...order,
    status: executed.gte(dec(order.quantity)) ? 'FILLED' : 'PARTIALLY_FILLED',
    executedQuantity: text(executed),
    executedQuote: text(quote),
    lockedAmount: text(dec(order.lockedAmount).minus(dec(release))),
    trades: [...order.trades, trade],
    updatedAt: trade.time,
  };
};

/** What is left in the lock of an order that has just ended goes back to free. */
const closeOrder = (state: LedgerState, order: SimulatedOrder): void => {
  state.balances = unlocked(state.balances, order.lockAsset, dec(order.lockedAmount));
  state.orders.set(order.orderId, { ...order, lockedAmount: '0' });
  state.open.delete(order.orderId);
};

/** Changes `state` by one event. `at` is the exchange's time, epoch ms. */
export const applyEvent = (state: LedgerState, event: LedgerEvent, at: number): void => {
  switch (event.type) {
    case 'opened':
      state.balances = openingBalances(event.balances);
      return;
    case 'accepted': {
      const { order } = event;
      state.balances = locked(state.balances, order.lockAsset, dec(order.lockAmount));
      state.orders.set(order.orderId, {
        ...order,
        status: 'NEW',
        executedQuantity: text(zero),
        executedQuote: text(zero),
        lockedAmount: order.lockAmount,
        trades: [],
        updatedAt: order.acceptedAt,
        workingSince: isConditional(order.type) ? null : order.acceptedAt,
      });
      state.open.add(order.orderId);
      state.byClientOrderId.set(order.clientOrderId, order.orderId);
      return;
    }
    case 'filled': {
      const order = orderIn(state, event.orderId);
      state.balances = settled(state.balances, { ...order, release: dec(event.release), trade: event.trade });
      state.trades += 1;
      const filled = filledOrder(order, event.trade, event.release);
      state.orders.set(order.orderId, filled);
      if (filled.status === 'FILLED') closeOrder(state, filled);
      return;
    }
    case 'listed':
      state.lists.set(event.list.orderListId, event.list);
      return;
    case 'locked': {
      const order = orderIn(state, event.orderId);
      const amount = dec(event.amount);
      state.balances = locked(state.balances, order.lockAsset, amount);
      state.orders.set(order.orderId, { ...order, lockedAmount: text(dec(order.lockedAmount).plus(amount)) });
      return;
    }
    case 'triggered':
      state.orders.set(event.orderId, {
        ...orderIn(state, event.orderId),
        workingSince: event.time,
        updatedAt: event.time,
      });
      return;
    case 'ended':
      closeOrder(state, { ...orderIn(state, event.orderId), status: event.status, updatedAt: at });
      return;
    case 'clock':
      state.clock = event.now;
      return;
    case 'market':
      state.loadedMarkets.set(event.market.symbol, event.market);
  }
};

/** Changes `state` by one batch. @throws RangeError where the batch contradicts the state. */
export const applyBatch = (state: LedgerState, batch: LedgerBatch): void => {
  for (const event of batch.events) applyEvent(state, event, batch.at);
  state.recordedAt = batch.at;
};
