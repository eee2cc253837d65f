import { type Decimal, type Money, type Price, type Quantity, divide, zero } from '../decimal.ts';
import type { PositionSide } from '../orders/order.ts';
import { type Assets, type CashFlow, cashFlowsOf } from './cash-flow.ts';
import { type Running, type TradeFigures, accrue, add, close, flat, reclaim } from './running-position.ts';
import { collateralOf } from './short.ts';
import { type PositionTrade, inExecutionOrder } from './trade.ts';

const priceScale = 8;

export interface OpenPosition {
  readonly side: PositionSide;
  readonly quantity: Quantity;
  /** Quote spent on (LONG) or received for (SHORT) what is open, fees in quote included. */
  readonly costBasis: Money;
  /** costBasis per unit held. */
  readonly entryPrice: Price;
  /** Volume-weighted price of the fills that opened it and added to it, fees apart. */
  readonly entryFillPrice: Price;
  /** Quote locked for what a SHORT borrows on paper; zero for LONG. */
  readonly collateral: Money;
  /** Of this position, since it was opened. */
  readonly realizedPnl: Money;
  /** Venue time of the trade that opened it, epoch ms. */
  readonly openedAt: number;
}

export interface PositionFold {
  readonly position: OpenPosition | null;
  readonly figures: ReadonlyMap<string, TradeFigures>;
  /** Over all folded trades, in quote. */
  readonly realizedPnl: Money;
  /** Signed base that was too little to trade: what remains of a LONG is positive, what is still owed of a SHORT negative. */
  readonly dustWrittenOff: Decimal;
  /** Realized by the position that the last closing trade ended; null where none ended. */
  readonly lastClosedPnl: Money | null;
  /**
   * What the trades moved on the account, fees in a third asset apart. A short on paper borrows what it sells: no base moves
   * for it, the cost of borrowing and a remainder too small to buy back are paid in quote.
   */
  readonly moved: CashFlow;
}

export interface PositionContext extends Assets {
  /** Whether what is sold short is borrowed (paper) or leaves the account (live, where the trades that brought it are late). */
  readonly borrows: boolean;
}

const opened = (running: Running, { borrows }: PositionContext): OpenPosition | null => {
  const { quantity, cost, entryQuantity, entryNotional, realized, openedAt } = running;
  if (quantity.eq(zero)) return null;
  const entryPrice = divide(cost.abs(), quantity.abs(), priceScale);
  return {
    side: quantity.gt(zero) ? 'LONG' : 'SHORT',
    quantity: quantity.abs(),
    costBasis: cost.abs(),
    entryPrice,
    entryFillPrice: entryQuantity.gt(zero) ? divide(entryNotional, entryQuantity, priceScale) : entryPrice,
    collateral: borrows && quantity.lt(zero) ? collateralOf(cost.abs()) : zero,
    realizedPnl: realized,
    openedAt,
  };
};

/**
 * Average-cost accounting as a fold over the trades of one (strategy, symbol, environment) in execution order, so a
 * late trade recomputes and any order of reports gives the same position. A trade that crosses zero closes one side
 * and opens the other with its remaining share. A remainder that cannot be traded closes as dust with the last trade of the
 * order that left it, once that order is over: the base stays on the account, its cost is realized.
 * @param leftover Where the trades begin after a flat one: signed base that one wrote off.
 */
export const foldPosition = (
  trades: readonly PositionTrade[],
  context: PositionContext,
  leftover: Decimal = zero,
): PositionFold => {
  const ordered = inExecutionOrder(trades);
  const lastOf = new Map(ordered.map(({ order }, index) => [order.orderId, index]));
  const figures = new Map<string, TradeFigures>();
  let running: Running = { ...flat, leftover };
  let realizedPnl = zero;
  let dustWrittenOff = zero;
  let lastClosedPnl: Money | null = null;
  let base = zero;
  let quote = zero;

  for (const [index, trade] of ordered.entries()) {
    const flow = cashFlowsOf(trade, context);
    base = base.plus(flow.base);
    quote = quote.plus(flow.quote);
    const held = reclaim(accrue(running, trade.executedAt, context.borrows), trade, flow.base);
    if (held.quantity.eq(running.leftover)) dustWrittenOff = dustWrittenOff.minus(running.leftover);
    if (held.quantity.times(flow.base).gte(zero)) {
      running = add(held, trade, flow);
      figures.set(trade.tradeId, { realized: null, borrowCost: zero, dust: zero, isFlat: running.quantity.eq(zero) });
      continue;
    }
    const endsOrder = trade.order.isEnded && lastOf.get(trade.order.orderId) === index;
    const closed = close(held, trade, flow, { borrows: context.borrows, endsOrder });
    const { realized, borrowCost, dust } = closed.figures;
    running = closed.running;
    figures.set(trade.tradeId, closed.figures);
    realizedPnl = realizedPnl.plus(realized ?? zero);
    dustWrittenOff = dustWrittenOff.plus(held.quantity.gt(zero) ? dust : dust.neg());
    if (!running.quantity.times(held.quantity).gt(zero)) lastClosedPnl = held.realized.plus(realized ?? zero);
    base = base.plus(closed.boughtIn);
    quote = quote.minus(borrowCost).minus(closed.boughtIn.times(trade.price));
  }

  const position = opened(running, context);
  const borrowed = context.borrows && position?.side === 'SHORT' ? position.quantity : zero;
  return {
    position,
    figures,
    realizedPnl,
    dustWrittenOff,
    lastClosedPnl,
    moved: { base: base.plus(borrowed), quote },
  };
};

/** Signed base that a flat trade has written off and left on the account. */
export const leftoverOf = (
  trade: Pick<PositionTrade, 'side'> & { readonly dust: Quantity },
  { borrows }: PositionContext,
): Decimal => (trade.side === 'SELL' ? trade.dust : borrows ? zero : trade.dust.neg());

/** Unrealized P&L in quote and per cent of the cost basis at a mark price; the cost of borrowing is not in it. */
export const unrealizedPnl = (position: OpenPosition, mark: Price): { pnl: Money; pct: Decimal } => {
  const value = position.quantity.times(mark);
  const pnl = position.side === 'LONG' ? value.minus(position.costBasis) : position.costBasis.minus(value);
  return { pnl, pct: position.costBasis.eq(zero) ? zero : divide(pnl.times('100'), position.costBasis, 4) };
};
