import type { GateReport } from '../domain/lifecycle/gates.ts';
import type { StrategyStatus } from '../domain/lifecycle/transitions.ts';
import type { Interval } from '../domain/market/interval.ts';
import type { Environment } from '../domain/orders/order.ts';
import type {
  AmendRequest,
  BacktestRequest,
  BacktestSummary,
  ClockTick,
  Decision,
  GuardView,
  GuardedPosition,
  OrderView,
  ReviseRequest,
  StatusOutcome,
} from './messages.ts';
import type { OrderIntent } from './order-intent.ts';

/** A strategies row as the lifecycle needs it. */
export interface StrategyHead {
  readonly strategyId: string;
  readonly name: string;
  readonly symbol: string;
  readonly interval: Interval;
  readonly status: StrategyStatus;
  readonly version: number;
  readonly generation: number | null;
  readonly policy: string;
  /** Who holds it paused: `person`, `breaker/<event id>`. A history from before holds has none. */
  readonly heldBy?: readonly string[];
}

export interface TransitionRequest {
  readonly strategyId: string;
  readonly from: StrategyStatus;
  readonly to: StrategyStatus;
  readonly version: number;
  readonly by: string;
  readonly reason: string;
  /** Evidence, stored with the audit row. */
  readonly gate: GateReport | null;
}

/** Short database work, run as local activities on the orchestration queue. */
export interface LifecycleActivities {
  /** @throws NotFound */
  loadStrategy(strategyId: string): Promise<StrategyHead>;
  /**
   * Compare-and-set on (status, version), holds, audit and alert in one transaction. To `paused` from `paused`: a person's hold
   * beside a breaker's. To `active` from `paused` it stays paused where a breaker holds it, and `heldBy` says so. Histories from
   * before holds have no answer here. @throws IllegalTransition, StillHeld, GateNotMet
   */
  transitionStrategy(request: TransitionRequest & { effectKey: string }): Promise<StatusOutcome | undefined>;
  /** A new version from new parameters, back to draft. @throws IllegalTransition */
  reviseStrategy(
    request: ReviseRequest & { strategyId: string; from: StrategyStatus; version: number; effectKey: string },
  ): Promise<{ version: number }>;
  /** Collects the evidence and judges the gate by the strategy's policy. */
  judgeGate(request: {
    strategyId: string;
    to: 'paper' | 'active';
  }): Promise<{ report: GateReport; requiresApproval: boolean; approvalWindowMs: number }>;
  /** @throws NotAuthorized unless the user exists, is active and has the role */
  authorise(request: { by: string; role: 'admin' }): Promise<void>;
  /** What is still held or working for a strategy. */
  exposureOf(strategyId: string): Promise<StrategyExposure>;
  /** Writes an alert once per dedupe key. */
  raiseAlert(alert: AlertDraft): Promise<void>;
}

export interface StrategyExposure {
  readonly workingOrders: readonly string[];
  /** An exit decision for each position held, at its last mark. */
  readonly exits: readonly Decision[];
}

export interface AlertDraft {
  readonly type: string;
  readonly severity: 'info' | 'warning' | 'error' | 'critical';
  readonly title: string;
  readonly message: string;
  readonly entityType: 'strategy' | 'order' | 'position' | 'goal' | 'system';
  readonly entityId: string;
  readonly dedupeKey: string;
}

/** Where a strategy's candles come from, and whether time or a replay moves them. */
export interface MarketFeed {
  readonly exchange: string;
  readonly pace: 'wall' | 'stepped';
}

/** Venue work, on the exchange queue. */
export interface VenueActivities {
  /** Binds the venue account and records its opening balances, once. @throws LiveTradingDisabled, VenueMismatch, UnsafeApiKey */
  openAccount(request: { environment: Environment; symbol: string }): Promise<MarketFeed>;
  /**
   * From intent to an accepted, refused or unresolved order, resuming wherever an earlier attempt stopped. Sends at
   * most once; an ambiguous answer is asked about until the horizon.
   */
  placeOrder(intent: OrderIntent): Promise<OrderView>;
  /** Asks the venue how the order stands and records it. */
  syncOrder(orderId: string): Promise<OrderView>;
  cancelOrder(request: { orderId: string; by: string; reason: string }): Promise<OrderView>;
  /**
   * Cancels a resting limit order and prepares what takes its place; null where a fill left nothing to amend. The new
   * order's id follows from `requestId`, so asking again is the same one.
   * @throws NotAmendable
   */
  amendOrder(
    request: AmendRequest & { orderId: string; requestId: string },
  ): Promise<{ amended: OrderView; replacement: OrderIntent | null }>;
  /**
   * Brings what rests for a position in line with what is held and the levels in force; repeating it changes nothing.
   * @param request `unprotectedSince`: since when (epoch ms) it could not be, null where it was covered last
   */
  guardPosition(request: GuardedPosition & { unprotectedSince: number | null }): Promise<GuardView>;
  /**
   * Orders of ours that changed at the venue since they were last recorded, the guards of those that protect, and how many
   * are still watched.
   */
  pollVenueOrders(venue: string): Promise<{ changed: readonly string[]; guards?: readonly string[]; watched: number }>;
}

export interface MarketRef {
  readonly exchange: string;
  readonly symbol: string;
  readonly interval: Interval;
}

/** Market data, on the exchange queue. */
export interface MarketActivities {
  /**
   * Ingest what has closed, compute indicators, evaluate every strategy on the newest candle after `lastHandled` (open
   * time, epoch ms); only decisions come back, and the guards of positions whose trailing stop it moved. Trying it again gives
   * the same.
   */
  handleClose(market: MarketRef & { lastHandled: number | null }): Promise<
    ClockTick & {
      strategies: number;
      nextCloseInMs: number;
      guards?: readonly string[];
      /** Workflows of the breakers that have to look. */
      breakers?: readonly string[];
    }
  >;
  /** Downloads a range with a heartbeat cursor; resumes where it stopped. Returns how many candles were stored. */
  backfillCandles(request: MarketRef & { from: number; to: number }): Promise<{ stored: number }>;
}

/** CPU work, on the compute queue. */
export interface ComputeActivities {
  runBacktest(request: BacktestRequest & { strategyId: string; requestId: string }): Promise<BacktestSummary>;
}
