import { type CommonQueryMethods, sql } from 'slonik';
import type { Environment } from '../../domain/orders/order.ts';
import { type EventMetadata, type EventRecord, eventsWhere } from './breaker/events.ts';
import { timestamp } from './pool.ts';

/** One event of the breaker. Times are epoch ms: `triggeredAt` and `resolvedAt` wall time, the others market time. */
export interface IncidentRecord
  extends
    Pick<
      EventRecord,
      'eventId' | 'trigger' | 'state' | 'reason' | 'threshold' | 'actual' | 'triggeredAt' | 'resolvedAt' | 'marketTime'
    >,
    Pick<EventRecord, 'coolDownUntil' | 'taken'>,
    Pick<EventMetadata, 'escalations' | 'resumed' | 'endedAt'> {}

const mostIncidents = 1_000;

/** The breaker's events of an environment that fired up to `to` (epoch ms), the newest first and a thousand at most. */
export const readIncidents = async (
  db: CommonQueryMethods,
  environment: Environment,
  to: number,
): Promise<readonly IncidentRecord[]> => {
  const events = await eventsWhere(
    db,
    sql.fragment`environment = ${environment} AND triggered_at <= ${timestamp(to)}`,
    mostIncidents,
  );
  return events.map(({ metadata: { escalations, resumed, endedAt }, ...event }) => ({
    ...event,
    escalations,
    resumed,
    endedAt,
  }));
};
