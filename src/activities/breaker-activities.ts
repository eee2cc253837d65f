import type { Store } from '../adapters/postgres/store.ts';
import type { BreakerActivities } from '../contracts/breaker.ts';
import { withMappedFailures } from './failures.ts';

/** A breaker's database work. Each step is idempotent by the event's row. */
export const createBreakerActivities = ({ breaker }: Pick<Store, 'breaker'>): BreakerActivities =>
  withMappedFailures<BreakerActivities>({
    evaluateBreaker: (environment) => breaker.evaluateBreaker({ environment, now: Date.now() }),
    inspectIncident: (eventId) => breaker.inspectIncident(eventId),
    pauseTrading: (eventId) => breaker.pauseTrading(eventId),
    notifyIncident: (eventId) => breaker.notifyIncident(eventId),
    recordWaiting: ({ eventId, action, outcome }) =>
      breaker.recordAction(eventId, { action, status: 'waiting', outcome }),
    resolveIncident: (request) => breaker.resolveIncident(request),
    remindIncident: (request) => breaker.remindIncident(request),
  });
