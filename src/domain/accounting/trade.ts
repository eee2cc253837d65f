import { type Decimal, type Money, type Price, type Quantity } from '../decimal.ts';
import type { OrderSide } from '../orders/order.ts';

/** One counted execution. `commission` is an amount of `commissionAsset`; `executedAt` is venue time in epoch ms. */
export interface Trade {
  readonly tradeId: string;
  readonly side: OrderSide;
  readonly quantity: Quantity;
  readonly price: Price;
  readonly commission: Decimal;
  readonly commissionAsset: string;
  readonly executedAt: number;
}

/** What of its order decides how a trade counts in a position. */
export interface TradedOrder {
  readonly orderId: string;
  /** It is filled or over: what it has not sold by its last trade, it will not sell. */
  readonly isEnded: boolean;
  readonly reduceOnly: boolean;
  /** What its market cannot sell: less than a step, than the least quantity, than the least price × quantity in quote. */
  readonly stepSize: Quantity;
  readonly minQuantity: Quantity;
  readonly minNotional: Money;
  /** What a short that it opens on paper pays for what it borrows: per cent of its proceeds a day. */
  readonly borrowPct: Decimal;
}

export interface PositionTrade extends Trade {
  readonly order: TradedOrder;
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Venue trade ids are numbers on most venues: a shorter one is older, equal lengths compare as text. */
const compareTradeIds = (a: string, b: string): number => a.length - b.length || compareText(a, b);

/** The one order of all folds, so that any order of reports gives the same rows. */
export const inExecutionOrder = <T extends Trade>(trades: readonly T[]): T[] =>
  [...trades].sort((a, b) => a.executedAt - b.executedAt || compareTradeIds(a.tradeId, b.tradeId));
