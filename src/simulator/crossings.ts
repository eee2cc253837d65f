import { type Decimal, dec } from '../domain/decimal.ts';
import { balanceOf } from './accounts.ts';
import { firstReach, sliceOf } from './candle-path.ts';
import { fillEvent, neededBy, onArrival } from './execution.ts';
import { openFillBook } from './fill-book.ts';
import type { LedgerEvent } from './ledger-events.ts';
import { applyEvent, forkOpenOrders, type LedgerState, remainingOf, type SimulatedOrder } from './ledger-state.ts';
import { type CandleSpan, type SimulatedMarket, spansBetween } from './market.ts';
import { lockPerUnit, marketPrice, restingFills, type TradingRules } from './matching.ts';
import { activation } from './order-lists.ts';
import { hasLimitPrice, triggerDirection } from './order-types.ts';

interface Trigger {
  readonly order: SimulatedOrder;
  /** Ms since the candle's open. */
  readonly elapsed: number;
  /** What the market trades at: the stop price, or the first price beyond it after a gap. */
  readonly price: Decimal;
}

const openOn = (state: LedgerState, { symbol }: SimulatedMarket): SimulatedOrder[] =>
  [...state.open].flatMap((id) => state.orders.get(id) ?? []).filter((order) => order.symbol === symbol);

/** The first order that the market triggers from `from` to the end of the span, both in ms since the candle's open. */
const nextTrigger = (orders: readonly SimulatedOrder[], span: CandleSpan, from: number): Trigger | null => {
  const triggers = orders
    .filter((order) => order.workingSince === null)
    .flatMap((order) => {
      const stop = { price: dec(order.stopPrice ?? '0'), direction: triggerDirection(order.type, order.side) };
      const reached = firstReach(span.candle, { ...span, from }, stop);
      return reached === null ? [] : [{ order, ...reached }];
    });
  return triggers.sort((a, b) => a.elapsed - b.elapsed || a.order.orderId - b.order.orderId)[0] ?? null;
};

/** Maker fills of the orders that rest while the market goes from `from` to `to`, ms since the candle's open. */
const crossed = (
  state: LedgerState,
  market: SimulatedMarket,
  span: CandleSpan,
  [from, to]: readonly [number, number],
  rules: TradingRules,
): LedgerEvent[] => {
  const resting = openOn(state, market).filter((order) => order.workingSince !== null && hasLimitPrice(order.type));
  if (resting.length === 0) return [];
  const byId = new Map(resting.map((order) => [order.orderId, order]));
  const candidates = resting.map((order) => ({
    orderId: order.orderId,
    side: order.side,
    price: dec(order.price),
    remaining: remainingOf(order),
  }));
  const slice = sliceOf(span.candle, from, to, span.duration, span.tick);
  const time = span.candle.time + to - 1;
  const book = openFillBook(state);
  return restingFills(candidates, slice, rules, dec(market.filters.stepSize)).flatMap(({ orderId, quantity }) => {
    const order = byId.get(orderId);
    if (order === undefined) return [];
    const execution = { price: dec(order.price), quantity, maker: true, time };
    return [
      ...activation(state, order, neededBy(order, market, rules)),
      fillEvent(order, execution, book, market, rules),
    ];
  });
};

/** Whether the account can pay for a triggered buy: after a gap it costs more than was locked for it. */
const isPayable = (state: LedgerState, trigger: Trigger, market: SimulatedMarket, rules: TradingRules) => {
  const { price } = trigger;
  const order = state.orders.get(trigger.order.orderId) ?? trigger.order;
  if (hasLimitPrice(order.type) || order.side === 'SELL') return true;
  const paid = marketPrice(price, order.side, rules, dec(market.filters.tickSize));
  const cost = lockPerUnit(order.side, paid, rules).times(dec(order.quantity));
  return cost.lte(balanceOf(state.balances, order.lockAsset).free.plus(dec(order.lockedAmount)));
};

/** A triggered order starts to work, and trades at once where it can; it expires where it can't be paid for. */
const triggered = (
  state: LedgerState,
  trigger: Trigger,
  market: SimulatedMarket,
  span: CandleSpan,
  rules: TradingRules,
): LedgerEvent[] => {
  const { orderId } = trigger.order;
  const time = span.candle.time + trigger.elapsed;
  if (!isPayable(state, trigger, market, rules)) return [{ type: 'ended', orderId, status: 'EXPIRED' }];
  const moment = { last: trigger.price, time, book: openFillBook(state) };
  return [{ type: 'triggered', orderId, time }, ...onArrival(trigger.order, moment, market, rules)];
};

const matchSpan = (
  state: LedgerState,
  market: SimulatedMarket,
  span: CandleSpan,
  rules: TradingRules,
  add: (events: readonly LedgerEvent[], time: number) => void,
): void => {
  let { from } = span;
  for (;;) {
    const next = nextTrigger(openOn(state, market), span, from);
    const to = next?.elapsed ?? span.to;
    if (to > from) add(crossed(state, market, span, [from, to], rules), span.candle.time + to - 1);
    if (next === null) return;
    if (state.open.has(next.order.orderId)) {
      const time = span.candle.time + to;
      add(activation(state, next.order, neededBy(next.order, market, rules)), time);
      add(triggered(state, next, market, span, rules), time);
    }
    from = to;
  }
};

/**
 * What the open orders do while the markets go from one moment to another (epoch ms): a span of a candle is cut where its
 * path reaches a stop price, so that what rests before a trigger and what works after it meet their own part of it.
 * `state` is left as it is.
 */
export const crossings = (
  state: LedgerState,
  markets: readonly SimulatedMarket[],
  [from, to]: readonly [number, number],
  rules: TradingRules,
): LedgerEvent[] => {
  const ahead = forkOpenOrders(state);
  const events: LedgerEvent[] = [];
  const add = (added: readonly LedgerEvent[], time: number): void => {
    for (const event of added) applyEvent(ahead, event, time);
    events.push(...added);
  };
  for (const market of markets) {
    for (const span of spansBetween(market, from, to)) {
      if (openOn(ahead, market).length === 0) break;
      matchSpan(ahead, market, span, rules, add);
    }
  }
  return events;
};
