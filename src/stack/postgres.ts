import { randomBytes } from 'node:crypto';
import { access, chmod, chown, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { DomainError } from '../domain/errors.ts';
import { runToEnd, startChild, type Child, type LineLog } from './child.ts';
import { claimPort } from './ports.ts';
import {
  canReach,
  postgresBinaries,
  postgresUser,
  type PostgresBinaries,
  type PostgresUser,
} from './postgres-binaries.ts';

export type PostgresOptions = Readonly<{
  /** PostgreSQL's data folder; created where missing. The password lies beside it, in `postgres.password`. */
  dataDir: string;
  /** Loopback port; a free one is found where it is left out. */
  port?: number;
  /** False gives up durability for speed: for tests only. */
  durable?: boolean;
  log: LineLog;
}>;

export type RunningPostgres = Readonly<{
  /** Connection string of the database `mastertrade`. Holds the password: never log it. */
  url: string;
  /** Connection string of the maintenance database `postgres`. Holds the password: never log it. */
  adminUrl: string;
  pid: number;
  port: number;
  child: Child;
  stop(): Promise<void>;
}>;

const database = 'mastertrade';
const owner = 'mastertrade';
const startTimeoutMs = 60_000;

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const readPassword = async (file: string, dataDirExists: boolean): Promise<string> => {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    if (dataDirExists) {
      throw new DomainError('BadInput', `The embedded PostgreSQL's password file ${file} is missing.`, {
        next: 'Restore the file from a backup, or move the data folder beside it away to begin anew.',
        cause,
      });
    }
    const password = randomBytes(24).toString('base64url');
    await writeFile(file, `${password}\n`, { mode: 0o600 });
    return password;
  }
};

const ancestorsBelow = (top: string, folder: string): string[] => {
  const parent = dirname(folder);
  return parent.startsWith(`${top}${sep}`) ? [...ancestorsBelow(top, parent), parent] : [];
};

/** As root, lets PostgreSQL's user pass through the state folder (not list it). */
const openParentTo = async (dataDir: string, user: PostgresUser | undefined): Promise<void> => {
  const parent = dirname(dataDir);
  await mkdir(parent, { recursive: true });
  if (user === undefined || canReach(parent, user)) return;
  // The state folder is ours, and so is what lies between it and the system's folder for temporary files.
  for (const folder of [...ancestorsBelow(tmpdir(), parent), parent]) {
    const { mode, uid } = await stat(folder);
    if (uid === process.getuid?.()) await chmod(folder, (mode & 0o7777) | 0o011);
  }
  if (canReach(parent, user)) return;
  throw new DomainError('BadInput', `PostgreSQL cannot run as root, and its user cannot enter ${parent}.`, {
    next: 'Set MASTERTRADE_HOME to a folder others may enter, such as /var/lib/mastertrade, or do not run as root.',
    details: { folder: parent },
  });
};

const initialise = async (
  dataDir: string,
  password: string,
  binaries: PostgresBinaries,
  user: PostgresUser | undefined,
  durable: boolean,
): Promise<void> => {
  const unfinished = `${dataDir}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  const secrets = await mkdtemp(join(dirname(dataDir), '.initdb-'));
  try {
    const passwordFile = join(secrets, 'password');
    await writeFile(passwordFile, password, { mode: 0o600 });
    if (user) for (const path of [unfinished, secrets, passwordFile]) await chown(path, user.uid, user.gid);
    const args = ['--encoding=UTF8', '--locale=C', '--auth=scram-sha-256', `--username=${owner}`];
    const { code, output } = await runToEnd({
      name: 'initdb',
      command: binaries.initdb,
      args: [...args, ...(durable ? [] : ['--no-sync']), `--pgdata=${unfinished}`, `--pwfile=${passwordFile}`],
      env: { ...process.env, LC_ALL: 'C' },
      cwd: '/',
      ...(user && { user }),
    });
    if (code !== 0) {
      throw new DomainError('DatabaseUnreachable', `PostgreSQL's initdb failed in ${dataDir}: ${output.slice(-600)}`, {
        next: 'Check the free space and the rights of that folder, or set DATABASE_URL to a PostgreSQL you have.',
      });
    }
    await rename(unfinished, dataDir);
  } finally {
    await rm(secrets, { recursive: true, force: true });
  }
};

const serverArguments = (dataDir: string, port: number, durable: boolean): string[] => {
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    'timezone=UTC',
    'log_timezone=UTC',
    ...(durable ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']),
  ];
  return ['-D', dataDir, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
};

const connectOnce = async (url: string): Promise<Client> => {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  await client.connect();
  return client;
};

const waitForServer = async (adminUrl: string, child: Child): Promise<Client> => {
  const deadline = Date.now() + startTimeoutMs;
  for (;;) {
    try {
      return await connectOnce(adminUrl);
    } catch (cause) {
      if (child.running() && Date.now() < deadline) {
        await sleep(50);
        continue;
      }
      await child.stop();
      throw new DomainError(
        'DatabaseUnreachable',
        `PostgreSQL did not start. It said: ${child.lastLines().join(' | ')}`,
        {
          next: 'Read the log in the state folder; set DATABASE_URL to use a PostgreSQL you have.',
          cause,
        },
      );
    }
  }
};

/**
 * Starts a real PostgreSQL 15 on loopback and makes sure that the database `mastertrade` exists. Data outlives the
 * process; a first start that breaks off leaves nothing half-made.
 * @throws DomainError PortTaken, BinaryMissing, BadInput (a folder PostgreSQL's user cannot enter) or
 *   DatabaseUnreachable (the server said no: its last lines are in the message).
 */
export const startPostgres = async (options: PostgresOptions): Promise<RunningPostgres> => {
  const dataDir = resolve(options.dataDir);
  const port = await claimPort(options.port, 'PostgreSQL');
  const user = postgresUser();
  const binaries = await postgresBinaries(user);
  await openParentTo(dataDir, user);
  const initialised = await exists(join(dataDir, 'PG_VERSION'));
  const password = await readPassword(join(dirname(dataDir), 'postgres.password'), initialised);
  if (!initialised) await initialise(dataDir, password, binaries, user, options.durable ?? true);

  const child = await startChild({
    name: 'postgres',
    command: binaries.postgres,
    args: serverArguments(dataDir, port, options.durable ?? true),
    env: { ...process.env, LC_ALL: 'C' },
    cwd: '/',
    stopSignal: 'SIGINT',
    log: options.log,
    ...(user && { user }),
  });
  const urlOf = (name: string): string => `postgres://${owner}:${password}@127.0.0.1:${port}/${name}`;
  const adminUrl = urlOf('postgres');
  const client = await waitForServer(adminUrl, child);
  try {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${database}`);
  } finally {
    await client.end();
  }
  return { url: urlOf(database), adminUrl, pid: child.pid, port, child, stop: () => child.stop() };
};
