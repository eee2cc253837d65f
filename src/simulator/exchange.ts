import { type Decimal, dec, text, zero } from '../domain/decimal.ts';
import { DomainError } from '../domain/errors.ts';
import { balanceOf } from './accounts.ts';
import { badSymbol, duplicateOrder, insufficientBalance, unknownOrder } from './binance-errors.ts';
import { replaySource } from './candle-source.ts';
import type { Clock } from './clock.ts';
import { checkFilters } from './filters.ts';
import type { AcceptedOrder, LedgerEvent, LoadedMarket } from './ledger-events.ts';
import { isOpen, remainingOf, type SimulatedOrder } from './ledger-state.ts';
import type { Ledger } from './ledger.ts';
import { priceAt, type SimulatedMarket, slicesBetween } from './market.ts';
import {
  commissionOf,
  isMarketable,
  lockPerUnit,
  marketPrice,
  restingFills,
  takerFills,
  touchPrice,
  type TradingRules,
} from './matching.ts';
import type { OrderRequest } from './order-request.ts';

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
  /** @throws BinanceError -1013 for filters, -2010 for a duplicate or a missing balance. */
  place(market: SimulatedMarket, request: OrderRequest): SimulatedOrder;
  /** @throws BinanceError -2011 where the order is unknown or no longer open. */
  cancel(order: SimulatedOrder | undefined): SimulatedOrder;
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

  const fillEvent = (
    order: AcceptedOrder,
    fill: { price: Decimal; quantity: Decimal; maker: boolean; time: number },
    tradeId: number,
  ): LedgerEvent => {
    const commission = commissionOf({ ...fill, side: order.side }, order, rules);
    const limit = order.type === 'LIMIT' ? dec(order.price) : fill.price;
    return {
      type: 'filled',
      orderId: order.orderId,
      trade: {
        tradeId,
        price: text(fill.price),
        quantity: text(fill.quantity),
        commission: text(commission.amount),
        commissionAsset: commission.asset,
        maker: fill.maker,
        time: fill.time,
      },
      release: text(lockPerUnit(order.side, limit, rules).times(fill.quantity)),
    };
  };

  /** Fills of the resting orders of one market between two moments. */
  const crossings = (symbol: string, from: number, to: number, firstTradeId: number): LedgerEvent[] => {
    const found = market(symbol);
    const resting = new Map(openOrders().flatMap((order) => (order.symbol === symbol ? [[order.orderId, order]] : [])));
    const remaining = new Map([...resting.values()].map((order) => [order.orderId, remainingOf(order)]));
    const events: LedgerEvent[] = [];
    for (const slice of slicesBetween(found, from, to)) {
      if (remaining.size === 0) break;
      const candidates = [...remaining].flatMap(([orderId, left]) => {
        const order = resting.get(orderId);
        return order === undefined ? [] : [{ orderId, side: order.side, price: dec(order.price), remaining: left }];
      });
      for (const { orderId, quantity } of restingFills(candidates, slice, rules, dec(found.filters.stepSize))) {
        const order = resting.get(orderId);
        if (order === undefined) continue;
        const fill = { price: dec(order.price), quantity, maker: true, time: slice.until - 1 };
        events.push(fillEvent(order, fill, firstTradeId + events.length));
        const left = (remaining.get(orderId) ?? zero).minus(quantity);
        if (left.gt(zero)) remaining.set(orderId, left);
        else remaining.delete(orderId);
      }
    }
    return events;
  };

  const matchTo = (now: number, further: readonly LedgerEvent[]): void => {
    const events: LedgerEvent[] = [];
    if (now > settledTo) {
      for (const symbol of new Set(openOrders().map((order) => order.symbol))) {
        events.push(...crossings(symbol, settledTo, now, state.trades + events.length + 1));
      }
    }
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

  /** What the order does on arrival: its taker fills, and how it ends where it may not rest. */
  const onArrival = (order: AcceptedOrder, last: Decimal, tick: Decimal): LedgerEvent[] => {
    const quantity = dec(order.quantity);
    const touch = touchPrice(last, order.side, rules, tick);
    if (order.type === 'LIMIT' && !isMarketable(order.side, dec(order.price), touch)) {
      return order.timeInForce === 'GTC' ? [] : [{ type: 'ended', orderId: order.orderId, status: 'EXPIRED' }];
    }
    const price = order.type === 'MARKET' ? marketPrice(last, order.side, rules, tick) : touch;
    return takerFills(quantity, rules).map((part, index) =>
      fillEvent(order, { price, quantity: part, maker: false, time: order.acceptedAt }, state.trades + 1 + index),
    );
  };

  const place = (onMarket: SimulatedMarket, request: OrderRequest): SimulatedOrder => {
    settle();
    const now = clock.now();
    const last = priceAt(onMarket, now);
    const tick = dec(onMarket.filters.tickSize);
    const { side, type, quantity } = request;
    checkFilters(onMarket.filters, { type, quantity, price: type === 'MARKET' ? last : request.price });
    const earlier = orderOf(state.byClientOrderId.get(request.clientOrderId));
    if (earlier !== undefined && isOpen(earlier)) throw duplicateOrder();
    const lockPrice = type === 'MARKET' ? marketPrice(last, side, rules, tick) : request.price;
    const lockAsset = side === 'BUY' ? onMarket.quote : onMarket.base;
    const lockAmount = quantity.times(lockPerUnit(side, lockPrice, rules));
    if (balanceOf(state.balances, lockAsset).free.lt(lockAmount)) throw insufficientBalance();
    const order: AcceptedOrder = {
      orderId: state.orders.size + 1,
      clientOrderId: request.clientOrderId,
      symbol: onMarket.symbol,
      base: onMarket.base,
      quote: onMarket.quote,
      side,
      type,
      timeInForce: request.timeInForce,
      price: text(request.price),
      quantity: text(quantity),
      lockAsset,
      lockAmount: text(lockAmount),
      acceptedAt: now,
    };
    ledger.commit(now, [{ type: 'accepted', order }, ...onArrival(order, last, tick)]);
    return recorded(order.orderId);
  };

  const cancel = (order: SimulatedOrder | undefined): SimulatedOrder => {
    settle();
    const current = orderOf(order?.orderId);
    if (current === undefined || !isOpen(current)) throw unknownOrder();
    ledger.commit(clock.now(), [{ type: 'ended', orderId: current.orderId, status: 'CANCELED' }]);
    return recorded(current.orderId);
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
    cancel,
    openOrders,
    byClientOrderId: (clientOrderId) => orderOf(state.byClientOrderId.get(clientOrderId)),
  };
};
