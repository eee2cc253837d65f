import type { DatabasePool } from 'slonik';
import { createDatabasePool } from '../adapters/postgres/pool.ts';
import { DomainError } from '../domain/errors.ts';

export const noDatabase = (): DomainError =>
  new DomainError('DatabaseUnreachable', 'no database is configured and no embedded stack is running', {
    next: 'run mastertrade up, or set DATABASE_URL to postgres://user:password@host:port/database',
  });

/** A small pool, enough for one command. @throws DomainError DatabaseUnreachable */
export const connectDatabase = async (databaseUrl: string | null): Promise<DatabasePool> => {
  if (databaseUrl === null) throw noDatabase();
  return createDatabasePool(databaseUrl, { max: 2 });
};
