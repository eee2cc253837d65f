import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabasePool } from 'slonik';
import * as desk from '../adapters/postgres/at-work.ts';
import { haltByHand } from '../adapters/postgres/breaker/by-hand.ts';
import { inspectIncident } from '../adapters/postgres/breaker/incident.ts';
import { readTradingState } from '../adapters/postgres/breaker/trading-state.ts';
import type { Config } from '../config.ts';
import type { BreakerAction, TradingState } from '../domain/breaker/policy.ts';
import { DomainError } from '../domain/errors.ts';
import type { Environment } from '../domain/orders/order.ts';
import { readStop } from './breaker-desk.ts';
import { actionsLeft, isDone } from './breaker-text.ts';
import { type OrderOutcome, type PositionOutcome, orderOutcomes, positionOutcomes } from './desk-outcome.ts';
import { utc } from './output.ts';
import { type ShownAction, shownAction } from './shown-incident.ts';
import { followsText, tellBreakers } from './tell-breaker.ts';
import type { Told } from './tell-workflows.ts';

export interface StopRequest {
  readonly environments: readonly Environment[];
  readonly by: string;
  readonly reason: string;
  /** Null: what the policy says for a stop by hand. */
  readonly actions: readonly BreakerAction[] | null;
  /** How long the outcome is waited for, wall time. */
  readonly waitMs: number;
}

/** What a stop has done in one environment, and what it has not. */
export interface StoppedEnvironment {
  readonly environment: Environment;
  readonly before: TradingState;
  readonly state: TradingState;
  /** Since when it is in this state, UTC. */
  readonly since: string | null;
  readonly eventId: number;
  readonly reason: string;
  /** The event by hand was open already: this request is part of it. */
  readonly repeated: boolean;
  /** Actions that this request has added to an event that was open. */
  readonly added: readonly BreakerAction[];
  readonly actions: readonly ShownAction[];
  readonly orders: readonly OrderOutcome[];
  readonly positions: readonly PositionOutcome[];
  /** Every action is done. */
  readonly complete: boolean;
  /** What is not done, and when it follows, a sentence each. */
  readonly left: readonly string[];
}

export interface Stopped {
  readonly told: Told;
  /** Every action is done everywhere. */
  readonly complete: boolean;
  readonly environments: readonly StoppedEnvironment[];
}

/** What there was before, and the event that the stop was written as. */
interface Halted {
  readonly environment: Environment;
  readonly before: TradingState;
  readonly orders: readonly desk.DeskOrder[];
  readonly positions: readonly desk.DeskPosition[];
  readonly eventId: number;
  readonly repeated: boolean;
  readonly added: readonly BreakerAction[];
}

const lookEveryMs = 250;

const halt = async (
  pool: DatabasePool,
  environment: Environment,
  { by, reason, actions }: StopRequest,
): Promise<Halted> => {
  const { state: before } = await readTradingState(pool, environment);
  const orders = await desk.ordersAtWork(pool, environment);
  const positions = await desk.positionsHeld(pool, environment);
  const { incident, isNew, added } = await haltByHand(pool, { environment, by, reason, actions });
  return { environment, before, orders, positions, eventId: incident.eventId, repeated: !isNew, added };
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Writes the halts, one after the other. @throws DomainError that says which of them stand */
const haltAll = async (pool: DatabasePool, request: StopRequest): Promise<readonly Halted[]> => {
  const halted: Halted[] = [];
  for (const environment of request.environments) {
    try {
      halted.push(await halt(pool, environment, request));
    } catch (error) {
      if (halted.length === 0 && error instanceof DomainError) throw error;
      const standing =
        halted.length > 0 ? `; the halt of ${halted.map((each) => each.environment).join(', ')} stands` : '';
      throw new DomainError('DatabaseUnreachable', `${environment} is not halted: ${messageOf(error)}${standing}`, {
        next: 'give the command again, which never halts twice',
        cause: error,
      });
    }
  }
  return halted;
};

const byChange = (a: desk.DeskOrder, b: desk.DeskOrder): number => a.updatedAt - b.updatedAt;
const distinct = (orders: readonly desk.DeskOrder[]): readonly desk.DeskOrder[] =>
  [...new Map(orders.map((order) => [order.orderId, order])).values()].sort(byChange);

/** What has become of everything, as the database has it now. */
const outcomeOf = async (pool: DatabasePool, halted: Halted): Promise<StoppedEnvironment> => {
  const { environment, before, eventId, repeated, added } = halted;
  const incident = await inspectIncident(pool, eventId);
  const { state, since } = await readStop(pool, environment);
  const atWork = await desk.ordersAtWork(pool, environment);
  const met = await desk.deskOrders(
    pool,
    [...halted.orders, ...atWork].map(({ orderId }) => orderId),
  );
  const exits = await desk.incidentOrders(pool, eventId);
  const filled = await desk.filledSince(pool, environment, incident.triggeredAt);
  const closing = incident.actions.find(({ action }) => action === 'close_positions');
  const now = await desk.positionsHeld(pool, environment);
  return {
    environment,
    before,
    state,
    since: utc(since),
    eventId,
    reason: incident.reason,
    repeated,
    added,
    actions: incident.actions.map(shownAction),
    orders: orderOutcomes(met),
    positions: positionOutcomes(halted.positions, now, distinct([...exits, ...filled]), closing),
    complete: isDone(incident),
    left: [],
  };
};

const leftOf = ({ actions, complete, eventId }: StoppedEnvironment, told: Told): readonly string[] => {
  if (complete) return [];
  const begun = actions.some(({ status }) => status !== 'pending');
  const goesOn = `${begun ? 'it goes on' : 'no worker has begun on it yet; it is done'} by itself`;
  const look = `\`mastertrade breaker show ${eventId}\` shows how far it is`;
  const later = followsText(told, 'what is left is done');
  const again = told.temporal === 'unreachable' ? ', or at once if this command is given again then' : '';
  const follows = told.temporal === 'told' ? `${goesOn}: ${look}` : `${later}${again}`;
  return [...actionsLeft(actions), follows];
};

/**
 * Stops trading in the database, which no order passes from then on; tells the workflows, and waits for what they do about it.
 * Works without Temporal, a worker or the exchange: what needs them follows when they are back.
 * @throws DomainError `DatabaseUnreachable`, saying which halts stand
 */
export const stopTrading = async (
  {
    config,
    pool,
    progress = () => undefined,
  }: {
    readonly config: Config;
    readonly pool: DatabasePool;
    /** Told at once that the halt is in force. */
    readonly progress?: (line: string) => void;
  },
  request: StopRequest,
): Promise<Stopped> => {
  const deadline = Date.now() + request.waitMs;
  const halted = await haltAll(pool, request);
  const seconds = request.waitMs / 1_000;
  progress(`Halted: ${request.environments.join(' and ')}. What follows is waited for, ${seconds} s at most.`);
  const told = await tellBreakers(config, request.environments);
  const look = async (): Promise<readonly StoppedEnvironment[]> =>
    await Promise.all(halted.map((each) => outcomeOf(pool, each)));
  try {
    let environments = await look();
    while (told.temporal === 'told' && Date.now() < deadline && environments.some(({ complete }) => !complete)) {
      await sleep(lookEveryMs);
      environments = await look();
    }
    return {
      told,
      complete: environments.every(({ complete }) => complete),
      environments: environments.map((each) => ({ ...each, left: leftOf(each, told) })),
    };
  } catch (error) {
    const names = request.environments.join(' and ');
    throw new DomainError(
      'DatabaseUnreachable',
      `${names} halted, which stands; how far the rest is can't be read: ${messageOf(error)}`,
      {
        next: 'look with `mastertrade breaker show`',
        cause: error,
      },
    );
  }
};
