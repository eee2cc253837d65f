import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import type { IncidentView } from '../../../contracts/breaker.ts';
import { isCooledDown } from '../../../domain/breaker/cool-down.ts';
import { isCalm, reaches } from '../../../domain/breaker/judge.ts';
import type { Environment } from '../../../domain/orders/order.ts';
import { type EventRecord, eventsWhere, loadEvent, volatilityPolicy } from './events.ts';
import { readClock } from './facts.ts';
import { breakerHolder } from './holds.ts';
import { readPolicy } from './policies.ts';
import { readVolatility } from './volatility-facts.ts';

/** Under where it ends by what it fired by, and not up to where it would fire again by what holds now. */
const isCalmAgain = async (db: CommonQueryMethods, event: EventRecord): Promise<boolean> => {
  const policy = volatilityPolicy(event);
  if (!policy) return false;
  const { value } = await readVolatility(db, event.environment, policy);
  const { volatilitySpike: current } = await readPolicy(db, event.environment);
  return isCalm(policy, value) && !(current && reaches(value, current.threshold));
};

/** Whether what made an event fire is over; never by hand. @param now wall time, epoch ms */
export const isOver = async (db: CommonQueryMethods, event: EventRecord, now: number): Promise<boolean> => {
  const { trigger, coolDownUntil: until, marketTime: firedAt, triggeredAt, environment } = event;
  if (trigger === 'manual') return false;
  if (event.resolvedAt !== null) return true;
  if (trigger === 'volatility_spike') return await isCalmAgain(db, event);
  return until !== null && isCooledDown({ firedAt, until, triggeredAt }, await readClock(db, environment, now));
};

export const isAllDone = ({ taken }: EventRecord): boolean => taken.every(({ status }) => status === 'done');

const strategiesOf = async (db: CommonQueryMethods, event: EventRecord): Promise<readonly string[]> =>
  event.resolvedAt === null
    ? await db.anyFirst(sql.type(z.object({ id: z.string() }))`
        SELECT strategy_id AS id FROM strategy_holds WHERE holder = ${breakerHolder(event.eventId)} ORDER BY strategy_id`)
    : event.metadata.resumed;

/** An event as everybody sees it. @param now wall time, epoch ms */
export const viewOf = async (db: CommonQueryMethods, event: EventRecord, now: number): Promise<IncidentView> => {
  const over = await isOver(db, event, now);
  const isWaiting = event.resolvedAt === null && over && isAllDone(event);
  return {
    eventId: event.eventId,
    environment: event.environment,
    trigger: event.trigger,
    state: event.state,
    reason: event.reason,
    threshold: event.threshold,
    actual: event.actual,
    triggeredAt: event.triggeredAt,
    resolvedAt: event.resolvedAt,
    actions: event.taken,
    marketTime: event.marketTime,
    coolDownUntil: event.coolDownUntil,
    isOver: over,
    waitsForApproval: isWaiting && (event.response?.requiresApproval ?? false),
    remindHours: event.metadata.remindHours,
    strategies: await strategiesOf(db, event),
    escalations: event.metadata.escalations,
  };
};

/** @param now wall time, epoch ms @throws DomainError `NotFound` */
export const inspectIncident = async (
  db: CommonQueryMethods,
  eventId: number,
  now: number = Date.now(),
): Promise<IncidentView> => await viewOf(db, await loadEvent(db, eventId), now);

/** Events, newest first. */
export const listIncidents = async (
  db: CommonQueryMethods,
  where: { readonly environment?: Environment; readonly isOpen?: boolean; readonly limit: number },
): Promise<readonly IncidentView[]> => {
  const { environment, isOpen, limit } = where;
  const events = await eventsWhere(
    db,
    sql.fragment`${environment === undefined ? sql.fragment`true` : sql.fragment`environment = ${environment}`}
      ${isOpen === undefined ? sql.fragment`` : sql.fragment`AND (resolved_at IS NULL) = ${isOpen}`}`,
    limit,
  );
  const views: IncidentView[] = [];
  for (const event of events) views.push(await viewOf(db, event, Date.now()));
  return views;
};
