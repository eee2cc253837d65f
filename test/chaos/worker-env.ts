import { taskQueues } from '../../src/contracts/task-queues.ts';

/** What a worker gets that trades live on the simulator's stepped clock, on top of this process's environment. */
export const workerEnv = (to: {
  readonly temporalAddress: string;
  readonly namespace: string;
  readonly databaseUrl: string;
  readonly simulator: { readonly url: string; readonly apiKey: string; readonly secret: string };
  readonly bundlePath: string;
  /** How long an order that the venue does not show is asked about, ms of venue time. */
  readonly horizonMs: number;
}): Readonly<Record<string, string>> => ({
  TEMPORAL_ADDRESS: to.temporalAddress,
  TEMPORAL_NAMESPACE: to.namespace,
  MASTERTRADE_TEMPORAL_ADDRESS: '',
  DATABASE_URL: to.databaseUrl,
  MASTERTRADE_SIMULATOR_URL: to.simulator.url,
  MASTERTRADE_SIMULATOR_API_KEY: to.simulator.apiKey,
  MASTERTRADE_SIMULATOR_API_SECRET: to.simulator.secret,
  MASTERTRADE_EXCHANGE: 'simulator',
  MASTERTRADE_CLOCK: 'stepped',
  MASTERTRADE_ORDER_WATCH_MS: '200',
  MASTERTRADE_ORDER_HORIZON_MS: String(to.horizonMs),
  MASTERTRADE_WORKFLOW_BUNDLE: to.bundlePath,
  MASTERTRADE_TASK_QUEUES: `${taskQueues.orchestration},${taskQueues.exchange}`,
  MASTERTRADE_LOG_LEVEL: 'error',
});
