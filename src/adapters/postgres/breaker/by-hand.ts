import type { DatabasePool } from 'slonik';
import type { IncidentView } from '../../../contracts/breaker.ts';
import { allActions } from '../../../domain/breaker/check-policy.ts';
import type { BreakerAction } from '../../../domain/breaker/policy.ts';
import { DomainError } from '../../../domain/errors.ts';
import type { Environment } from '../../../domain/orders/order.ts';
import { marketTimeOf } from '../portfolio/market-time.ts';
import { authorise } from '../users.ts';
import { type EventRecord, lockEvent, openEvents } from './events.ts';
import { inspectIncident } from './incident.ts';
import { readPolicy } from './policies.ts';
import { end } from './resolve.ts';
import { lockTradingState } from './trading-state.ts';
import { fire, grow } from './trip.ts';

export interface HaltOutcome {
  readonly incident: IncidentView;
  /** False where a halt by hand was open already: this one is part of it. */
  readonly isNew: boolean;
  /** Actions that an open one has got by this, those that are done again included. */
  readonly added: readonly BreakerAction[];
}

interface Written {
  readonly eventId: number;
  readonly isNew: boolean;
  readonly added: readonly BreakerAction[];
}

const byHandOf = (open: readonly EventRecord[]): EventRecord | undefined =>
  open.find(({ trigger }) => trigger === 'manual');

/**
 * Stops trading by hand: an event of its own, or the open one grows by the actions; those of them that are done are done again. The
 * same again, while it is not done, changes nothing. It needs the database alone.
 * @param request `actions` null: what the policy says for a stop by hand.
 */
export const haltByHand = async (
  pool: DatabasePool,
  request: {
    readonly environment: Environment;
    readonly by: string;
    readonly reason: string;
    readonly actions: readonly BreakerAction[] | null;
  },
): Promise<HaltOutcome> => {
  const { environment, by, reason } = request;
  const { eventId, isNew, added } = await pool.transaction(async (tx): Promise<Written> => {
    await lockTradingState(tx, environment);
    const { manual, remindHours } = await readPolicy(tx, environment);
    const now = Date.now();
    const marketTime = (await marketTimeOf(tx, environment)) ?? now;
    const actions = allActions(request.actions ?? manual.actions, []);
    const open = byHandOf(await openEvents(tx, environment));
    if (!open) {
      const event = await fire(tx, {
        environment,
        trigger: 'manual',
        measured: null,
        state: manual.state,
        actions,
        reason,
        marketTime,
        now,
        coolDownUntil: null,
        policy: manual,
        remindHours,
        by,
        facts: { by },
      });
      return { eventId: event.eventId, isNew: true, added: [] };
    }
    const event = await lockEvent(tx, open.eventId);
    const left = event.taken.filter(({ status }) => status !== 'done').map(({ action }) => action);
    const more = actions.filter((action) => !left.includes(action));
    if (more.length > 0)
      await grow(tx, event, {
        state: manual.state,
        actions,
        again: more,
        actual: 0,
        reason,
        marketTime,
        coolDownUntil: null,
        by,
      });
    return { eventId: event.eventId, isNew: false, added: more };
  });
  return { incident: await inspectIncident(pool, eventId), isNew, added };
};

/**
 * Ends the stop by hand of an environment, whatever is left of its actions; what else is open stays. It needs the database alone.
 * @returns its event; `strategies` are those that go on
 * @throws DomainError `NotFound` where none is open; `NotAuthorized` where its policy asks for an admin
 */
export const resumeByHand = async (
  pool: DatabasePool,
  request: { readonly environment: Environment; readonly by: string; readonly reason: string },
): Promise<IncidentView> => {
  const { environment, by, reason } = request;
  const eventId = await pool.transaction(async (tx) => {
    await lockTradingState(tx, environment);
    const open = await openEvents(tx, environment);
    const found = byHandOf(open);
    if (!found) {
      const others = open.map((event) => `${event.trigger} (event ${event.eventId})`).join(', ');
      throw new DomainError(
        'NotFound',
        `nothing is stopped by hand in ${environment}${others === '' ? '' : `; open: ${others}`}`,
        {
          next: open.length === 0 ? 'trading goes on there' : 'look at what is open: `mastertrade breaker show`',
        },
      );
    }
    const event = await lockEvent(tx, found.eventId);
    if (event.response?.requiresApproval) await authorise(tx, { by, role: 'admin' });
    await end(tx, event, { by, reason, isEarly: false });
    return event.eventId;
  });
  return await inspectIncident(pool, eventId);
};
