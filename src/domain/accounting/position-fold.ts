import { type Decimal, type Money, type Price, type Quantity, divide, one, zero } from '../decimal.ts';
import type { PositionSide } from '../orders/order.ts';
import { type Trade, inExecutionOrder } from './trade.ts';

/** Digits kept where a cost basis is split; far below the smallest unit of any asset. */
const costScale = 18;
const priceScale = 8;

export interface OpenPosition {
  readonly side: PositionSide;
  readonly quantity: Quantity;
  /** Quote spent on (LONG) or received for (SHORT) what is open, fees in quote included. */
  readonly costBasis: Money;
  /** costBasis per unit held. */
  readonly entryPrice: Price;
  /** Venue time of the trade that opened it, epoch ms. */
  readonly openedAt: number;
}

export interface PositionFold {
  readonly position: OpenPosition | null;
  /** Realized P&L in quote by trade id, net of fees in base and quote; only closing trades have one. */
  readonly realizedByTrade: ReadonlyMap<string, Money>;
  readonly realizedPnl: Money;
  /** Base that was too little to sell when a position closed, and was written off. */
  readonly dustWrittenOff: Quantity;
}

export interface PositionContext {
  readonly base: string;
  readonly quote: string;
  /** The market's step size: a remainder below it cannot be sold and closes as dust. */
  readonly stepSize: Quantity;
}

/** A trade's effect on the account: base and quote, signed, fees in those assets included. */
export const cashFlowsOf = (
  trade: Trade,
  context: Pick<PositionContext, 'base' | 'quote'>,
): { base: Decimal; quote: Decimal } => {
  const sign = trade.side === 'BUY' ? one : one.neg();
  const baseFee = trade.commissionAsset === context.base ? trade.commission : zero;
  const quoteFee = trade.commissionAsset === context.quote ? trade.commission : zero;
  return {
    base: trade.quantity.times(sign).minus(baseFee),
    quote: trade.quantity.times(trade.price).times(sign).neg().minus(quoteFee),
  };
};

/** Signed quantity and signed cash put into what is open: LONG is positive quantity and positive cost. */
interface Running {
  quantity: Decimal;
  cost: Decimal;
  openedAt: number;
}

/**
 * Average-cost accounting as a fold over the trades of one (strategy, symbol, environment) in execution order, so a
 * late trade recomputes and any order of reports gives the same position. A trade that crosses zero closes one side
 * and opens the other with its remaining share.
 */
export const foldPosition = (trades: readonly Trade[], context: PositionContext): PositionFold => {
  const realizedByTrade = new Map<string, Money>();
  let realizedPnl = zero;
  let dustWrittenOff = zero;
  let running: Running = { quantity: zero, cost: zero, openedAt: 0 };

  for (const trade of inExecutionOrder(trades)) {
    const flow = cashFlowsOf(trade, context);
    const opens = running.quantity.eq(zero) || running.quantity.gt(zero) === flow.base.gt(zero);
    if (opens) {
      running = {
        quantity: running.quantity.plus(flow.base),
        cost: running.cost.minus(flow.quote),
        openedAt: running.quantity.eq(zero) ? trade.executedAt : running.openedAt,
      };
      continue;
    }
    const after = running.quantity.plus(flow.base);
    const flips = !after.eq(zero) && after.gt(zero) !== running.quantity.gt(zero);
    const closedCash = flips
      ? divide(flow.quote.times(running.quantity.abs()), flow.base.abs(), costScale)
      : flow.quote;
    const isDust = !flips && after.abs().lt(context.stepSize);
    const closesAll = flips || after.eq(zero) || isDust;
    const closedCost = closesAll
      ? running.cost
      : divide(running.cost.times(flow.base.abs()), running.quantity.abs(), costScale);
    const realized = closedCash.minus(closedCost);
    realizedByTrade.set(trade.tradeId, realized);
    realizedPnl = realizedPnl.plus(realized);
    if (isDust) dustWrittenOff = dustWrittenOff.plus(after.abs());
    if (flips) running = { quantity: after, cost: closedCash.minus(flow.quote), openedAt: trade.executedAt };
    else if (closesAll) running = { quantity: zero, cost: zero, openedAt: 0 };
    else running = { ...running, quantity: after, cost: running.cost.minus(closedCost) };
  }

  const { quantity, cost } = running;
  return {
    position: quantity.eq(zero)
      ? null
      : {
          side: quantity.gt(zero) ? 'LONG' : 'SHORT',
          quantity: quantity.abs(),
          costBasis: cost.abs(),
          entryPrice: divide(cost.abs(), quantity.abs(), priceScale),
          openedAt: running.openedAt,
        },
    realizedByTrade,
    realizedPnl,
    dustWrittenOff,
  };
};

/** Unrealized P&L in quote and per cent of the cost basis at a mark price. */
export const unrealizedPnl = (position: OpenPosition, mark: Price): { pnl: Money; pct: Decimal } => {
  const value = position.quantity.times(mark);
  const pnl = position.side === 'LONG' ? value.minus(position.costBasis) : position.costBasis.minus(value);
  return { pnl, pct: position.costBasis.eq(zero) ? zero : divide(pnl.times('100'), position.costBasis, 4) };
};
