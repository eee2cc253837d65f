import { zero } from '../domain/decimal.ts';
import { DomainError } from '../domain/errors.ts';
import { balanceOf } from './accounts.ts';
import { acceptedOrder, admit } from './admission.ts';
import { badSymbol, duplicateOrder, insufficientBalance, unknownOrder } from './binance-errors.ts';
import { replaySource } from './candle-source.ts';
import type { Clock } from './clock.ts';
import { crossings } from './crossings.ts';
import { onArrival } from './execution.ts';
import { openFillBook } from './fill-book.ts';
import type { AcceptedList, LedgerEvent, LoadedMarket } from './ledger-events.ts';
import { isOpen, type SimulatedOrder } from './ledger-state.ts';
import type { Ledger } from './ledger.ts';
import { priceAt, type SimulatedMarket } from './market.ts';
import type { TradingRules } from './matching.ts';
import { checkPriceRelation, type OcoRequest, openSiblings } from './order-lists.ts';
import type { OrderRequest } from './order-request.ts';
import { isConditional } from './order-types.ts';

export interface Exchange {
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly rules: TradingRules;
  markets(): readonly SimulatedMarket[];
  /** @throws BinanceError -1121. */
  market(symbol: string | null): SimulatedMarket;
  /** Matches what has traded since the last call, on every market with open orders. */
  settle(): void;
  /** Moves the stepped clock and matches every candle passed. @throws DomainError `IllegalTransition`, `BadInput`. */
  moveClock(to: number): void;
  loadMarket(market: LoadedMarket): void;
  /** @throws BinanceError -1013 for filters, -2010 for a duplicate, a missing balance, a stop that is reached, a maker that would take. */
  place(market: SimulatedMarket, request: OrderRequest): SimulatedOrder;
  /** Places both legs, or none. @throws BinanceError as `place`, and -2010 for legs on the wrong side of the last price. */
  placeOco(market: SimulatedMarket, request: OcoRequest): AcceptedList;
  /** A leg takes its list with it. @throws BinanceError -2011 where the order is unknown or no longer open. */
  cancel(order: SimulatedOrder | undefined): SimulatedOrder;
  /** @throws BinanceError -2011 where no leg is open any more. */
  cancelList(list: AcceptedList): void;
  /** Every open order on the market, lists whole; what was cancelled. @throws BinanceError -2011 where there is none. */
  cancelAll(market: SimulatedMarket): readonly SimulatedOrder[];
  openOrders(): readonly SimulatedOrder[];
  /** The latest order under a client order id. */
  byClientOrderId(clientOrderId: string): SimulatedOrder | undefined;
}

const marketOf = (loaded: LoadedMarket): SimulatedMarket => ({
  symbol: loaded.symbol,
  base: loaded.base,
  quote: loaded.quote,
  filters: loaded.filters,
  source: replaySource(loaded.candles, loaded.interval),
});

/**
 * One exchange with one account. Every change goes through the ledger first, so that an exchange over the ledger of one
 * that died goes on where it stopped: its orders, balances, posted markets and stepped clock.
 */
export const createExchange = (
  clock: Clock,
  ledger: Ledger,
  startMarkets: readonly SimulatedMarket[],
  rules: TradingRules,
): Exchange => {
  const { state } = ledger;
  const markets = new Map(startMarkets.map((market) => [market.symbol, market]));
  for (const loaded of state.loadedMarkets.values()) markets.set(loaded.symbol, marketOf(loaded));
  if (clock.mode === 'stepped' && state.clock !== null) clock.set(state.clock);
  let settledTo = state.recordedAt ?? clock.now();

  const market = (symbol: string | null): SimulatedMarket => {
    const found = symbol === null ? undefined : markets.get(symbol);
    if (found === undefined) throw badSymbol();
    return found;
  };
  const orderOf = (orderId: number | undefined): SimulatedOrder | undefined =>
    orderId === undefined ? undefined : state.orders.get(orderId);
  const recorded = (orderId: number): SimulatedOrder => {
    const order = state.orders.get(orderId);
    if (order === undefined) throw new RangeError(`order ${orderId} is not in the ledger`);
    return order;
  };
  const openOrders = (): SimulatedOrder[] => [...state.open].flatMap((id) => state.orders.get(id) ?? []);

  const matchTo = (now: number, further: readonly LedgerEvent[]): void => {
    const traded = new Set(openOrders().map((order) => order.symbol));
    const events = now > settledTo ? crossings(state, [...traded].map(market), [settledTo, now], rules) : [];
    ledger.commit(now, [...events, ...further]);
    settledTo = Math.max(settledTo, now);
  };
  const settle = (): void => matchTo(clock.now(), []);

  const moveClock = (to: number): void => {
    const now = clock.now();
    if (clock.mode === 'wall') clock.set(to);
    if (to < now && state.orders.size > 0) {
      throw new DomainError(
        'IllegalTransition',
        `the clock is at ${now} and cannot go back to ${to}: there are orders`,
        {
          next: 'move the clock forward, or start with an empty ledger',
        },
      );
    }
    if (to < settledTo) settledTo = to;
    matchTo(to, [{ type: 'clock', now: to }]);
    clock.set(to);
  };

  const loadMarket = (loaded: LoadedMarket): void => {
    const ready = marketOf(loaded);
    settle();
    ledger.commit(clock.now(), [{ type: 'market', market: loaded }]);
    markets.set(loaded.symbol, ready);
  };

  const place = (onMarket: SimulatedMarket, request: OrderRequest): SimulatedOrder => {
    settle();
    const now = clock.now();
    const last = priceAt(onMarket, now);
    const lock = admit(request, onMarket, last, state, rules);
    if (balanceOf(state.balances, lock.asset).free.lt(lock.amount)) throw insufficientBalance();
    const order = acceptedOrder(request, onMarket, lock, { orderId: state.orders.size + 1, acceptedAt: now });
    const arrival = isConditional(order.type)
      ? []
      : onArrival(order, { last, time: now, book: openFillBook(state) }, onMarket, rules);
    ledger.commit(now, [{ type: 'accepted', order }, ...arrival]);
    return recorded(order.orderId);
  };

  const placeOco = (onMarket: SimulatedMarket, request: OcoRequest): AcceptedList => {
    settle();
    const { above, below, listClientOrderId } = request;
    const last = priceAt(onMarket, clock.now());
    checkPriceRelation(request, last);
    if (above.clientOrderId === below.clientOrderId) throw duplicateOrder();
    for (const list of state.lists.values()) {
      if (list.listClientOrderId === listClientOrderId && list.orderIds.some((id) => state.open.has(id))) {
        throw duplicateOrder();
      }
    }
    const locks = [admit(above, onMarket, last, state, rules), admit(below, onMarket, last, state, rules)] as const;
    const holder = locks[0].amount.gte(locks[1].amount) ? 0 : 1;
    if (balanceOf(state.balances, locks[holder].asset).free.lt(locks[holder].amount)) throw insufficientBalance();
    const first = state.orders.size + 1;
    const list: AcceptedList = {
      orderListId: state.lists.size + 1,
      listClientOrderId,
      symbol: onMarket.symbol,
      orderIds: [first, first + 1],
      acceptedAt: clock.now(),
    };
    const legs = [above, below].map((leg, index): LedgerEvent => {
      const lock = { asset: locks[holder].asset, amount: index === holder ? locks[holder].amount : zero };
      const order = acceptedOrder(leg, onMarket, lock, { orderId: first + index, acceptedAt: clock.now() });
      return { type: 'accepted', order: { ...order, orderListId: list.orderListId } };
    });
    ledger.commit(clock.now(), [{ type: 'listed', list }, ...legs]);
    return list;
  };

  const cancelOrders = (orders: readonly SimulatedOrder[]): void => {
    if (orders.length === 0) throw unknownOrder();
    ledger.commit(
      clock.now(),
      orders.map(({ orderId }) => ({ type: 'ended', orderId, status: 'CANCELED' })),
    );
  };

  const cancel = (order: SimulatedOrder | undefined): SimulatedOrder => {
    settle();
    const current = orderOf(order?.orderId);
    if (current === undefined || !isOpen(current)) throw unknownOrder();
    cancelOrders([current, ...openSiblings(state, current)]);
    return recorded(current.orderId);
  };

  const cancelList = ({ orderIds }: AcceptedList): void => {
    settle();
    cancelOrders(orderIds.map(recorded).filter(isOpen));
  };

  const cancelAll = ({ symbol }: SimulatedMarket): SimulatedOrder[] => {
    settle();
    const open = openOrders().filter((order) => order.symbol === symbol);
    cancelOrders(open);
    return open.map(({ orderId }) => recorded(orderId));
  };

  return {
    clock,
    ledger,
    rules,
    markets: () => [...markets.values()],
    market,
    settle,
    moveClock,
    loadMarket,
    place,
    placeOco,
    cancel,
    cancelList,
    cancelAll,
    openOrders,
    byClientOrderId: (clientOrderId) => orderOf(state.byClientOrderId.get(clientOrderId)),
  };
};
