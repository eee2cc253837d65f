import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { migrate } from '../../src/adapters/postgres/migrate.ts';

/** A new database with every migration on the server of `postgresUrl`; its connection string. */
export const createDatabase = async (postgresUrl: string): Promise<string> => {
  const name = `chaos_${randomUUID().replaceAll('-', '')}`;
  const client = new Client({ connectionString: postgresUrl });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${name}`);
  } finally {
    await client.end();
  }
  const url = new URL(postgresUrl);
  url.pathname = `/${name}`;
  await migrate(url.href);
  return url.href;
};
