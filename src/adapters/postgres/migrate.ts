import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import { Client } from 'pg';
import { DomainError } from '../../domain/errors.ts';
import { databaseUnreachable, describeDatabase, sessionUrl } from './database-url.ts';
import { refuseDuplicateTradeIds, refuseForeignTables, refuseOldServer } from './migration-preflight.ts';

const migrationsFolder = fileURLToPath(new URL('../../../sql', import.meta.url));
const migrationsTable = 'mastertrade_migrations';

/** One migration of a database at a time: the key of an advisory lock, any number that nothing else uses. */
const migrationLock = '30801765839072868';

export interface MigrateOptions {
  /** Receives a line for each migration that has been run. */
  readonly log?: (line: string) => void;
}

const silent = (): void => undefined;

const refused = (databaseUrl: string, error: unknown): DomainError =>
  error instanceof DomainError
    ? error
    : new DomainError(
        'MigrationRefused',
        `migrating ${describeDatabase(databaseUrl)} failed and was rolled back: ${(error as Error).message}`,
        { next: 'correct what the message names and migrate again', cause: error },
      );

const runAll = async (client: Client): Promise<readonly string[]> => {
  const { rows } = await client.query(`SELECT to_regclass($1) IS NOT NULL AS migrated`, [migrationsTable]);
  await refuseOldServer(client);
  if (rows[0]?.migrated !== true) await refuseForeignTables(client, join(migrationsFolder, '0001_seed.sql'));
  await refuseDuplicateTradeIds(client);
  const applied = await runner({
    dbClient: client,
    dir: migrationsFolder,
    migrationsTable,
    direction: 'up',
    singleTransaction: true,
    noLock: true,
    logger: { debug: silent, info: silent, warn: silent, error: silent },
  });
  return applied.map(({ name }) => name);
};

/**
 * Runs every migration of `sql/` that the database does not have yet, all in one transaction, and answers with their
 * names. A second run at the same time waits for the first and finds nothing to do.
 * @throws DomainError `DatabaseUnreachable`; `MigrationRefused` when what the database holds does not allow it, with
 * nothing changed.
 */
export const migrate = async (
  databaseUrl: string,
  options: MigrateOptions = {},
): Promise<{ readonly applied: readonly string[] }> => {
  const client = new Client({ connectionString: sessionUrl(databaseUrl), connectionTimeoutMillis: 10_000 });
  // A connection that breaks fails the query in hand too, and that is where it is reported.
  client.on('error', silent);
  try {
    await client.connect();
  } catch (error) {
    throw databaseUnreachable(databaseUrl, error);
  }
  try {
    await client.query(`SELECT pg_advisory_lock(${migrationLock})`);
    const applied = await runAll(client);
    for (const name of applied) options.log?.(`applied ${name}`);
    return { applied };
  } catch (error) {
    throw refused(databaseUrl, error);
  } finally {
    await client.end();
  }
};
