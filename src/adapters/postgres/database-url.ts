import { DomainError } from '../../domain/errors.ts';

/** TLS modes by libpq's names and the driver's equal: it verifies certificates whenever `require` is given. */
const tlsModes: Readonly<Record<string, string | null>> = {
  disable: 'disable',
  allow: null,
  prefer: null,
  require: 'require',
  'verify-ca': 'require',
  'verify-full': 'require',
  'no-verify': 'no-verify',
};

const unusable = (found: string): DomainError =>
  new DomainError('DatabaseUnreachable', `the database URL ${found}`, {
    next: 'set DATABASE_URL to postgres://user:password@host:port/database',
  });

const parse = (databaseUrl: string): URL => {
  if (!URL.canParse(databaseUrl)) throw unusable('is not a URL');
  const url = new URL(databaseUrl);
  if (!/^postgres(ql)?:$/.test(url.protocol)) throw unusable(`begins with ${url.protocol}// instead of postgres://`);
  return url;
};

/** The URL without its password and parameters: safe to print and to log. */
export const describeDatabase = (databaseUrl: string): string => {
  const url = parse(databaseUrl);
  const user = url.username === '' ? '' : `${url.username}@`;
  return `postgres://${user}${url.host}${url.pathname}`;
};

/**
 * The URL as every session of ours uses it: `timezone=UTC`, whatever the server, the role or the caller set.
 * @throws DomainError `DatabaseUnreachable` when it is not a PostgreSQL URL; the text never holds the password.
 */
export const sessionUrl = (databaseUrl: string): string => {
  const url = parse(databaseUrl);
  const mode = url.searchParams.get('sslmode');
  if (mode !== null) {
    const known = tlsModes[mode];
    if (known === undefined) throw unusable(`asks for sslmode=${mode}, which is none of PostgreSQL's`);
    if (known === null) url.searchParams.delete('sslmode');
    else url.searchParams.set('sslmode', known);
  }
  const options = [url.searchParams.get('options'), '-c timezone=UTC'].filter((part) => part !== null);
  url.searchParams.set('options', options.join(' '));
  return url.href;
};

const codeOf = (error: unknown): string => {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : '';
};

/** What to do about each reason PostgreSQL or the network gives, by SQLSTATE or system error code. */
const remedies: Readonly<Record<string, { readonly found: string; readonly next: string }>> = {
  '3D000': { found: 'that database does not exist', next: 'create it with createdb, or correct DATABASE_URL' },
  '28P01': { found: 'the user or password is refused', next: 'correct the user and password in DATABASE_URL' },
  '28000': { found: 'the user is refused', next: 'correct the user in DATABASE_URL, or allow it in pg_hba.conf' },
  '53300': { found: 'it has no connection left', next: 'raise max_connections or run fewer workers' },
  '57P03': { found: 'it is starting up or shutting down', next: 'wait for it and try again' },
  ECONNREFUSED: { found: 'nothing listens there', next: 'start PostgreSQL, or correct the port in DATABASE_URL' },
  ENOTFOUND: { found: 'that host is not known', next: 'correct the host in DATABASE_URL' },
  EAI_AGAIN: { found: 'that host could not be looked up', next: 'check the host in DATABASE_URL and the network' },
};

/**
 * A `DatabaseUnreachable` that names the database (without its password), the reason and the remedy.
 * For failures to connect: a query's own failure is not one.
 */
export const databaseUnreachable = (databaseUrl: string, error: unknown): DomainError => {
  if (error instanceof DomainError) return error;
  const reasons = [error, (error as { cause?: unknown } | null)?.cause];
  const code = reasons.map(codeOf).find((candidate) => candidate !== '') ?? '';
  const remedy = remedies[code] ?? {
    found: `the connection failed${code === '' ? '' : ` (${code})`}`,
    next: 'check that PostgreSQL runs there and that DATABASE_URL is right',
  };
  return new DomainError('DatabaseUnreachable', `cannot use ${describeDatabase(databaseUrl)}: ${remedy.found}`, {
    next: remedy.next,
    details: { code },
    cause: error,
  });
};
