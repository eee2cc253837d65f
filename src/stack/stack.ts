import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DomainError } from '../domain/errors.ts';
import type { ChildExit, LineLog } from './child.ts';
import type { ExternalParts } from './external-parts.ts';
import { prepareExternalTemporal } from './external-temporal.ts';
import { takeLock } from './folder-lock.ts';
import { layoutOf, type Layout } from './layout.ts';
import { startPostgres } from './postgres.ts';
import { createRoster, type Roster } from './roster.ts';
import type { SearchAttributes } from './search-attributes.ts';
import { startSimulator, type SimulatedMarket } from './simulator-process.ts';
import { choosePorts, type StackPorts } from './stack-ports.ts';
import { endLeftovers, writeJson, type StackFile, type StackProcess } from './state-files.ts';
import { findTemporalBinary } from './temporal-binary.ts';
import { startTemporalServer } from './temporal-server.ts';
import { spawnWorker } from './worker-process.ts';

export type StackOptions = Readonly<{
  /** The state folder; created where missing. */
  home: string;
  /** Brings the database at that address up to date. Runs before anything uses it, external or embedded. */
  migrate: (databaseUrl: string) => Promise<void>;
  searchAttributes: SearchAttributes;
  /** What exists already; see externalParts(). Default: nothing. */
  external?: ExternalParts;
  /** Ports to use; those left out stay what they were at the last start, or are found free. */
  ports?: StackPorts;
  market?: SimulatedMarket;
  /** Starts a worker too. Default false. */
  worker?: boolean;
  /** Further environment variables for the worker. */
  workerEnv?: Readonly<Record<string, string>>;
  /** False gives up durability of the database for speed: for tests only. */
  durable?: boolean;
  /** Says in a line what has started or what is going on. */
  log: LineLog;
}>;

/** How the stack came to its end: as asked, or because a part died on its own. */
export type StackEnd =
  | Readonly<{ reason: 'stopped' }>
  | Readonly<{ reason: 'died'; part: string; exit: ChildExit; lastLines: readonly string[]; logFile: string }>;

export type Stack = Readonly<{
  home: string;
  /** Addresses of the embedded parts; null where the configuration names the part. */
  addresses: Pick<StackFile, 'databaseUrl' | 'temporal' | 'simulator'>;
  processes: readonly StackProcess[];
  /** What a worker or a client of this stack needs on top of the environment. Holds secrets. */
  environment: Readonly<Record<string, string>>;
  /** Settles when everything has ended. */
  ended: Promise<StackEnd>;
  /** Ends the parts in order: worker, simulator, Temporal, PostgreSQL. Safe to call again. */
  stop(): Promise<void>;
}>;

const claimHome = async (home: string): Promise<Layout> => {
  const layout = layoutOf(resolve(home));
  await mkdir(layout.home, { recursive: true, mode: 0o700 });
  const lock = await takeLock(layout.lockFile);
  if (lock.taken) return layout;
  const { pid } = lock.holder;
  throw new DomainError(
    'StackAlreadyRunning',
    `A stack with its state in ${layout.home} runs already (process ${pid}).`,
    {
      next: `Stop it with mastertrade down, or kill -TERM ${pid}, or set MASTERTRADE_HOME to another folder.`,
      details: { home: layout.home, pid },
    },
  );
};

const startDatabase = async (roster: Roster, layout: Layout, options: StackOptions, port: number): Promise<string> => {
  const log = await roster.openLog('postgres');
  const postgres = await startPostgres({ dataDir: layout.postgresData, port, log, durable: options.durable ?? true });
  await roster.add({ ...postgres.child, name: 'postgres' });
  options.log(`PostgreSQL answers at 127.0.0.1:${port}.`);
  return postgres.url;
};

const startTemporal = async (
  roster: Roster,
  layout: Layout,
  options: StackOptions,
  ports: Required<StackPorts>,
): Promise<NonNullable<StackFile['temporal']>> => {
  const binary = await findTemporalBinary({ log: options.log });
  await mkdir(layout.temporalFolder, { recursive: true, mode: 0o700 });
  const { address, uiUrl, child } = await startTemporalServer({
    binary,
    dbFile: layout.temporalDatabase,
    port: ports.temporal,
    uiPort: ports.temporalUi,
    searchAttributes: options.searchAttributes,
    log: await roster.openLog('temporal'),
  });
  await roster.add({ ...child, name: 'temporal' });
  options.log(`Temporal answers at ${address}, its Web UI at ${uiUrl}.`);
  return { address, uiUrl };
};

const startExchange = async (
  roster: Roster,
  layout: Layout,
  options: StackOptions,
  port: number,
): Promise<NonNullable<StackFile['simulator']>> => {
  const log = await roster.openLog('simulator');
  const { child, url, key } = await startSimulator({ layout, port, market: options.market ?? {}, log });
  await roster.add({ ...child, name: 'simulator' });
  options.log(`The exchange simulator answers at ${url}.`);
  return { url, ...key };
};

const environmentOf = (layout: Layout, addresses: Stack['addresses'], market: SimulatedMarket | undefined) => ({
  MASTERTRADE_HOME: layout.home,
  ...(market?.clock && { MASTERTRADE_CLOCK: market.clock }),
  ...(addresses.databaseUrl !== null && { DATABASE_URL: addresses.databaseUrl }),
  ...(addresses.temporal && { MASTERTRADE_TEMPORAL_ADDRESS: addresses.temporal.address }),
  ...(addresses.simulator && {
    MASTERTRADE_SIMULATOR_URL: addresses.simulator.url,
    MASTERTRADE_SIMULATOR_API_KEY: addresses.simulator.apiKey,
    MASTERTRADE_SIMULATOR_API_SECRET: addresses.simulator.apiSecret,
  }),
});

const startParts = async (roster: Roster, layout: Layout, options: StackOptions): Promise<Stack['addresses']> => {
  const external = options.external ?? {};
  const embedded = {
    postgres: external.databaseUrl === undefined,
    temporal: external.temporal === undefined,
    simulator: external.exchange === undefined,
  };
  if (external.temporal) await prepareExternalTemporal(external.temporal, options.searchAttributes);
  const ports = await choosePorts(layout.portsFile, options.ports ?? {}, embedded);
  const database = async (): Promise<string | null> => {
    const url = external.databaseUrl ?? (await startDatabase(roster, layout, options, ports.postgres));
    await options.migrate(url);
    return external.databaseUrl === undefined ? url : null;
  };
  const work = [
    database(),
    embedded.temporal ? startTemporal(roster, layout, options, ports) : Promise.resolve(null),
    embedded.simulator ? startExchange(roster, layout, options, ports.simulator) : Promise.resolve(null),
  ] as const;
  await Promise.allSettled(work);
  const [databaseUrl, temporal, simulator] = await Promise.all(work);
  return { databaseUrl, temporal, simulator };
};

/**
 * Starts what the configuration does not name: PostgreSQL (migrated), a Temporal server with Web UI, the exchange
 * simulator and, when asked, a worker. All state is in one folder and outlives the stack. This process becomes the
 * supervisor: whatever ends it, its children end too.
 * @throws DomainError StackAlreadyRunning, PortTaken, BinaryMissing, DatabaseUnreachable, TemporalUnreachable,
 *   StackNotRunning (a part that did not start). Nothing is left running then.
 */
export const startStack = async (options: StackOptions): Promise<Stack> => {
  const layout = await claimHome(options.home);
  const roster = createRoster(layout);
  try {
    await endLeftovers(layout);
    const addresses = await startParts(roster, layout, options);
    const environment = { ...environmentOf(layout, addresses, options.market), ...options.workerEnv };
    if (options.worker) {
      const worker = await spawnWorker(environment, await roster.openLog('worker'));
      await roster.add({ ...worker, name: 'worker' });
      options.log(`A worker polls its task queues (process ${worker.pid}).`);
    }
    const readyAt = new Date().toISOString();
    await writeJson(layout.stackFile, { pid: process.pid, readyAt, ...addresses, processes: roster.processes() });
    return { home: layout.home, addresses, environment, processes: roster.processes(), ...superviseParts(roster) };
  } catch (error) {
    await roster.endAll();
    throw error;
  }
};

/** Waits for a part's own death, or for `stop`; ends the rest either way. */
const superviseParts = (roster: Roster): Pick<Stack, 'ended' | 'stop'> => {
  const cause = Promise.withResolvers<StackEnd>();
  for (const part of roster.parts) {
    void part.exited.then((exit) =>
      cause.resolve({
        reason: 'died',
        part: part.name,
        exit,
        lastLines: part.lastLines(),
        logFile: roster.logFileOf(part.name),
      }),
    );
  }
  const ended = cause.promise.then(async (end) => {
    await roster.endAll();
    return end;
  });
  return {
    ended,
    stop: async () => {
      cause.resolve({ reason: 'stopped' });
      await ended;
    },
  };
};
