import type { DatabasePool } from 'slonik';
import { type DeskOrder, incidentOrders } from '../adapters/postgres/at-work.ts';
import { inspectIncident } from '../adapters/postgres/breaker/incident.ts';
import { incidentAudit, namedStrategies } from '../adapters/postgres/incident-trail.ts';
import { marketTimeOf } from '../adapters/postgres/portfolio/market-time.ts';
import type { IncidentView } from '../contracts/breaker.ts';
import { incidentWorkflowId } from '../contracts/workflow-ids.ts';
import { readBreaker, shownDesk } from './breaker-desk.ts';
import { endingCommand, waitsFor } from './breaker-text.ts';
import { eventEnded } from './event-ended.ts';
import { utc } from './output.ts';
import { shownIncident } from './shown-incident.ts';

/** @throws DomainError `NotFound`, `IllegalTransition` where it has ended */
export const openIncident = async (pool: DatabasePool, eventId: number): Promise<IncidentView> => {
  const event = await inspectIncident(pool, eventId);
  if (event.resolvedAt === null) return event;
  throw eventEnded(eventId, `at ${utc(event.resolvedAt)}`);
};

const shownOrder = ({ updatedAt, ...order }: DeskOrder) => ({ ...order, updatedAt: utc(updatedAt) });

/** All that is kept about an event. @throws DomainError `NotFound` */
export const incidentRecord = async (pool: DatabasePool, eventId: number) => {
  const view = await inspectIncident(pool, eventId);
  const marketNow = await marketTimeOf(pool, view.environment);
  const strategies = await namedStrategies(pool, view.strategies);
  const orders = await incidentOrders(pool, eventId);
  const audit = await incidentAudit(pool, eventId);
  return {
    ...shownIncident(view),
    strategies,
    marketNow: utc(marketNow),
    waitsFor: waitsFor(view, marketNow),
    endedBy: view.resolvedAt === null ? endingCommand(view) : null,
    workflowId: incidentWorkflowId(view.environment, view.trigger, eventId),
    orders: orders.map(shownOrder),
    audit: audit.map(({ at, ...row }) => ({ ...row, at: utc(at) })),
  };
};

export type IncidentRecord = Awaited<ReturnType<typeof incidentRecord>>;

/** What the end of an event has brought: who goes on, and what still keeps trading stopped. */
export const endedRecord = async (pool: DatabasePool, ended: IncidentView) => {
  const { environment, eventId, trigger, strategies } = ended;
  const now = shownDesk(await readBreaker(pool, environment));
  return {
    environment,
    eventId,
    trigger,
    state: now.state,
    resumed: await namedStrategies(pool, strategies),
    stoppedBy: now.open,
  };
};

export type EndedRecord = Awaited<ReturnType<typeof endedRecord>>;
