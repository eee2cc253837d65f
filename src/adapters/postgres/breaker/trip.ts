import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import type { ActionTaken } from '../../../contracts/breaker.ts';
import { allActions, stricter } from '../../../domain/breaker/check-policy.ts';
import type { BreakerAction, BreakerTrigger, Response, StoppedState } from '../../../domain/breaker/policy.ts';
import type { Environment } from '../../../domain/orders/order.ts';
import { writeAudit } from '../audit.ts';
import { timestamp } from '../pool.ts';
import { jsonb } from '../rows.ts';
import { raiseIncidentAlert } from './alerts.ts';
import { type EventRecord, changeEvent, loadEvent } from './events.ts';
import { restate } from './trading-state.ts';

const pending = (action: BreakerAction): ActionTaken => ({ action, status: 'pending', at: null, outcome: '' });

export interface NewEvent {
  readonly environment: Environment;
  readonly trigger: BreakerTrigger;
  /** Null by hand, where there is nothing to measure. */
  readonly measured: { readonly threshold: number; readonly actual: number } | null;
  readonly state: StoppedState;
  readonly actions: readonly BreakerAction[];
  readonly reason: string;
  /** Market and wall time, epoch ms. */
  readonly marketTime: number;
  readonly now: number;
  /** Market time, epoch ms; null where it ends otherwise. */
  readonly coolDownUntil: number | null;
  readonly policy: Response;
  readonly remindHours: number;
  readonly by: string;
  /** Further facts for a person: the peak, who asked. */
  readonly facts: Readonly<Record<string, unknown>>;
}

const list = (actions: readonly BreakerAction[]): string => actions.join(', ') || 'nothing more';

/** Writes an event with all that follows from it, inside the transaction that has locked the trading state. */
export const fire = async (tx: CommonQueryMethods, event: NewEvent): Promise<EventRecord> => {
  const { environment, trigger, state, reason, marketTime, policy, remindHours, facts, actions, by } = event;
  const metadata = { reason, marketTime, policy, remindHours, ...facts };
  const { threshold, actual } = event.measured ?? { threshold: 0, actual: 0 };
  const { id } = await tx.one(sql.type(z.object({ id: z.number() }))`
    INSERT INTO circuit_breaker_events (environment, trigger_type, threshold_value, actual_value, state, triggered_at,
                                        cool_down_until, actions_taken, metadata)
    VALUES (${environment}, ${trigger}, ${threshold}, ${actual}, ${state}, ${timestamp(event.now)},
            ${event.coolDownUntil === null ? null : timestamp(event.coolDownUntil)}, ${jsonb(actions.map(pending))}, ${jsonb(metadata)})
    RETURNING id`);
  const tradingState = await restate(tx, environment);
  await writeAudit(tx, {
    actor: by,
    action: 'trip_breaker',
    entityType: 'system',
    entityId: String(id),
    old: null,
    new: { environment, trigger, state, tradingState, threshold, actual, reason, actions },
  });
  const written = await loadEvent(tx, id);
  await raiseIncidentAlert(tx, written, {
    what: 'tripped',
    severity: 'critical',
    says: `trading is ${tradingState}`,
    message: `${reason}. To be done: ${list(actions)}. It is event ${id}: \`mastertrade breaker show ${id}\`.`,
  });
  return written;
};

export interface Growth {
  readonly state: StoppedState;
  readonly actions: readonly BreakerAction[];
  /** Of these, those that are done are done again. */
  readonly again: readonly BreakerAction[];
  readonly actual: number;
  readonly reason: string;
  /** Market time, epoch ms. */
  readonly marketTime: number;
  readonly coolDownUntil: number | null;
  readonly by: string;
}

/** An open event gets worse: state, actions and cool-down grow, never shrink. The transaction has locked the trading state and it. */
export const grow = async (tx: CommonQueryMethods, event: EventRecord, growth: Growth): Promise<EventRecord> => {
  const { reason, actual, marketTime: at, by } = growth;
  const state = stricter(event.state, growth.state);
  const taken = allActions(event.actions, growth.actions).map((action) => {
    const before = event.taken.find((candidate) => candidate.action === action);
    const isAgain = before?.status === 'done' && growth.again.includes(action);
    return before && !isAgain ? before : pending(action);
  });
  const escalations = [...event.metadata.escalations, { at, actual, reason }];
  const later = Math.max(event.coolDownUntil ?? 0, growth.coolDownUntil ?? 0);
  const grown = await changeEvent(tx, event, {
    state,
    taken,
    coolDownUntil: later > 0 ? later : null,
    metadata: { escalations },
  });
  const tradingState = await restate(tx, event.environment);
  await writeAudit(tx, {
    actor: by,
    action: 'escalate_breaker',
    entityType: 'system',
    entityId: String(event.eventId),
    old: { state: event.state, actions: event.actions },
    new: { state, tradingState, actual, reason, actions: grown.actions },
  });
  await raiseIncidentAlert(tx, grown, {
    what: `escalated/${escalations.length}`,
    severity: 'critical',
    says: `it gets worse, trading is ${tradingState}`,
    message: `${reason}. To be done: ${list(taken.filter(({ status }) => status !== 'done').map(({ action }) => action))}.`,
  });
  return grown;
};
