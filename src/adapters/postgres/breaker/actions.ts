import { type CommonQueryMethods, type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import type { ActionTaken, IncidentView } from '../../../contracts/breaker.ts';
import type { BreakerAction } from '../../../domain/breaker/policy.ts';
import { writeAudit } from '../audit.ts';
import { writeTransition } from '../strategy-transition.ts';
import { raiseIncidentAlert } from './alerts.ts';
import { type EventRecord, changeEvent, loadEvent, lockEvent } from './events.ts';
import { addHold, breakerHolder } from './holds.ts';
import { inspectIncident } from './incident.ts';
import { lockTradingState } from './trading-state.ts';

const actor = 'circuitBreaker';

export interface ActionReport {
  readonly action: BreakerAction;
  readonly status: ActionTaken['status'];
  /** What was done and what is left, for a person. */
  readonly outcome: string;
}

/** What has become of one action, with its audit row. What is done stays done; an event that has ended changes no more. */
const record = async (
  tx: CommonQueryMethods,
  event: EventRecord,
  { action, status, outcome }: ActionReport,
): Promise<EventRecord> => {
  const before = event.taken.find((taken) => taken.action === action);
  if (!before || event.resolvedAt !== null || before.status === 'done') return event;
  if (before.status === status && before.outcome === outcome) return event;
  const taken = event.taken.map((each) => (each === before ? { action, status, at: Date.now(), outcome } : each));
  await writeAudit(tx, {
    actor,
    action: 'breaker_action',
    entityType: 'system',
    entityId: String(event.eventId),
    old: { action, status: before.status, outcome: before.outcome },
    new: { action, status, outcome },
  });
  return await changeEvent(tx, event, { taken });
};

/**
 * Records what has become of one action of an event. The same again changes nothing.
 * @throws DomainError `NotFound`
 */
export const recordAction = async (
  pool: DatabasePool,
  eventId: number,
  report: ActionReport,
): Promise<IncidentView> => {
  await pool.transaction(async (tx) => await record(tx, await lockEvent(tx, eventId), report));
  return await inspectIncident(pool, eventId);
};

/** Whether an action is still to be done. */
const isLeft = ({ resolvedAt, taken }: EventRecord, action: BreakerAction): boolean =>
  resolvedAt === null && taken.some((each) => each.action === action && each.status !== 'done');

const tradingRow = z.object({ id: z.string(), status: z.enum(['active', 'paused']), version: z.number() });

const pausedText = (before: readonly ('active' | 'paused')[]): string => {
  const paused = before.filter((status) => status === 'active').length;
  const held = before.length - paused;
  return [
    paused === 0 ? 'no strategy was active' : `${paused} paused`,
    ...(held === 0 ? [] : [`${held} held that ${held === 1 ? 'was' : 'were'} paused already`]),
  ].join(', ');
};

/**
 * The action `pause_trading`: pauses and holds every active strategy of a live incident's environment, one transition each. Those that
 * are paused already it holds too, so that they do not go on before it ends; who paused them holds them still. On paper there is no pause: the trading state alone keeps entries out.
 * Locks: trading_state, the event, strategies by id. @throws DomainError `NotFound`
 */
export const pauseTrading = async (pool: DatabasePool, eventId: number): Promise<IncidentView> => {
  const { environment } = await loadEvent(pool, eventId);
  await pool.transaction(async (tx) => {
    await lockTradingState(tx, environment);
    const event = await lockEvent(tx, eventId);
    if (!isLeft(event, 'pause_trading')) return;
    if (environment === 'paper') {
      const outcome = 'strategies on paper are not paused: the trading state keeps their entries out';
      await record(tx, event, { action: 'pause_trading', status: 'done', outcome });
      return;
    }
    const trading = await tx.any(sql.type(tradingRow)`
      SELECT id, status, version FROM strategies WHERE status IN ('active', 'paused') ORDER BY id FOR NO KEY UPDATE`);
    const reason = `breaker event ${eventId}: ${event.reason}`;
    for (const { id: strategyId, status, version } of trading) {
      await addHold(tx, { strategyId, holder: breakerHolder(eventId), by: actor, reason });
      if (status === 'paused') continue;
      const dedupeKey = `transition/${breakerHolder(eventId)}/pause/${strategyId}`;
      const move = { strategyId, from: 'active', to: 'paused', version, by: actor, reason, gate: null } as const;
      await writeTransition(tx, { ...move, dedupeKey });
    }
    const outcome = pausedText(trading.map(({ status }) => status));
    await record(tx, event, { action: 'pause_trading', status: 'done', outcome });
  });
  return await inspectIncident(pool, eventId);
};

const actionText = ({ action, status, outcome }: ActionTaken): string =>
  `${action}: ${status}${outcome === '' ? '' : ` (${outcome})`}`;

/** The action `notify`: tells what was done, once for each time that it got worse. @throws DomainError `NotFound` */
export const notifyIncident = async (pool: DatabasePool, eventId: number): Promise<IncidentView> => {
  await pool.transaction(async (tx) => {
    const event = await lockEvent(tx, eventId);
    if (!isLeft(event, 'notify')) return;
    const others = event.taken.filter(({ action }) => action !== 'notify');
    await raiseIncidentAlert(tx, event, {
      what: `notify/${event.metadata.escalations.length}`,
      severity: 'warning',
      says: 'what was done',
      message: `${event.reason}. ${others.map(actionText).join('; ') || 'There was nothing to do'}.`,
    });
    await record(tx, event, { action: 'notify', status: 'done', outcome: 'alert written' });
  });
  return await inspectIncident(pool, eventId);
};

/** Tells a person again of an incident that waits for one, or cannot finish. @param request `nth` counts from 1 */
export const remindIncident = async (
  pool: DatabasePool,
  { eventId, nth }: { readonly eventId: number; readonly nth: number },
): Promise<void> => {
  const view = await inspectIncident(pool, eventId);
  if (view.resolvedAt !== null) return;
  const left = view.actions.filter(({ status }) => status !== 'done').map(actionText);
  const wait = view.waitsForApproval ? ['an admin has to end it: `mastertrade breaker resolve`'] : [];
  await raiseIncidentAlert(pool, await loadEvent(pool, eventId), {
    what: `reminder/${nth}`,
    severity: 'critical',
    says: view.waitsForApproval ? 'it waits for approval' : `trading is still ${view.state}`,
    message: `${view.reason}. ${[...left, ...wait].join('; ') || 'All is done; what made it fire is not over'}.`,
  });
};
