import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type {
  ComputeActivities,
  LifecycleActivities,
  MarketActivities,
  VenueActivities,
} from '../contracts/activities.ts';
import type { GoalActivities } from '../contracts/goals.ts';
import type { BreakerActivities, IncidentActivities } from '../contracts/breaker.ts';
import type { PortfolioActivities } from '../contracts/portfolio.ts';
import type { ReconcileActivities } from '../contracts/reconciliation.ts';
import { taskQueues } from '../contracts/task-queues.ts';

/** Short database steps on a latency path: no hop through the server. */
export const database = proxyLocalActivities<LifecycleActivities>({
  startToCloseTimeout: '20 seconds',
  retry: { initialInterval: '200 milliseconds', maximumInterval: '10 seconds' },
});

/** A goal looks again later by itself: a database that is away for long must not fill its history with waiting. */
export const goals = proxyLocalActivities<GoalActivities>({
  startToCloseTimeout: '20 seconds',
  retry: { initialInterval: '500 milliseconds', maximumInterval: '20 seconds', maximumAttempts: 8 },
});

/** Venue calls heartbeat, so that a dead worker is noticed within seconds and not at the end of a long time-out. */
export const venue = proxyActivities<VenueActivities>({
  taskQueue: taskQueues.exchange,
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '5 seconds',
  retry: { initialInterval: '500 milliseconds', maximumInterval: '30 seconds' },
});

export const breaker = proxyLocalActivities<BreakerActivities>({
  startToCloseTimeout: '20 seconds',
  retry: { initialInterval: '200 milliseconds', maximumInterval: '10 seconds' },
});

/** A venue that does not answer holds up neither the other actions of an incident nor its end. */
export const incidents = proxyActivities<IncidentActivities>({
  taskQueue: taskQueues.exchange,
  startToCloseTimeout: '2 minutes',
  scheduleToCloseTimeout: '5 minutes',
  heartbeatTimeout: '5 seconds',
  retry: { initialInterval: '500 milliseconds', maximumInterval: '30 seconds' },
});

/** Reads a whole account: a venue that does not answer is left to the next run. */
export const reconcile = proxyActivities<ReconcileActivities>({
  taskQueue: taskQueues.exchange,
  startToCloseTimeout: '5 minutes',
  scheduleToCloseTimeout: '10 minutes',
  heartbeatTimeout: '5 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
});

/** Given up before the next one is due: figures of an hour ago are no figures of now. */
export const portfolio = proxyActivities<PortfolioActivities>({
  taskQueue: taskQueues.exchange,
  startToCloseTimeout: '5 minutes',
  scheduleToCloseTimeout: '30 minutes',
  heartbeatTimeout: '5 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});

export const market = proxyActivities<MarketActivities>({
  taskQueue: taskQueues.exchange,
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '500 milliseconds', maximumInterval: '30 seconds' },
});

export const backfill = proxyActivities<Pick<MarketActivities, 'backfillCandles'>>({
  taskQueue: taskQueues.exchange,
  startToCloseTimeout: '12 hours',
  heartbeatTimeout: '30 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});

export const compute = proxyActivities<ComputeActivities>({
  taskQueue: taskQueues.compute,
  startToCloseTimeout: '2 hours',
  heartbeatTimeout: '30 seconds',
  retry: { initialInterval: '1 second', maximumAttempts: 5 },
});
