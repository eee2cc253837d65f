import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { searchAttributes } from '../../src/contracts/search-attributes.ts';
import { freePort } from '../../src/stack/ports.ts';
import { type RunningPostgres, startPostgres } from '../../src/stack/postgres.ts';
import { findTemporalBinary } from '../../src/stack/temporal-binary.ts';
import { type RunningTemporalServer, startTemporalServer } from '../../src/stack/temporal-server.ts';

/** The servers of a chaos run: each can be killed, and comes back at the same address with what it had kept. */
export interface Desk {
  readonly postgresUrl: string;
  readonly temporalAddress: string;
  /** SIGKILL, then `downMs` of nothing, then a new process on the same files. */
  readonly killPostgres: (downMs: number) => Promise<void>;
  readonly killTemporal: (downMs: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

const quiet = (): void => undefined;
/** The processes of a killed PostgreSQL hold its shared memory for a moment. */
const restartWithinMs = 20_000;

const untilStarted = async <T>(start: () => Promise<T>): Promise<T> => {
  const deadline = Date.now() + restartWithinMs;
  for (;;) {
    try {
      return await start();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(200);
    }
  }
};

export const createDesk = async (): Promise<Desk> => {
  const folder = await mkdtemp(join(tmpdir(), 'mastertrade-chaos-'));
  const postgresPort = await freePort();
  const temporalPort = await freePort();
  const binary = await findTemporalBinary({ log: (line) => void process.stderr.write(`${line}\n`) });
  const openPostgres = (): Promise<RunningPostgres> =>
    startPostgres({ dataDir: join(folder, 'postgres'), port: postgresPort, durable: true, log: quiet });
  const openTemporal = (): Promise<RunningTemporalServer> =>
    startTemporalServer({
      binary,
      port: temporalPort,
      dbFile: join(folder, 'temporal.db'),
      uiPort: null,
      searchAttributes,
      log: quiet,
    });
  let postgres = await openPostgres();
  let temporal = await openTemporal();
  return {
    postgresUrl: postgres.url,
    temporalAddress: temporal.address,
    killPostgres: async (downMs) => {
      postgres.child.kill('SIGKILL');
      await postgres.child.exited;
      await sleep(downMs);
      postgres = await untilStarted(openPostgres);
    },
    killTemporal: async (downMs) => {
      temporal.child.kill('SIGKILL');
      await temporal.child.exited;
      await sleep(downMs);
      temporal = await untilStarted(openTemporal);
    },
    close: async () => {
      await temporal.stop();
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/** A key of the simulator that nothing else knows. */
export const newCredentials = (): { readonly apiKey: string; readonly secret: string } => ({
  apiKey: randomUUID(),
  secret: randomUUID(),
});
