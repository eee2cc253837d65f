import { type Decimal, dec, divide, one, rounding, text, zero } from '../decimal.ts';
import type { Candle } from '../market/candle.ts';
import { quantityOfStake } from '../orders/sizing.ts';
import { limitFill, marketFillPrice, stopFill } from './fill-model.ts';
import type { CandlePrices } from './fill-model.ts';
import { commissionOf, onStep, paperFills, paperPrice, pricesOf, withinVolume } from './paper-bar.ts';
import type { PaperTrade } from './paper-bar.ts';
import type { PaperCosts, PaperOrder, PaperOutcome } from './paper-order.ts';

/** Price and fee rate at which a candle fills an order. */
interface Execution {
  readonly price: Decimal;
  readonly rate: string;
}

/** What a candle does to an order. */
interface Meeting {
  /** Null where it does not fill. */
  readonly execution: Execution | null;
  /** Whether the order works from here on: it was reached, or needs no trigger. */
  readonly works: boolean;
}

const nothing: Meeting = { execution: null, works: false };

/** What a stake comes to at a price, the fee as it is charged included. */
const staked = ({ stepSize, maxQuantity = '0' }: PaperOrder, stake: Decimal, { price, rate }: Execution): Decimal => {
  const step = dec(stepSize);
  const quantity = quantityOfStake({ stake, price, feeRate: dec(rate), stepSize: step, maxQuantity: dec(maxQuantity) });
  const cost = quantity.times(price).plus(commissionOf({ price, quantity, rate }));
  return cost.gt(stake) ? quantity.minus(step) : quantity;
};

/** A gap beyond what was reserved fills what the reservation pays for, and the rest expires, as a market order does. */
const affordable = (order: PaperOrder, { price, rate }: Execution): Decimal => {
  const wanted = dec(order.quantity);
  if (order.stake !== null && order.stake !== undefined) return staked(order, dec(order.stake), { price, rate });
  if (order.side === 'SELL' || order.budget === null) return wanted;
  const most = divide(dec(order.budget), price.times(one.plus(rate)), 18, rounding.down);
  return most.gte(wanted) ? wanted : onStep(most, order.stepSize);
};

const isWorthwhile = (quantity: Decimal, price: Decimal, { minimum }: PaperOrder): boolean =>
  quantity.gt(zero) &&
  (minimum === undefined || (quantity.gte(minimum.quantity) && quantity.times(price).gte(minimum.notional)));

const isBetween = (price: number, limit: number, side: PaperOrder['side']): boolean =>
  side === 'BUY' ? price <= limit : price >= limit;

/** How an order meets its candles, by its type alone. */
const meetingsOf = (order: PaperOrder, { maker, taker, slippageBps }: PaperCosts) => {
  const { side, type, timeInForce } = order;
  const limit = order.price === null ? null : Number(order.price);
  const trigger = order.stopPrice === null || order.stopPrice === undefined ? null : Number(order.stopPrice);
  if (type === 'STOP_LOSS' && trigger === null) throw new TypeError(`stop ${order.clientOrderId} has no stop price`);
  const isImmediate = timeInForce === 'IOC' || timeInForce === 'FOK';

  const atMarket = (from: number): Execution => ({
    price: paperPrice(marketFillPrice(from, side, slippageBps)),
    rate: taker,
  });
  /** As a taker that the limit keeps from slipping further. */
  const upToLimit = (from: number, most: number): Execution | null => {
    if (!isBetween(from, most, side)) return null;
    const slipped = marketFillPrice(from, side, slippageBps);
    return { price: paperPrice(isBetween(slipped, most, side) ? slipped : most), rate: taker };
  };
  const inTheBook = (bar: CandlePrices, at: number): Execution | null => {
    const found = limitFill({ side, limit: at }, bar);
    return found === null ? null : { price: paperPrice(found), rate: maker };
  };
  const reached = (bar: CandlePrices, at: number): number | null =>
    type === 'STOP_LOSS' ? stopFill({ side, stop: at }, bar) : limitFill({ side, limit: at }, bar);

  return {
    isImmediate,
    hasLimit: limit !== null,
    /** @param works Whether it worked before this candle. */
    meet: (bar: CandlePrices, works: boolean): Meeting => {
      if (trigger !== null && !works) {
        const from = reached(bar, trigger);
        if (from === null) return nothing;
        return { execution: limit === null ? atMarket(from) : upToLimit(from, limit), works: true };
      }
      if (limit === null) return { execution: atMarket(bar.open), works: true };
      return { execution: isImmediate ? upToLimit(bar.open, limit) : inTheBook(bar, limit), works: true };
    },
  };
};

/** An order's way through its candles. */
export interface PaperWalk {
  pass(candle: Candle): void;
  end(status: 'cancelled' | 'expired'): void;
  isOver(): boolean;
  /** Whether it was triggered, or has filled in part: of a pair, what ends the other order. */
  hasStarted(): boolean;
  outcome(): PaperOutcome;
}

export const createPaperWalk = (order: PaperOrder, costs: PaperCosts): PaperWalk => {
  const { isImmediate, hasLimit, meet } = meetingsOf(order, costs);
  const waitsForTrigger = order.stopPrice !== null && order.stopPrice !== undefined;
  const goesOn = order.reduceOnly === true || (order.staysInBook === true && hasLimit);
  const trades: PaperTrade[] = [];
  let left = dec(order.quantity);
  let cameTo: Decimal | null = null;
  let works = !waitsForTrigger;
  let bars = 0;
  let ended: PaperOutcome['status'] | null = null;

  const take = (quantity: Decimal, execution: Execution, candle: Candle): void => {
    if (quantity.gt(zero)) trades.push({ ...execution, quantity, at: candle.time });
    left = left.minus(quantity);
    if (left.eq(zero)) ended = 'filled';
  };

  const fill = (execution: Execution, candle: Candle): void => {
    const wanted = goesOn ? left : affordable(order, execution);
    if (order.stake !== null && order.stake !== undefined) cameTo = left = wanted;
    const quantity = withinVolume(wanted, candle, costs.volumeShare, order.stepSize);
    const isEnough = order.timeInForce !== 'FOK' || quantity.eq(left);
    const isTaken = isEnough && (goesOn || isWorthwhile(quantity, execution.price, order));
    if (isTaken) take(quantity, execution, candle);
    if (!goesOn) ended ??= 'expired';
  };

  return {
    pass: (candle) => {
      bars += 1;
      const meeting = meet(pricesOf(candle), works);
      works = meeting.works;
      if (meeting.execution !== null) fill(meeting.execution, candle);
      if (isImmediate && works) ended ??= 'expired';
      const sellsOut = waitsForTrigger && works && !hasLimit;
      if (bars === order.expireBars && !sellsOut) ended ??= 'expired';
    },
    end: (status) => {
      ended ??= status;
    },
    isOver: () => ended !== null,
    hasStarted: () => trades.length > 0 || (waitsForTrigger && works),
    outcome: () => ({
      ...(cameTo !== null && trades.length > 0 ? { quantity: text(cameTo) } : {}),
      status: ended ?? (trades.length === 0 ? 'open' : 'partially_filled'),
      fills: paperFills(order.clientOrderId, trades, costs),
    }),
  };
};
