import { createPgDriverFactory } from '@slonik/pg-driver';
import { createPool, SchemaValidationError, sql } from 'slonik';
import type { DatabasePool, DriverTypeParser, FragmentSqlToken, Interceptor, QueryResultRow } from 'slonik';
import { databaseUnreachable, sessionUrl } from './database-url.ts';

const epochMs = (text: string): number => {
  const time = Date.parse(`${text.replace(' ', 'T')}Z`);
  if (Number.isNaN(time)) throw new RangeError(`timestamp '${text}' is no instant that epoch ms can hold`);
  return time;
};

const safeInteger = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`bigint ${text} is larger than a number holds exactly`);
  return value;
};

/**
 * NUMERIC stays text; `timestamp` is UTC and becomes epoch ms (what is finer than a ms is cut off); int8 becomes a
 * number or throws where that would not be exact; json and jsonb arrive parsed.
 */
const typeParsers: readonly DriverTypeParser[] = [
  { name: 'numeric', parse: (text) => text },
  { name: 'int8', parse: safeInteger },
  { name: 'timestamp', parse: epochMs },
  { name: 'timestamptz', parse: (text) => Date.parse(text) },
  { name: 'date', parse: (text) => text },
];

/** Slonik leaves the schema of `sql.type(schema)` to an interceptor: this one parses each row or throws. */
const parseRows: Interceptor = {
  name: 'parse-rows',
  transformRow: (context, query, row): QueryResultRow => {
    const schema = context.resultParser;
    if (schema === undefined) return row;
    const parsed = schema['~standard'].validate(row);
    if (parsed instanceof Promise) throw new TypeError('a row schema must be synchronous');
    if (parsed.issues !== undefined) throw new SchemaValidationError(query, row, parsed.issues);
    return parsed.value as QueryResultRow;
  },
};

/**
 * Opens a pool of at most `max` connections (10). Every session runs in UTC; a statement ends after 60 s and a
 * transaction left idle after 30 s. A transaction that loses a deadlock or a serialisation race runs again, three
 * times at most: its function must have no effect outside of the database.
 * @throws DomainError `DatabaseUnreachable` when the first connection cannot be made.
 */
export const createDatabasePool = async (
  databaseUrl: string,
  options: { readonly max?: number } = {},
): Promise<DatabasePool> => {
  const url = sessionUrl(databaseUrl);
  try {
    return await createPool(url, {
      driverFactory: createPgDriverFactory(),
      interceptors: [parseRows],
      typeParsers,
      maxPoolSize: options.max ?? 10,
      connectionTimeout: 10_000,
      connectionRetryLimit: 3,
      queryRetryLimit: 3,
      transactionRetryLimit: 3,
      statementTimeout: 60_000,
      idleInTransactionSessionTimeout: 30_000,
      idleTimeout: 60_000,
      // Slonik's own is DISCARD ALL, a round trip after each use. Nothing here leaves anything on a session: settings come with
      // the connection, locks end with their transaction.
      resetConnection: () => Promise.resolve(),
    });
  } catch (error) {
    throw databaseUnreachable(databaseUrl, error);
  }
};

/** `time` (epoch ms) as text for a `timestamp` column: UTC, exact to the ms. */
export const timestampText = (time: number): string => new Date(time).toISOString().slice(0, -1);

/** `time` (epoch ms) as a `timestamp` value inside a query. */
export const timestamp = (time: number): FragmentSqlToken => sql.fragment`${timestampText(time)}::timestamp`;
