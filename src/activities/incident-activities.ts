import type { Store } from '../adapters/postgres/store.ts';
import type { IncidentActivities, IncidentView } from '../contracts/breaker.ts';
import type { Venue } from '../contracts/venue.ts';
import type { BreakerAction } from '../domain/breaker/policy.ts';
import type { Environment } from '../domain/orders/order.ts';
import { createCancelEntries } from './cancel-entries.ts';
import { createClosePositions } from './close-positions.ts';
import { withMappedFailures } from './failures.ts';
import { heartbeating } from './heartbeat.ts';
import { type SyncDeps, createOrderSync } from './order-sync.ts';

export interface IncidentDeps extends SyncDeps {
  readonly store: Store;
  /** The venue of an environment. @throws DomainError `LiveTradingDisabled` */
  readonly venueFor: (environment: Environment) => Promise<Venue>;
}

const isLeft = ({ actions, resolvedAt }: IncidentView, action: BreakerAction): boolean =>
  resolvedAt === null && actions.some((taken) => taken.action === action && taken.status !== 'done');

export const createIncidentActivities = (deps: IncidentDeps): IncidentActivities => {
  const { store, venueFor } = deps;
  const sync = createOrderSync(deps);
  const cancelEntries = createCancelEntries({ store, sync });
  const closeAll = createClosePositions({ store, sync });

  const record = async (
    eventId: number,
    action: BreakerAction,
    { isDone, outcome }: { readonly isDone: boolean; readonly outcome: string },
  ): Promise<IncidentView> =>
    await store.breaker.recordAction(eventId, { action, status: isDone ? 'done' : 'waiting', outcome });

  return withMappedFailures<IncidentActivities>({
    cancelOrders: async (eventId) =>
      await heartbeating(async () => {
        const incident = await store.breaker.inspectIncident(eventId);
        if (incident.resolvedAt !== null) return { incident, ended: [] };
        const { ended, ...step } = await cancelEntries(() => venueFor(incident.environment), incident);
        return { incident: await record(eventId, 'cancel_orders', step), ended };
      }),

    closePositions: async ({ eventId, stranded }) =>
      await heartbeating(async () => {
        const incident = await store.breaker.inspectIncident(eventId);
        if (!isLeft(incident, 'close_positions')) return { incident, ended: [], exits: [] };
        const { ended, exits, ...step } = await closeAll(
          () => venueFor(incident.environment),
          incident,
          new Set(stranded),
        );
        return { incident: await record(eventId, 'close_positions', step), ended, exits };
      }),
  });
};
