import { readFile } from 'node:fs/promises';
import { Client, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { DatabasePool } from 'slonik';
import { inject } from 'vitest';
import { createDatabasePool } from '../../src/adapters/postgres/pool.ts';
import { loadConfig } from '../../src/config.ts';
import { taskQueues } from '../../src/contracts/task-queues.ts';
import type { Candle } from '../../src/domain/market/candle.ts';
import type { Interval } from '../../src/domain/market/interval.ts';
import { startSimulator, type SimulatorOptions } from '../../src/simulator/server.ts';
import { createWorkerParts } from '../../src/worker.ts';
import { createTestDatabase } from './database.ts';
import './quiet-runtime.ts';

export const symbol = 'BTCUSDT';
export const exchange = 'simulator';
const credentials = { apiKey: 'test-key', secret: 'test-secret' };

export interface MachineOptions extends Pick<SimulatorOptions, 'rules'> {
  readonly candles: readonly Candle[];
  readonly interval: Interval;
  /** Where the exchange's clock stands at first, epoch ms. */
  readonly now: number;
  /** Opening balances on the exchange; default 10000 USDT. */
  readonly balances?: Readonly<Record<string, string>>;
}

/** What the workers of a test machine are connected with. */
export type TemporalSide = Pick<TestWorkflowEnvironment, 'client' | 'nativeConnection'>;

/** Database, exchange and workers of one test file, joined as `worker.ts` joins them. */
export interface TestMachine {
  readonly pool: DatabasePool;
  /** Waiting for a result by it skips no time. */
  readonly client: Client;
  /** The simulator's admin interface. */
  readonly admin: <Answer>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown) => Promise<Answer>;
  readonly moveClock: (to: number) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** The admin interface of a simulator at `url`. @throws TypeError with its answer where it refuses */
export const adminOf =
  (url: string): TestMachine['admin'] =>
  async <Answer>(method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(`${url}/admin/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw new TypeError(JSON.stringify(answer));
    return answer as Answer;
  };

/** Starts workers on every queue with the real activities; the bundle is the run's. */
export const startWorkers = async (
  { client, nativeConnection }: TemporalSide,
  activitiesByQueue: Awaited<ReturnType<typeof createWorkerParts>>['activitiesByQueue'],
  bundlePath: string,
): Promise<() => Promise<void>> => {
  const code = await readFile(bundlePath, 'utf8');
  const workers = await Promise.all(
    Object.entries(activitiesByQueue).map(([taskQueue, options]) =>
      Worker.create({
        connection: nativeConnection,
        namespace: client.options.namespace,
        identity: 'test-worker',
        taskQueue,
        ...options,
        ...(taskQueue === taskQueues.orchestration ? { workflowBundle: { code } } : {}),
      }),
    ),
  );
  const running = Promise.all(workers.map((worker) => worker.run()));
  return async () => {
    for (const worker of workers) worker.shutdown();
    await running;
  };
};

/** A machine on a database of its own and a replayed market whose clock only `moveClock` moves. */
export const startTestMachine = async (temporal: TemporalSide, options: MachineOptions): Promise<TestMachine> => {
  const { candles, interval, now, balances, rules } = options;
  const {
    connection,
    options: { namespace },
  } = temporal.client;
  const client = new Client({ connection, namespace, identity: 'test-client' });
  const cleanUps: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
  };
  try {
    const database = await createTestDatabase();
    cleanUps.push(database.drop);
    const simulator = await startSimulator({
      ...credentials,
      clock: 'stepped',
      start: now,
      markets: [{ symbol, base: 'BTC', quote: 'USDT', interval, candles }],
      ...(balances && { balances }),
      ...(rules && { rules }),
    });
    cleanUps.push(() => simulator.close());
    const pool = await createDatabasePool(database.url);
    cleanUps.push(() => pool.end());
    const config = loadConfig({
      DATABASE_URL: database.url,
      MASTERTRADE_HOME: '/nonexistent',
      MASTERTRADE_SIMULATOR_URL: simulator.url,
      MASTERTRADE_SIMULATOR_API_KEY: credentials.apiKey,
      MASTERTRADE_SIMULATOR_API_SECRET: credentials.secret,
      MASTERTRADE_CLOCK: 'stepped',
      MASTERTRADE_SNAPSHOT_MS: '0',
    });
    const parts = await createWorkerParts(config, database.url);
    cleanUps.push(parts.close);
    cleanUps.push(await startWorkers(temporal, parts.activitiesByQueue, inject('workflowBundlePath')));
    const admin = adminOf(simulator.url);
    return { pool, client, admin, stop, moveClock: async (to) => void (await admin('POST', 'clock', { to })) };
  } catch (error) {
    await stop();
    throw error;
  }
};

/**
 * The named refusal that an update ends with.
 * @throws TypeError where it did not end with one.
 */
export const refusalOf = async (update: Promise<unknown>): Promise<ApplicationFailure> => {
  let answer: unknown;
  try {
    answer = await update;
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure) return error.cause;
    throw error;
  }
  throw new TypeError(`the update was not refused, it answered ${JSON.stringify(answer)}`);
};

/** How updates that were asked for at once ended: answers and refusals, each in the order they were asked for. */
export const settledUpdates = async <Answer>(
  updates: readonly Promise<Answer>[],
): Promise<{ readonly answers: readonly Answer[]; readonly refusals: readonly ApplicationFailure[] }> => {
  const settled = await Promise.allSettled(updates);
  const refused = updates.filter((_, i) => settled[i]?.status === 'rejected');
  return {
    answers: settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])),
    refusals: await Promise.all(refused.map(refusalOf)),
  };
};
