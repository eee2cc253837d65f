import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { BreakerAction, BreakerTrigger, StoppedState, TradingState } from '../domain/breaker/policy.ts';
import type { Environment } from '../domain/orders/order.ts';
import type { OrderIntent } from './order-intent.ts';

/** An open event, enough to start its incident. */
export interface OpenIncident {
  readonly eventId: number;
  readonly trigger: BreakerTrigger;
}

/** One action of an incident, as it stands in `actions_taken`. */
export interface ActionTaken {
  readonly action: BreakerAction;
  /** `waiting`: tried, and something is left that it goes on with. */
  readonly status: 'pending' | 'waiting' | 'done';
  /** When it came to this, epoch ms, wall time; null before it was tried. */
  readonly at: number | null;
  /** What was done and what is left, for a person. */
  readonly outcome: string;
}

/** Everything about one event. Times are epoch ms; `marketTime` and `coolDownUntil` are market time. */
export interface IncidentView {
  readonly eventId: number;
  readonly environment: Environment;
  readonly trigger: BreakerTrigger;
  readonly state: StoppedState;
  readonly reason: string;
  readonly threshold: number;
  readonly actual: number;
  readonly triggeredAt: number;
  readonly resolvedAt: number | null;
  readonly actions: readonly ActionTaken[];
  readonly marketTime: number;
  readonly coolDownUntil: number | null;
  /** What made it fire is over: the cool-down has passed, or the value is back under where it clears. Never true by hand. */
  readonly isOver: boolean;
  /** Set where it is over and every action is done, and a person still has to say so. */
  readonly waitsForApproval: boolean;
  readonly remindHours: number;
  /** Strategies that it has paused (open), or that its end let go on (resolved). */
  readonly strategies: readonly string[];
  readonly escalations: readonly { readonly at: number; readonly actual: number; readonly reason: string }[];
}

export interface ResolveRequest {
  readonly by: string;
  readonly reason: string;
  /** Also before what made it fire is over. */
  readonly early: boolean;
}

/** Short database work of a breaker, run as local activities on the orchestration queue. Each is idempotent. */
export interface BreakerActivities {
  /** Looks at every trigger of an environment, fires and escalates what has to, and answers with all that is open. */
  evaluateBreaker(environment: Environment): Promise<BreakerView>;
  /** @throws NotFound */
  inspectIncident(eventId: number): Promise<IncidentView>;
  /** The action `pause_trading`: holds every active strategy of the environment; they have to be told. */
  pauseTrading(eventId: number): Promise<IncidentView>;
  /** The action `notify`. */
  notifyIncident(eventId: number): Promise<IncidentView>;
  /**
   * Ends an event where it is over and done, or a person says so: the state, the peak or the streak, the strategies that only it held,
   * all in one transaction. One that has ended stays as it is.
   * @param request `by` null: by itself. @throws NotAuthorized, CoolDownRunning, ActionsRunning
   */
  resolveIncident(request: {
    readonly eventId: number;
    readonly request: ResolveRequest | null;
  }): Promise<IncidentView>;
  /** An action that could not even be tried: the row says why. */
  recordWaiting(request: {
    readonly eventId: number;
    readonly action: BreakerAction;
    readonly outcome: string;
  }): Promise<IncidentView>;
  /** Tells a person again that it waits. @param nth counts from 1 */
  remindIncident(request: { readonly eventId: number; readonly nth: number }): Promise<void>;
}

/** What an action that talks to a venue has come to. */
export interface IncidentStep {
  readonly incident: IncidentView;
  /** Orders that ended by it: their workflows have to be told. */
  readonly ended: readonly string[];
}

/** The actions that talk to a venue, on the exchange queue. Each goes on where an earlier attempt stopped. */
export interface IncidentActivities {
  /** The action `cancel_orders`: every order that may open something is resolved, then cancelled. */
  cancelOrders(eventId: number): Promise<IncidentStep>;
  /**
   * The action `close_positions`, with the exits that are to be started; none where nothing is left to close.
   * @param request `stranded`: its own exits whose workflows could not carry them on; each is ended, so that another is tried
   */
  closePositions(request: {
    readonly eventId: number;
    readonly stranded: readonly string[];
  }): Promise<IncidentStep & { readonly exits: readonly OrderIntent[] }>;
}

export interface BreakerView {
  readonly environment: Environment;
  readonly state: TradingState;
  readonly open: readonly OpenIncident[];
}

/** Something that a breaker goes by may have changed: a close, a closed position, a snapshot, a command. */
export const breakerLookSignal = defineSignal('look');
export const resolveUpdate = defineUpdate<IncidentView, [ResolveRequest]>('resolve');
export const incidentQuery = defineQuery<IncidentView | null>('incident');
export const breakerQuery = defineQuery<BreakerView | null>('breaker');
