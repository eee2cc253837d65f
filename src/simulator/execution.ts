import { type Decimal, dec, text } from '../domain/decimal.ts';
import type { FillBook } from './fill-book.ts';
import type { AcceptedOrder, LedgerEvent } from './ledger-events.ts';
import type { SimulatedMarket } from './market.ts';
import {
  commissionOf,
  isMarketable,
  lockPerUnit,
  marketPrice,
  takerFills,
  touchPrice,
  type TradingRules,
} from './matching.ts';
import { hasLimitPrice, isConditional } from './order-types.ts';

interface Execution {
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly maker: boolean;
  /** Epoch ms. */
  readonly time: number;
}

const tickOf = (market: SimulatedMarket): Decimal => dec(market.filters.tickSize);

/**
 * The price that an order's lock is reckoned with: its limit, else what a market order costs at its stop price or at the
 * last price. After a gap a stop that buys costs more than its lock.
 */
const lockPriceOf = (
  order: { readonly type: AcceptedOrder['type']; readonly side: AcceptedOrder['side'] },
  prices: { readonly limit: Decimal; readonly stop: Decimal; readonly last: Decimal },
  market: SimulatedMarket,
  rules: TradingRules,
): Decimal => {
  if (hasLimitPrice(order.type)) return prices.limit;
  return marketPrice(isConditional(order.type) ? prices.stop : prices.last, order.side, rules, tickOf(market));
};

/** The ledger's word for one execution: the trade with its commission, and what leaves the order's lock. */
export const fillEvent = (
  order: AcceptedOrder,
  execution: Execution,
  book: FillBook,
  market: SimulatedMarket,
  rules: TradingRules,
): LedgerEvent => {
  const commission = commissionOf({ ...execution, side: order.side }, order, rules, book);
  const lockPrice =
    order.type === 'MARKET'
      ? execution.price
      : lockPriceOf(
          order,
          { limit: dec(order.price), stop: dec(order.stopPrice ?? '0'), last: execution.price },
          market,
          rules,
        );
  return {
    type: 'filled',
    orderId: order.orderId,
    trade: {
      tradeId: book.nextTradeId(),
      price: text(execution.price),
      quantity: text(execution.quantity),
      commission: text(commission.amount),
      commissionAsset: commission.asset,
      maker: execution.maker,
      time: execution.time,
    },
    release: text(lockPerUnit(order.side, lockPrice, rules).times(execution.quantity)),
  };
};

/** What the order locks, in its lock asset, where it holds its own lock. */
export const lockAmountOf = (
  order: { readonly type: AcceptedOrder['type']; readonly side: AcceptedOrder['side'] },
  prices: { readonly limit: Decimal; readonly stop: Decimal; readonly last: Decimal },
  quantity: Decimal,
  market: SimulatedMarket,
  rules: TradingRules,
): Decimal => quantity.times(lockPerUnit(order.side, lockPriceOf(order, prices, market, rules), rules));

/** `lockAmountOf` an order that rests or waits. */
export const neededBy = (order: AcceptedOrder, market: SimulatedMarket, rules: TradingRules): Decimal => {
  const limit = dec(order.price);
  return lockAmountOf(
    order,
    { limit, stop: dec(order.stopPrice ?? '0'), last: limit },
    dec(order.quantity),
    market,
    rules,
  );
};

export interface Moment {
  /** Last traded price. */
  readonly last: Decimal;
  /** Epoch ms. */
  readonly time: number;
  readonly book: FillBook;
}

/** What an order does when it starts to work: its taker fills, how it ends where it may not rest, or nothing. */
export const onArrival = (
  order: AcceptedOrder,
  { last, time, book }: Moment,
  market: SimulatedMarket,
  rules: TradingRules,
): LedgerEvent[] => {
  const limited = hasLimitPrice(order.type);
  const touch = touchPrice(last, order.side, rules, tickOf(market));
  if (limited && !isMarketable(order.side, dec(order.price), touch)) {
    return order.timeInForce === 'GTC' ? [] : [{ type: 'ended', orderId: order.orderId, status: 'EXPIRED' }];
  }
  const price = limited ? touch : marketPrice(last, order.side, rules, tickOf(market));
  return takerFills(dec(order.quantity), rules).map((quantity) =>
    fillEvent(order, { price, quantity, maker: false, time }, book, market, rules),
  );
};
