import { readdir, readFile } from 'node:fs/promises';
import { createHash, randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { inject } from 'vitest';
import { migrate } from '../../src/adapters/postgres/migrate.ts';
import './provided.ts';

export interface TestDatabase {
  readonly url: string;
  /** Ends every connection to it and removes it. */
  readonly drop: () => Promise<void>;
}

/** So that test files which start together make one template, not several. */
const templateLock = '30801765839072869';

/** Runs `use` with a connection to `url` and closes it. */
export const withClient = async <T>(url: string, use: (client: Client) => Promise<T>): Promise<T> => {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
};

const databaseUrl = (name: string): string => {
  const url = new URL(inject('postgresUrl'));
  url.pathname = `/${name}`;
  return url.href;
};

const dropDatabase = (name: string): Promise<void> =>
  withClient(inject('postgresUrl'), async (client) => {
    await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  });

const templateName = async (): Promise<string> => {
  const folder = new URL('../../sql/', import.meta.url);
  const hash = createHash('sha256');
  for (const file of (await readdir(folder)).toSorted()) hash.update(await readFile(new URL(file, folder)));
  return `template_${hash.digest('hex').slice(0, 16)}`;
};

/** A new database without any table. */
export const createEmptyDatabase = async (): Promise<TestDatabase> => {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await withClient(inject('postgresUrl'), (client) => client.query(`CREATE DATABASE ${name}`));
  return { url: databaseUrl(name), drop: () => dropDatabase(name) };
};

/** A new database with every migration applied: a copy of a template that the first one to ask for it makes. */
export const createTestDatabase = async (): Promise<TestDatabase> => {
  const template = await templateName();
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await withClient(inject('postgresUrl'), async (client) => {
    await client.query(`SELECT pg_advisory_lock(${templateLock})`);
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [template]);
    if (rowCount === 0) {
      const unfinished = `${template}_unfinished`;
      await client.query(`DROP DATABASE IF EXISTS ${unfinished} WITH (FORCE)`);
      await client.query(`CREATE DATABASE ${unfinished}`);
      await migrate(databaseUrl(unfinished));
      await client.query(`ALTER DATABASE ${unfinished} RENAME TO ${template}`);
    }
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  });
  return { url: databaseUrl(name), drop: () => dropDatabase(name) };
};
