import type { Interval } from '../domain/market/interval.ts';
import type { Decision } from './messages.ts';
import type { Environment, OrderKind, OrderSide, OrderType, TimeInForce } from '../domain/orders/order.ts';

/**
 * The protective order whose level the market reached. On paper the exit fills as if it had rested there; a real venue gets a
 * market order, which leaves at the next price.
 */
export interface OrderProtection {
  readonly type: 'STOP_LOSS' | 'TAKE_PROFIT';
  /** Its level, decimal text. */
  readonly price: string;
  /** Open time of the candle that reached it, epoch ms. */
  readonly candleTime: number;
}

/** An order by a person's own terms, or in place of an amended one: checked against every rule, never sized. Decimal text. */
export interface OrderTerms {
  readonly type: OrderType;
  readonly quantity: string;
  readonly price: string | null;
  readonly stopPrice: string | null;
  readonly timeInForce: TimeInForce | null;
  readonly reduceOnly: boolean;
}

/**
 * What is wanted of an order, before it is sized: the input of `orderExecution`. Everything about the order row is
 * derived from it, so a repeated intent is the same order.
 */
export interface OrderIntent {
  /** UUIDv5 of the decision; the workflow's id and the row's key. */
  readonly orderId: string;
  readonly strategyId: string;
  readonly strategyVersion: number;
  readonly environment: Environment;
  readonly symbol: string;
  readonly interval: Interval;
  readonly side: OrderSide;
  /** An exit is reduce-only and sells what is held. `protection` rows are written by `guardPosition`, not by intents. */
  readonly kind: Exclude<OrderKind, 'protection'>;
  /** Last close known to the decision, decimal text: the reference for sizing and reserving. */
  readonly referencePrice: string;
  /** Open time of the candle it was decided on and the first instant after it: market time, epoch ms. */
  readonly candleTime: number;
  readonly decidedAt: number;
  readonly reason: string;
  /** Only of an exit by a stop or a target. */
  readonly protection?: OrderProtection;
  /** The breaker event that closes a position by it: it passes while trading is HALTED. */
  readonly incident?: number;
  /** Of a `manual` order always; of an entry that replaces an amended one. */
  readonly terms?: OrderTerms;
  readonly requestedBy: string;
}

/** What a decision wants of an order; the decision's id is the order's. */
export const intentOf = ({ decisionId, version, ...decided }: Decision, interval: Interval): OrderIntent => ({
  ...decided,
  orderId: decisionId,
  strategyVersion: version,
  interval,
  requestedBy: `strategy/${decided.strategyId}`,
});

/** The order's workflow id carries only its intent; what it reports to when it ends is part of it. */
export interface OrderExecutionInput {
  readonly intent: OrderIntent;
  /** Null for an order that no strategy workflow waits for. */
  readonly reportTo: string | null;
}
