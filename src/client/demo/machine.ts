import { join } from 'node:path';
import type { DatabasePool } from 'slonik';
import { migrate } from '../../adapters/postgres/migrate.ts';
import { createDatabasePool } from '../../adapters/postgres/pool.ts';
import { loadConfig } from '../../config.ts';
import { searchAttributes } from '../../contracts/search-attributes.ts';
import { DomainError } from '../../domain/errors.ts';
import { openLogFile } from '../../stack/log-files.ts';
import type { SimulatedMarket } from '../../stack/simulator-process.ts';
import { startStack, type Stack } from '../../stack/stack.ts';
import { spawnWorker, type WorkerProcess } from '../../stack/worker-process.ts';
import { createTradingClient, type TradingClient } from '../typed-client.ts';
import { createSimulatorAdmin, type SimulatorAdmin } from './simulator-admin.ts';

/** Everything the demo runs on: the embedded stack, one worker that can be killed, and clients of them. */
export interface DemoMachine {
  readonly pool: DatabasePool;
  readonly trading: TradingClient;
  readonly simulator: SimulatorAdmin;
  readonly uiUrl: string;
  /** Aborted when the demo is to end early: what is under way stops at its next step. */
  readonly ending: AbortSignal;
  /** Rejects when a part of the stack dies on its own. */
  readonly failed: Promise<never>;
  /** SIGKILL, in the middle of whatever the worker does. Returns its process id. */
  readonly killWorker: () => Promise<number>;
  /** A new worker; returns its process id. */
  readonly startWorker: () => Promise<number>;
  /** Ends everything in order. Safe to call again. */
  readonly stop: () => Promise<void>;
}

const failureOf = async (stack: Stack): Promise<never> => {
  const end = await stack.ended;
  if (end.reason === 'stopped') return new Promise<never>(() => undefined);
  throw new DomainError('StackNotRunning', `the demo's ${end.part} died: ${end.lastLines.slice(-3).join(' | ')}`, {
    next: 'run the demo again; where it dies again, its last lines say why',
    details: { part: end.part },
  });
};

/** The worker's own settings; the stack names its addresses. */
const workerEnvironment = {
  MASTERTRADE_EXCHANGE: 'simulator',
  MASTERTRADE_LIVE_VENUE: 'simulator',
  MASTERTRADE_LIVE: 'on',
  MASTERTRADE_LOG_LEVEL: 'warn',
};

/**
 * Starts the demo's own stack in `home` and a worker.
 * @throws DomainError as `startStack` does; nothing is left running then.
 */
export const startMachine = async (
  home: string,
  market: SimulatedMarket,
  ending: AbortSignal,
  log: (line: string) => void,
): Promise<DemoMachine> => {
  const stack = await startStack({
    home,
    migrate: async (url) => void (await migrate(url)),
    searchAttributes,
    market,
    durable: true,
    log,
  });
  const closers: (() => Promise<void>)[] = [() => stack.stop()];
  const stop = async (): Promise<void> => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
  };
  try {
    const { databaseUrl, temporal, simulator } = stack.addresses;
    const environment = { ...stack.environment, ...workerEnvironment };
    const pool = await createDatabasePool(databaseUrl ?? '', { max: 4 });
    closers.push(() => pool.end());
    const trading = await createTradingClient({ config: loadConfig({}, environment) });
    closers.push(() => trading.close());

    const workerLog = await openLogFile(join(home, 'logs'), 'worker');
    const startWorker = (): Promise<WorkerProcess> => spawnWorker(environment, workerLog.log);
    let worker = await startWorker();
    log(`A worker polls its task queues (process ${worker.pid}).`);
    closers.push(async () => {
      await worker.stop();
      await workerLog.close();
    });
    const failed = failureOf(stack);
    failed.catch(() => undefined);
    return {
      pool,
      trading,
      simulator: createSimulatorAdmin(simulator?.url ?? ''),
      uiUrl: temporal?.uiUrl ?? '',
      ending,
      failed,
      killWorker: async () => {
        await worker.kill('SIGKILL');
        return worker.pid;
      },
      startWorker: async () => {
        worker = await startWorker();
        return worker.pid;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
};
