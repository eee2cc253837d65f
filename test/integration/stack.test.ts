import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client as TemporalClient, Connection } from '@temporalio/client';
import { Client as PostgresClient } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runToEnd } from '../../src/stack/child.ts';
import { stackStatus, stopStack } from '../../src/stack/control.ts';
import { layoutOf } from '../../src/stack/layout.ts';
import { isAlive, signal, waitUntilGone } from '../../src/stack/process-identity.ts';
import { startStack, type Stack, type StackOptions } from '../../src/stack/stack.ts';
import { readStackFile } from '../../src/stack/state-files.ts';

const fixture = fileURLToPath(new URL('../stack/supervisor-fixture.ts', import.meta.url));

const registrar = fileURLToPath(new URL('../../src/stack/register-search-attributes.ts', import.meta.url));

let home: string;
let cleanUps: (() => Promise<unknown>)[];

beforeEach(async () => {
  home = join(await mkdtemp(join(tmpdir(), 'mastertrade-stack-')), 'state');
  // A killed server's own processes may write for a moment longer.
  cleanUps = [() => rm(join(home, '..'), { recursive: true, force: true, maxRetries: 10 })];
});

afterEach(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp();
});

/** PostgreSQL and Temporal only: the exchange is somewhere else. */
const start = async (options: Partial<StackOptions> = {}): Promise<Stack> => {
  const stack = await startStack({
    home,
    external: { exchange: 'elsewhere' },
    migrate: (url) => query(url, 'CREATE TABLE IF NOT EXISTS kept (word text)').then(() => undefined),
    searchAttributes: { MtStatus: 'Keyword' },
    durable: false,
    log: () => undefined,
    ...options,
  });
  cleanUps.push(() => stack.stop());
  return stack;
};

const query = async (url: string, text: string): Promise<unknown[]> => {
  const client = new PostgresClient({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
};

const withTemporal = async <Result>(
  stack: Stack,
  use: (client: TemporalClient) => Promise<Result>,
): Promise<Result> => {
  const connection = await Connection.connect({ address: stack.addresses.temporal?.address ?? '' });
  try {
    return await use(new TemporalClient({ connection }));
  } finally {
    await connection.close();
  }
};

const startSupervisor = async (): Promise<ChildProcess> => {
  const supervisor = spawn(process.execPath, [fixture, home], { stdio: ['ignore', 'pipe', 'inherit'] });
  cleanUps.push(async () => {
    if (supervisor.exitCode === null && supervisor.signalCode === null) {
      supervisor.kill('SIGKILL');
      await once(supervisor, 'exit');
    }
  });
  await Promise.race([
    once(supervisor.stdout, 'data'),
    once(supervisor, 'exit').then(() => Promise.reject(new Error('the supervisor ended before it was ready'))),
  ]);
  return supervisor;
};

const runningProcesses = async () => (await readStackFile(layoutOf(home)))?.processes ?? [];

describe('the embedded stack', () => {
  test('keeps the database, the workflows and the addresses from one start to the next', async () => {
    const first = await start();
    await query(first.addresses.databaseUrl ?? '', "INSERT INTO kept VALUES ('yes')");
    await withTemporal(first, (client) =>
      client.workflow.start('waits', { taskQueue: 'nobody', workflowId: 'strategy/kept' }),
    );
    await first.stop();
    expect(await stackStatus(home)).toMatchObject({ state: 'stopped' });

    const second = await start({ searchAttributes: { MtStatus: 'Keyword', MtAddedLater: 'Int' } });
    expect(second.addresses).toEqual(first.addresses);
    expect(await query(second.addresses.databaseUrl ?? '', 'SELECT word FROM kept')).toEqual([{ word: 'yes' }]);
    const { status } = await withTemporal(second, (client) => client.workflow.getHandle('strategy/kept').describe());
    expect(status.name).toBe('RUNNING');
    const found = await withTemporal(second, (client) =>
      client.workflow.count('MtAddedLater = 1 OR MtStatus = "active"').then(({ count }) => count),
    );
    expect(found).toBe(0);
    expect(await fetch(second.addresses.temporal?.uiUrl ?? '').then((page) => page.status)).toBe(200);
  });

  test('writes its addresses down for its owner only', async () => {
    const stack = await start();
    const { mode } = await stat(layoutOf(home).stackFile);
    expect((mode & 0o777).toString(8)).toBe('600');
    const status = await stackStatus(home);
    expect(status).toMatchObject({ state: 'running', pid: process.pid, addresses: stack.addresses });
    expect(status.state === 'running' && status.processes).toEqual(
      expect.arrayContaining([expect.objectContaining({ name: 'postgres', alive: true })]),
    );
  });

  test('refuses a second start on the same state and names the process that holds it', async () => {
    const supervisor = await startSupervisor();
    await expect(start()).rejects.toMatchObject({
      name: 'StackAlreadyRunning',
      details: { pid: supervisor.pid },
      next: expect.stringContaining('mastertrade down') as string,
    });
    expect((await stackStatus(home)).state).toBe('running');
  });

  test('down ends the supervisor and every child, and says so when there is none', async () => {
    const supervisor = await startSupervisor();
    const processes = await runningProcesses();
    expect(await stopStack(home)).toBe(supervisor.pid);
    expect(processes.filter(isAlive).filter(({ name }) => name !== 'reaper')).toEqual([]);
    await expect(stopStack(home)).rejects.toMatchObject({ name: 'StackNotRunning' });
  });

  test('a supervisor killed with SIGKILL leaves no child, and its state can be used again', async () => {
    const supervisor = await startSupervisor();
    const processes = await runningProcesses();
    expect(processes.map(({ name }) => name).toSorted()).toEqual(['postgres', 'reaper', 'temporal']);
    expect(processes.every(isAlive)).toBe(true);
    supervisor.kill('SIGKILL');
    const gone = await Promise.all(processes.map((each) => waitUntilGone(each, 10_000)));
    expect(gone).toEqual(processes.map(() => true));
    const stack = await start();
    expect(await query(stack.addresses.databaseUrl ?? '', 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('a start right after the supervisor and its reaper were killed ends what they left', async () => {
    const supervisor = await startSupervisor();
    const processes = await runningProcesses();
    for (const each of processes.filter(({ name }) => name === 'reaper')) signal(each, 'SIGKILL');
    supervisor.kill('SIGKILL');
    await once(supervisor, 'exit');
    const stack = await start();
    expect(processes.filter(isAlive)).toEqual([]);
    expect(await query(stack.addresses.databaseUrl ?? '', 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('names the part that died on its own and ends the rest', async () => {
    const stack = await start();
    const temporal = stack.processes.find(({ name }) => name === 'temporal');
    const postgres = stack.processes.find(({ name }) => name === 'postgres');
    if (temporal) signal(temporal, 'SIGKILL');
    const end = await stack.ended;
    expect(end).toMatchObject({ reason: 'died', part: 'temporal', exit: { signal: 'SIGKILL' } });
    expect(end.reason === 'died' && end.lastLines.length).toBeGreaterThan(0);
    expect(postgres && isAlive(postgres)).toBe(false);
  });

  test('names a taken port and leaves nothing running', async () => {
    const occupant = createServer().listen(0, '127.0.0.1');
    await once(occupant, 'listening');
    cleanUps.push(() => new Promise((resolve) => void occupant.close(resolve)));
    const { port } = occupant.address() as { port: number };
    await expect(start({ ports: { temporal: port } })).rejects.toMatchObject({ name: 'PortTaken', details: { port } });
    expect((await stackStatus(home)).state).toBe('stopped');
  });

  test('starts nothing for a part that the configuration names', async () => {
    const given = await start();
    const databaseUrl = given.addresses.databaseUrl ?? '';
    const migrated: string[] = [];
    const stack = await start({
      home: join(home, '..', 'other'),
      external: {
        exchange: 'binance',
        databaseUrl,
        temporal: { connection: { address: given.addresses.temporal?.address ?? '' }, namespace: 'default' },
      },
      migrate: (url) => Promise.resolve(void migrated.push(url)),
    });
    expect(stack.addresses).toEqual({ databaseUrl: null, temporal: null, simulator: null });
    expect(stack.processes.filter(({ name }) => name !== 'reaper')).toEqual([]);
    expect(migrated).toEqual([databaseUrl]);
  });

  test('registers the search attributes at a server that has none, and again without harm', async () => {
    const stack = await start({ searchAttributes: {} });
    const env = {
      ...process.env,
      MASTERTRADE_HOME: join(home, 'none'),
      TEMPORAL_ADDRESS: stack.addresses.temporal?.address,
    };
    for (let run = 0; run < 2; run += 1) {
      const { code, output } = await runToEnd({ name: 'register', command: process.execPath, args: [registrar], env });
      expect(output).toMatch(/^The namespace default knows .*MtStatus/);
      expect(code).toBe(0);
    }
    const count = await withTemporal(stack, (client) => client.workflow.count('MtStatus = "active"'));
    expect(count.count).toBe(0);
  });

  test('names a configured Temporal server that does not answer', async () => {
    const temporal = { connection: { address: '127.0.0.1:1' }, namespace: 'default' };
    await expect(start({ external: { exchange: 'elsewhere', temporal } })).rejects.toMatchObject({
      name: 'TemporalUnreachable',
      message: expect.stringContaining('127.0.0.1:1') as string,
    });
    expect((await stackStatus(home)).state).toBe('stopped');
  });
});
