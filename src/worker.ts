import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import {
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type LogMetadata,
  type WorkerOptions,
} from '@temporalio/worker';
import { type Logger, pino } from 'pino';
import { createBreakerActivities } from './activities/breaker-activities.ts';
import { createComputeActivities } from './activities/compute-activities.ts';
import { createGoalActivities } from './activities/goal-activities.ts';
import { createIncidentActivities } from './activities/incident-activities.ts';
import { createLifecycleActivities } from './activities/lifecycle-activities.ts';
import { createMarketActivities } from './activities/market-activities.ts';
import { createPortfolioActivities } from './activities/portfolio-activities.ts';
import { createReconcileActivities } from './activities/reconcile-activities.ts';
import { createVenueActivities } from './activities/venue-activities.ts';
import { watchAccounts } from './account-watch.ts';
import { recvWindowMs } from './adapters/exchange/ccxt-client.ts';
import { createDatabasePool } from './adapters/postgres/pool.ts';
import { createReconciliationStore } from './adapters/postgres/reconciliation-store.ts';
import { type Store, createStore } from './adapters/postgres/store.ts';
import { createComputePool } from './compute/pool.ts';
import { type Config, loadConfig } from './config.ts';
import type { SnapshotRequest } from './contracts/portfolio.ts';
import { taskQueues } from './contracts/task-queues.ts';
import type { Venue } from './contracts/venue.ts';
import { DomainError } from './domain/errors.ts';
import type { Goal } from './domain/goals/goal.ts';
import type { Environment } from './domain/orders/order.ts';
import { watchGoals } from './goal-watch.ts';
import { createVenues } from './venues.ts';

const workflowsPath = fileURLToPath(new URL('./workflows/index.ts', import.meta.url));
const shutdownGraceMs = 10_000;
/** How long a workflow waits for the worker that knows it, before any other may take it over. */
const stickyTimeoutMs = 3_000;

/** Temporal's own log lines go where ours go; stdout is left to whoever started the worker. */
const createLogger = (level: string): Logger => pino({ level, name: 'mastertrade-worker' }, pino.destination(2));

const routeTemporalLogs = (logger: Logger): void => {
  const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;
  const temporal = logger.child({ part: 'temporal' });
  Runtime.install({
    logger: new DefaultLogger(
      'WARN',
      ({ level, message, meta }: { level: keyof typeof levels; message: string; meta?: LogMetadata }) =>
        temporal[levels[level]](meta ?? {}, message),
    ),
    shutdownSignals: [],
  });
};

const required = (
  config: Config,
): { databaseUrl: string; connection: NonNullable<Config['temporal']['connection']> } => {
  const { databaseUrl } = config;
  const { connection } = config.temporal;
  if (databaseUrl === null || connection === null) {
    throw new DomainError(
      'StackNotRunning',
      `no ${databaseUrl === null ? 'database' : 'Temporal server'} is configured and no stack is running`,
      {
        next: 'start one with `mastertrade up`, or set DATABASE_URL and TEMPORAL_ADDRESS',
      },
    );
  }
  return { databaseUrl, connection };
};

/** What one task queue runs. */
export type QueueOptions = Pick<WorkerOptions, 'activities' | 'maxConcurrentActivityTaskExecutions'>;

export interface WorkerParts {
  readonly activitiesByQueue: Readonly<Record<string, QueueOptions>>;
  readonly listGoals: () => Promise<readonly Goal[]>;
  readonly close: () => Promise<void>;
}

/** What another composition root puts between the worker and its ports, or around its tasks. */
export interface WorkerHooks {
  readonly wrapStore?: (store: Store) => Store;
  readonly wrapVenue?: (venue: Venue) => Venue;
  readonly workerOptions?: Pick<WorkerOptions, 'interceptors' | 'sinks'>;
}

/** Connects database and venues and gives each queue its activities. */
export const createWorkerParts = async (
  config: Config,
  databaseUrl: string,
  { wrapStore = (store) => store, wrapVenue = (venue) => venue }: WorkerHooks = {},
): Promise<WorkerParts> => {
  const pool = await createDatabasePool(databaseUrl);
  const store = wrapStore(createStore(pool, { caps: config.orders.caps }));
  const { marketData, checkLiveAccount, ...venues } = await createVenues(config, store);
  const venueFor = async (environment: Environment): Promise<Venue> => wrapVenue(await venues.venueFor(environment));
  const computePool = createComputePool();
  const marketOf = (symbol: string) => marketData.market(symbol);
  const syncing = { store, venueFor, recvWindowMs, horizonMs: config.orders.horizonMs };
  const venue = createVenueActivities({
    ...syncing,
    checkLiveAccount,
    marketFeed: { exchange: marketData.id, pace: config.clock },
    paperCapital: config.paper.capital,
    unprotectedLimitMs: config.orders.unprotectedLimitMs,
  });
  const portfolio = createPortfolioActivities({ store, marketData });
  const takeSnapshots = async (request: SnapshotRequest): Promise<void> => {
    await portfolio.snapshotPortfolio(request);
    await portfolio.snapshotRisk(request);
  };
  return {
    activitiesByQueue: {
      [taskQueues.orchestration]: {
        activities: {
          ...createLifecycleActivities({ store, marketOf }),
          ...createBreakerActivities(store),
          ...createGoalActivities({ store }),
        },
      },
      [taskQueues.exchange]: {
        activities: {
          ...venue,
          ...createIncidentActivities(syncing),
          ...createReconcileActivities({ store, reconciliation: createReconciliationStore(pool), venueFor }),
          ...portfolio,
          ...createMarketActivities({
            store,
            marketData,
            takeSnapshots: config.clock === 'stepped' && config.snapshots.everyMs !== null ? takeSnapshots : null,
            settlePaperOrder: (orderId) => venue.syncOrder(orderId),
          }),
        },
      },
      [taskQueues.compute]: {
        activities: createComputeActivities({ store, pool: computePool, marketOf }),
        maxConcurrentActivityTaskExecutions: computePool.size,
      },
    },
    listGoals: store.goals.list,
    close: async () => {
      await computePool.close();
      await pool.end();
    },
  };
};

/** Polls the configured queues until a signal ends it. */
export const runWorker = async (config: Config, hooks: WorkerHooks = {}): Promise<void> => {
  const logger = createLogger(config.log.level);
  routeTemporalLogs(logger);
  const { databaseUrl, connection: connectionOptions } = required(config);
  const connection = await NativeConnection.connect(connectionOptions);
  const parts = await createWorkerParts(config, databaseUrl, hooks);
  const { workflowBundlePath, identity, taskQueues: chosen } = config.worker;
  const queues = chosen ?? Object.keys(parts.activitiesByQueue);
  const workflows =
    workflowBundlePath === null
      ? { workflowsPath }
      : { workflowBundle: { code: await readFile(workflowBundlePath, 'utf8') } };
  const workers = await Promise.all(
    queues.map((taskQueue) =>
      Worker.create({
        connection,
        namespace: config.temporal.namespace,
        identity,
        taskQueue,
        shutdownGraceTime: shutdownGraceMs,
        stickyQueueScheduleToStartTimeout: stickyTimeoutMs,
        ...hooks.workerOptions,
        ...parts.activitiesByQueue[taskQueue],
        ...(taskQueue === taskQueues.orchestration ? workflows : {}),
      }),
    ),
  );

  const client = new Client({ connection, namespace: config.temporal.namespace });
  const watches = queues.includes(taskQueues.orchestration);
  const watch = watches ? await watchAccounts(config, client, logger) : null;
  if (watches) await watchGoals(client, parts.listGoals, logger);
  const stop = (): void => workers.forEach((worker) => worker.getState() === 'RUNNING' && worker.shutdown());
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const running = Promise.all(workers.map((worker) => worker.run()));
  process.stdout.write(`${JSON.stringify({ ready: true, queues, identity })}\n`);
  try {
    await running;
  } finally {
    await watch?.close();
    await parts.close();
    await connection.close();
  }
};

if (import.meta.main) {
  try {
    await runWorker(loadConfig());
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new TypeError(String(error));
    process.stderr.write(`${name}: ${message}${error instanceof DomainError ? `; ${error.next}` : ''}\n`);
    process.exitCode = 1;
  }
}
