import { readFile } from 'node:fs/promises';
import type { Client } from 'pg';
import { DomainError } from '../../domain/errors.ts';

const oldestServer = 150_000;
const shownAtMost = 20;

const strings = async (client: Client, query: string): Promise<readonly string[]> => {
  const { rows } = await client.query<string[]>({ text: query, rowMode: 'array' });
  return rows.map(([value]) => value ?? '');
};

/** @throws DomainError `MigrationRefused` for a server older than PostgreSQL 15, whose unique indexes lack what we need. */
export const refuseOldServer = async (client: Client): Promise<void> => {
  const [version = '0'] = await strings(client, `SELECT current_setting('server_version_num')`);
  if (Number(version) >= oldestServer) return;
  const [shown = ''] = await strings(client, `SELECT current_setting('server_version')`);
  throw new DomainError('MigrationRefused', `the server is PostgreSQL ${shown}`, {
    next: 'use PostgreSQL 15 or later',
  });
};

/** Each column with its type, and each key, of the tables in the first schema of the search path: `orders: ...`. */
const describeTables = (client: Client): Promise<readonly string[]> =>
  strings(
    client,
    `SELECT format('%s: column %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod))
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
     UNION ALL
     SELECT format('%s: %s', c.relname, pg_get_constraintdef(k.oid))
       FROM pg_class c JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype IN ('p', 'u', 'f')
      WHERE c.relnamespace = current_schema()::regnamespace`,
  );

/**
 * Compares the tables that are there under the seed's names with what the first migration would have created (it is
 * run in a scratch schema and rolled back). More columns, and bigint ids, are fine; less is not.
 * @throws DomainError `MigrationRefused` with every column or key that is missing or of another type.
 */
export const refuseForeignTables = async (client: Client, seedMigration: string): Promise<void> => {
  const present = await describeTables(client);
  const tables = new Set(present.map((fact) => fact.split(':')[0]));
  if (tables.size === 0) return;
  await client.query('BEGIN');
  try {
    await client.query('CREATE SCHEMA mastertrade_preflight; SET LOCAL search_path TO mastertrade_preflight');
    await client.query(await readFile(seedMigration, 'utf8'));
    const wanted = await describeTables(client);
    const found = new Set([
      ...present,
      ...present.map((fact) => fact.replace(/^(\w+: column id) bigint$/, '$1 integer')),
    ]);
    const missing = wanted.filter((fact) => tables.has(fact.split(':')[0]) && !found.has(fact));
    if (missing.length > 0) {
      const shown = missing.slice(0, shownAtMost).join('; ');
      throw new DomainError('MigrationRefused', `tables under our names are not as we know them, they lack ${shown}`, {
        next: 'migrate a database of its own, or rename the tables that belong to something else',
        details: { missing },
      });
    }
  } finally {
    await client.query('ROLLBACK');
  }
};

/**
 * A venue's trade id counts once. Where an older database holds one twice, a person has to decide which row is true.
 * @throws DomainError `MigrationRefused` with the ids and the rows that carry them.
 */
export const refuseDuplicateTradeIds = async (client: Client): Promise<void> => {
  const [trades = ''] = await strings(client, `SELECT to_regclass('trades')::text`);
  const [index = ''] = await strings(client, `SELECT to_regclass('uq_trades_exchange_trade_id')::text`);
  if (trades === '' || index !== '') return;
  const duplicates = await strings(
    client,
    `SELECT format('%s %s %s (trades.id %s)', environment, symbol, exchange_trade_id, string_agg(id::text, ', ' ORDER BY id))
       FROM trades WHERE exchange_trade_id IS NOT NULL
      GROUP BY environment, symbol, exchange_trade_id HAVING count(*) > 1
      ORDER BY min(id)`,
  );
  if (duplicates.length === 0) return;
  const more = duplicates.length > shownAtMost ? ` and ${duplicates.length - shownAtMost} more` : '';
  throw new DomainError(
    'MigrationRefused',
    `${duplicates.length} venue trade id(s) are stored more than once: ${duplicates.slice(0, shownAtMost).join('; ')}${more}`,
    {
      next: 'delete the repeated rows of trades, or clear exchange_trade_id where it is not the id of a venue',
      details: { duplicates },
    },
  );
};
