import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { DomainError } from '../domain/errors.ts';
import { startChild, type Child, type LineLog } from './child.ts';
import { claimPort, freePort } from './ports.ts';
import { ensureSearchAttributes, type SearchAttributes } from './search-attributes.ts';

export type TemporalServerOptions = Readonly<{
  /** Path of the Temporal CLI. */
  binary: string;
  /** SQLite file that keeps the state; left out, everything is in memory. */
  dbFile?: string;
  /** gRPC port; a free one is found where it is left out. */
  port?: number;
  /** Web UI port; null: no Web UI; left out: a free one. */
  uiPort?: number | null;
  /** Custom search attributes to register, name to type. */
  searchAttributes: SearchAttributes;
  log: LineLog;
}>;

export type RunningTemporalServer = Readonly<{
  /** host:port of the frontend. */
  address: string;
  uiUrl: string | null;
  pid: number;
  child: Child;
  stop(): Promise<void>;
}>;

const host = '127.0.0.1';
const namespace = 'default';
const startTimeoutMs = 60_000;

/** Measured: the dev server polls its queues 20 times a second as it comes; raised, every hop waits 1 ms, not 50. */
const fastSettings = [
  'history.transferProcessorMaxPollRPS=5000',
  'history.timerProcessorMaxPollRPS=5000',
  'history.visibilityProcessorMaxPollRPS=5000',
  'system.enableActivityEagerExecution=true',
];

const serverArguments = async (
  options: TemporalServerOptions,
  port: number,
  uiPort: number | null,
): Promise<string[]> => {
  const attributes = Object.entries(options.searchAttributes).map(([name, type]) => `${name}=${type}`);
  const fileArguments = options.dbFile
    ? ['--db-filename', options.dbFile, '--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL']
    : [];
  return [
    'server',
    'start-dev',
    `--ip=${host}`,
    `--port=${port}`,
    `--http-port=${await freePort()}`,
    `--metrics-port=${await freePort()}`,
    '--log-level=warn',
    ...(uiPort === null ? ['--headless'] : [`--ui-port=${uiPort}`]),
    ...fileArguments,
    ...fastSettings.flatMap((setting) => ['--dynamic-config-value', setting]),
    ...attributes.flatMap((attribute) => ['--search-attribute', attribute]),
  ];
};

const untilServing = async (address: string, attributes: SearchAttributes): Promise<void> => {
  const connection = await Connection.connect({ address, connectTimeout: 2_000 });
  try {
    await connection.withDeadline(Date.now() + 20_000, async () => {
      await connection.workflowService.describeNamespace({ namespace });
      await ensureSearchAttributes(connection, namespace, attributes);
    });
  } finally {
    await connection.close();
  }
};

const waitUntilServing = async (address: string, child: Child, attributes: SearchAttributes): Promise<void> => {
  const deadline = Date.now() + startTimeoutMs;
  let lastError: unknown;
  while (child.running() && Date.now() < deadline) {
    try {
      return await untilServing(address, attributes);
    } catch (error) {
      lastError = error;
    }
    await sleep(50);
  }
  await child.stop();
  throw new DomainError(
    'TemporalUnreachable',
    `The Temporal server did not start. It said: ${child.lastLines().join(' | ')}`,
    {
      next: 'Read the log in the state folder; set TEMPORAL_ADDRESS to use a Temporal server you have.',
      cause: lastError,
    },
  );
};

const startOnce = async (options: TemporalServerOptions): Promise<RunningTemporalServer> => {
  const port = await claimPort(options.port, 'the Temporal server');
  const uiPort = options.uiPort === null ? null : await claimPort(options.uiPort, 'the Temporal Web UI');
  const child = await startChild({
    name: 'temporal',
    command: options.binary,
    args: await serverArguments(options, port, uiPort),
    env: { ...process.env, TEMPORAL_ADDRESS: '', TEMPORAL_PROFILE: '' },
    log: options.log,
  });
  const address = `${host}:${port}`;
  await waitUntilServing(address, child, options.searchAttributes);
  return {
    address,
    uiUrl: uiPort === null ? null : `http://${host}:${uiPort}`,
    pid: child.pid,
    child,
    stop: () => child.stop(),
  };
};

/**
 * Starts a Temporal dev server on loopback and returns when its frontend answers and the search attributes are known.
 * The server takes some internal ports of its own; when another program was quicker, the start is tried once more.
 * @throws DomainError PortTaken, or TemporalUnreachable with the server's last lines.
 */
export const startTemporalServer = async (options: TemporalServerOptions): Promise<RunningTemporalServer> => {
  try {
    return await startOnce(options);
  } catch (error) {
    if (error instanceof Error && error.message.includes('address already in use')) return startOnce(options);
    throw error;
  }
};
