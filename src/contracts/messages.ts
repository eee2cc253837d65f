import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Interval } from '../domain/market/interval.ts';
import type { GateReport } from '../domain/lifecycle/gates.ts';
import type { StrategyStatus } from '../domain/lifecycle/transitions.ts';
import type { Environment, OrderSide, OrderStatus } from '../domain/orders/order.ts';
import type { StrategyDefinition } from '../domain/strategy/definition.ts';
import type { OrderIntent, OrderProtection } from './order-intent.ts';

/** Who asks: a user name or the name of a process. Stored as the audit row's actor. */
export interface Requested {
  readonly by: string;
}

// strategyLifecycle -------------------------------------------------------------------------------------------------

export interface BacktestRequest extends Requested {
  /** Open times, epoch ms; null means from the first, up to the last stored candle. */
  readonly from: number | null;
  readonly to: number | null;
  /** Quote currency, decimal text. */
  readonly capital: string;
  /** Per side, per cent of the notional. */
  readonly feePct: number;
  readonly slippageBps: number;
}

export interface BacktestSummary {
  readonly backtestId: number;
  readonly bars: number;
  readonly trades: number;
  readonly totalReturnPct: number | null;
  readonly maxDrawdownPct: number | null;
  readonly winRate: number | null;
  readonly sharpe: number | null;
  readonly profitFactor: number | null;
}

export interface PromoteRequest extends Requested {
  readonly to: Extract<StrategyStatus, 'paper' | 'active'>;
}

export interface PromoteOutcome {
  readonly status: StrategyStatus;
  readonly gate: GateReport;
  /** Set where the gate passed and a person's approval is waited for: until then (epoch ms). */
  readonly approvalUntil: number | null;
}

export interface ReviseRequest extends Requested {
  readonly definition: StrategyDefinition;
  readonly description: string;
}

export interface StatusOutcome {
  readonly status: StrategyStatus;
  readonly version: number;
  /** Who else holds it, so that it stays paused; absent or empty where nobody does. */
  readonly heldBy?: readonly string[];
}

export interface StrategyView extends StatusOutcome {
  readonly strategyId: string;
  readonly name: string;
  readonly symbol: string;
  readonly interval: Interval;
  readonly policy: string;
  readonly lastGate: GateReport | null;
  readonly approvalUntil: number | null;
  /** Orders started and not yet terminal. */
  readonly ordersInFlight: readonly string[];
  readonly transitions: readonly { from: StrategyStatus; to: StrategyStatus; by: string; at: number; reason: string }[];
}

export const backtestUpdate = defineUpdate<BacktestSummary, [BacktestRequest]>('backtest');
export const promoteUpdate = defineUpdate<PromoteOutcome, [PromoteRequest]>('promote');
export const approveUpdate = defineUpdate<StatusOutcome, [Requested]>('approve');
export const pauseUpdate = defineUpdate<StatusOutcome, [Requested & { reason: string }]>('pause');
export const resumeUpdate = defineUpdate<StatusOutcome, [Requested]>('resume');
export const reviseUpdate = defineUpdate<StatusOutcome, [ReviseRequest]>('revise');
export const archiveUpdate = defineUpdate<StatusOutcome, [Requested]>('archive');
export const strategyQuery = defineQuery<StrategyView>('strategy');

/** What the market clock found for one strategy on one closed candle. */
export interface Decision {
  /** UUIDv5 of (strategy, version, candle time, kind): a repeated candle is no second decision. It is the order's id. */
  readonly decisionId: string;
  readonly strategyId: string;
  readonly version: number;
  readonly environment: Environment;
  readonly kind: 'entry' | 'exit';
  readonly side: OrderSide;
  readonly symbol: string;
  /** Open time of the closed candle it was made on, epoch ms. */
  readonly candleTime: number;
  /** First instant after that candle, epoch ms: market time of the decision. */
  readonly decidedAt: number;
  /** The candle's close, decimal text: the reference for sizing. */
  readonly referencePrice: string;
  readonly reason: string;
  /** Only of an exit by a stop or a target. */
  readonly protection?: OrderProtection;
}

export interface OrderFinished {
  readonly orderId: string;
  readonly status: OrderStatus;
  readonly filledQuantity: string;
}

export const decisionSignal = defineSignal<[Decision]>('decision');
export const orderFinishedSignal = defineSignal<[OrderFinished]>('orderFinished');
/** The strategy's row was changed by somebody else, as by a breaker that holds it: read it again. */
export const strategyChangedSignal = defineSignal('strategyChanged');

// marketClock -------------------------------------------------------------------------------------------------------

export interface ClockTick {
  /** Closed candles stored by this tick. */
  readonly candles: number;
  /** Open time of the newest stored candle, epoch ms; null before the first. */
  readonly lastCandle: number | null;
  readonly decisions: readonly Decision[];
  /** Orders resting on this market that were told of the new candles. */
  readonly ordersNotified: readonly string[];
}

/** Handle what has closed by now and answer when it is done: a replayed market advances only after this. */
export const tickUpdate = defineUpdate<ClockTick>('tick');
/** A strategy has started to trade on this market: an idle clock wakes. */
export const strategyAttachedSignal = defineSignal<[string]>('strategyAttached');
export const clockQuery = defineQuery<ClockTick | null>('lastTick');

// orderExecution ----------------------------------------------------------------------------------------------------

export interface OrderView {
  readonly orderId: string;
  readonly status: OrderStatus;
  readonly quantity: string;
  readonly filledQuantity: string;
  readonly averageFillPrice: string | null;
  readonly exchangeOrderId: string | null;
  /** The venue's id, as in `orders.exchange`. */
  readonly exchange: string;
  /** Time left, in venue time, until an unfilled limit order is cancelled; null where it rests until cancelled. */
  readonly expiresInMs: number | null;
  /** The last thing the venue or the rules said. */
  readonly note: string;
  /** Workflow that protects the position which this order opens or closes; absent or null where nothing rests at a venue. */
  readonly guard?: string | null;
  /** The order that takes the place of this one, where it was amended. */
  readonly replacedBy?: string | null;
  /** The breaker's workflow that has to look because this order closed something; absent or null where it did not. */
  readonly breaker?: string | null;
}

export interface AmendRequest extends Requested {
  /** Decimal text; what is left out stays as it is. A quantity is the whole order's, what has filled included. */
  readonly price?: string;
  readonly quantity?: string;
}

/** Something about this order may have changed at its venue. */
export const orderNewsSignal = defineSignal('orderNews');
export const cancelUpdate = defineUpdate<OrderView, [Requested]>('cancel');
/** Cancels a resting limit order and places what it had left at other terms, as a new order. */
export const amendUpdate = defineUpdate<OrderView, [AmendRequest]>('amend');
export const orderQuery = defineQuery<OrderView | null>('order');

// positionGuard ----------------------------------------------------------------------------------------------------

/** One strategy's position on one market, whose stop and target rest at the venue. */
export interface GuardedPosition {
  readonly strategyId: string;
  readonly symbol: string;
  readonly environment: Environment;
}

export interface GuardView {
  /**
   * `resting`: what is held is covered; `leaving`: an exit is at work; `unprotected`: it should be covered and is not;
   * `uncoverable`: the market takes no order that small; `flat`: nothing is held and nothing rests.
   */
  readonly state: 'resting' | 'leaving' | 'unprotected' | 'uncoverable' | 'flat';
  /** The venue where it rests, as in `orders.exchange`. */
  readonly exchange: string;
  /** Base, decimal text. */
  readonly held: string;
  /** Trigger of the stop and limit of the target that rest, decimal text. */
  readonly stop: string | null;
  readonly target: string | null;
  readonly orders: readonly string[];
  readonly note: string;
  /** The market is beyond a level that does not rest: leave at once. */
  readonly exit: OrderIntent | null;
  /** The breaker's workflow that has to look because protection has closed the position; absent or null where it has not. */
  readonly breaker?: string | null;
}

export const guardQuery = defineQuery<GuardView | null>('guard');

// orderWatch --------------------------------------------------------------------------------------------------------

/** An order has come to rest at this venue: an idle watcher starts to look. */
export const ordersRestingSignal = defineSignal('ordersResting');
/** The venue has pushed that an order of the account changed: the watcher looks now. */
export const venueNewsSignal = defineSignal('venueNews');
