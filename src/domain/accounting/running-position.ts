import { type Decimal, type Money, type Quantity, divide, zero } from '../decimal.ts';
import type { CashFlow } from './cash-flow.ts';
import { isUnsellable } from './dust.ts';
import { borrowAccrual, charged } from './short.ts';
import type { PositionTrade } from './trade.ts';

/** Digits kept where a cost basis is split; far below the smallest unit of any asset. */
const costScale = 18;

/** What a fold says of one trade. */
export interface TradeFigures {
  /** P&L in quote, net of fees in base and quote and of `borrowCost`; null where the trade opens or adds. */
  readonly realized: Money | null;
  /** Quote charged for what the short that it closes has borrowed. */
  readonly borrowCost: Money;
  /** Base that was too little to trade when this trade ended its order, and was written off. */
  readonly dust: Quantity;
  /** Nothing is held after it. */
  readonly isFlat: boolean;
}

/** Signed quantity and signed cash put into what is open: LONG is positive quantity and positive cost. */
export interface Running {
  readonly quantity: Decimal;
  readonly cost: Decimal;
  readonly entryQuantity: Quantity;
  readonly entryNotional: Money;
  readonly realized: Money;
  readonly openedAt: number;
  /** Cost of borrowing that is not charged yet, and the time up to which it is reckoned. */
  readonly accrued: Money;
  readonly accruedTo: number;
  readonly borrowPct: Decimal;
  /** Signed base written off when the position before was closed, still on the account. */
  readonly leftover: Decimal;
}

export const flat: Running = {
  quantity: zero,
  cost: zero,
  entryQuantity: zero,
  entryNotional: zero,
  realized: zero,
  openedAt: 0,
  accrued: zero,
  accruedTo: 0,
  borrowPct: zero,
  leftover: zero,
};

/** Adds the cost of borrowing up to `at`, epoch ms. */
export const accrue = (held: Running, at: number, borrows: boolean): Running =>
  borrows && held.quantity.lt(zero)
    ? {
        ...held,
        accrued: held.accrued.plus(borrowAccrual(held.cost.abs(), held.borrowPct, at - held.accruedTo)),
        accruedTo: at,
      }
    : held;

/** A reduce-only order that trades when nothing is held sells what was written off before: it opens nothing. */
export const reclaim = (held: Running, { order, executedAt }: PositionTrade, base: Decimal): Running =>
  held.quantity.eq(zero) && order.reduceOnly && held.leftover.times(base).lt(zero)
    ? { ...flat, quantity: held.leftover, openedAt: executedAt }
    : held;

/** A trade that opens, or adds to what is open. */
export const add = (held: Running, trade: PositionTrade, flow: CashFlow): Running => {
  const { executedAt, quantity, price, order } = trade;
  const before = held.quantity.eq(zero)
    ? { ...flat, openedAt: executedAt, accruedTo: executedAt, borrowPct: order.borrowPct }
    : held;
  return {
    ...before,
    quantity: before.quantity.plus(flow.base),
    cost: before.cost.minus(flow.quote),
    entryQuantity: before.entryQuantity.plus(quantity),
    entryNotional: before.entryNotional.plus(quantity.times(price)),
  };
};

/** What is left of a position after a trade against it. One that crosses zero opens the other side with its remaining share. */
export const close = (
  held: Running,
  trade: PositionTrade,
  flow: CashFlow,
  { borrows, endsOrder }: { borrows: boolean; endsOrder: boolean },
): { running: Running; figures: TradeFigures; boughtIn: Quantity } => {
  const { executedAt, price, order } = trade;
  const after = held.quantity.plus(flow.base);
  const flips = held.quantity.times(after).lt(zero);
  const shareOf = (amount: Decimal, part: Decimal, whole: Decimal): Decimal =>
    divide(amount.times(part.abs()), whole.abs(), costScale);
  const closedCash = flips ? shareOf(flow.quote, held.quantity, flow.base) : flow.quote;
  const dust = !flips && endsOrder && isUnsellable(after.abs(), price, order) ? after.abs() : zero;
  const closesAll = flips || after.eq(zero) || dust.gt(zero);
  const closedCost = closesAll ? held.cost : shareOf(held.cost, flow.base, held.quantity);
  const borrowCost = charged(closesAll ? held.accrued : shareOf(held.accrued, flow.base, held.quantity));
  const boughtIn = borrows && held.quantity.lt(zero) ? dust : zero;
  const realized = closedCash.minus(closedCost).minus(borrowCost).minus(boughtIn.times(price));
  const figures = { realized, borrowCost, dust, isFlat: closesAll && !flips };
  if (flips) {
    const opened = { ...flat, openedAt: executedAt, accruedTo: executedAt, borrowPct: order.borrowPct };
    const entry = { entryQuantity: after.abs(), entryNotional: after.abs().times(price) };
    return { running: { ...opened, ...entry, quantity: after, cost: closedCash.minus(flow.quote) }, figures, boughtIn };
  }
  if (closesAll) return { running: { ...flat, leftover: boughtIn.gt(zero) ? zero : after }, figures, boughtIn };
  return {
    running: {
      ...held,
      quantity: after,
      cost: held.cost.minus(closedCost),
      realized: held.realized.plus(realized),
      accrued: held.accrued.minus(borrowCost),
    },
    figures,
    boughtIn,
  };
};
