import { type CommonQueryMethods, type DatabasePool, type FragmentSqlToken, sql } from 'slonik';
import { z } from 'zod';
import { resolveAlerts } from './alerts.ts';
import type { Account } from './balances.ts';
import { jsonb } from './rows.ts';

export interface Mismatch {
  /** What it is about, unique within the scope: `asset/USDT`, `order/BTCUSDT/17`. */
  readonly key: string;
  readonly title: string;
  readonly message: string;
  readonly entityType: 'order' | 'system';
  readonly entityId: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** What an account's alerts are told apart by. */
export const accountScope = ({ environment, exchange }: Account): string =>
  `reconciliation_mismatch/${environment}/${exchange}`;
/** Alerts about the books among themselves belong to no account. */
export const booksScope = 'reconciliation_mismatch/books';

/** Raises an alert, or brings the one that is open up to date; the same again changes nothing. */
export const raiseMismatch = async (db: CommonQueryMethods, scope: string, mismatch: Mismatch): Promise<void> => {
  await db.query(sql.unsafe`
    INSERT INTO alerts AS raised (alert_type, severity, title, message, entity_type, entity_id, metadata, dedupe_key)
    VALUES ('reconciliation_mismatch', 'critical', ${mismatch.title}, ${mismatch.message}, ${mismatch.entityType},
            ${mismatch.entityId}, ${jsonb(mismatch.metadata)}, ${`${scope}/${mismatch.key}`})
    ON CONFLICT (dedupe_key) DO UPDATE SET title = EXCLUDED.title, message = EXCLUDED.message, metadata = EXCLUDED.metadata
    WHERE raised.message <> EXCLUDED.message OR raised.title <> EXCLUDED.title`);
};

const resolveWhere = async (pool: DatabasePool, condition: FragmentSqlToken, why: string): Promise<number> =>
  await pool.transaction(async (tx) => await resolveAlerts(tx, { condition, by: 'reconciliation', why }));

/** Resolves the alerts of a scope that are about something no longer found. @param still keys to be left open */
export const resolveMismatches = async (pool: DatabasePool, scope: string, still: readonly string[]): Promise<number> =>
  await resolveWhere(
    pool,
    sql.fragment`starts_with(dedupe_key, ${`${scope}/`})
      AND NOT dedupe_key = ANY(${sql.array(
        still.map((key) => `${scope}/${key}`),
        'text',
      )})`,
    'the difference is gone',
  );

/**
 * Resolves what was raised about orders that have since been found, and about fills that have since been paid for.
 * @param unpaid orders whose fills the books still cannot take
 */
export const resolveOrderAlerts = async (
  pool: DatabasePool,
  account: Account,
  unpaid: readonly string[],
): Promise<number> =>
  await resolveWhere(
    pool,
    sql.fragment`EXISTS (
      SELECT 1 FROM orders o
      WHERE o.environment = ${account.environment} AND o.exchange = ${account.exchange} AND (
        (alerts.dedupe_key = 'order_unknown/' || o.id AND o.status NOT IN ('unknown', 'submitting'))
        OR (alerts.dedupe_key = 'books/' || o.id AND NOT o.id::text = ANY(${sql.array([...unpaid], 'text')}))))`,
    'the order is in the books',
  );

/** Resolves one alert by its key. */
export const resolveAlert = async (pool: DatabasePool, key: string, why: string): Promise<number> =>
  await resolveWhere(pool, sql.fragment`dedupe_key = ${key}`, why);

/** The open alert about an asset of an account, or null. */
export const openAssetAlert = async (
  db: CommonQueryMethods,
  account: Account,
  asset: string,
): Promise<string | null> => {
  const row = await db.maybeOne(sql.type(z.object({ id: z.string() }))`
    SELECT id FROM alerts WHERE dedupe_key = ${`${accountScope(account)}/asset/${asset}`} AND status <> 'resolved'`);
  return row?.id ?? null;
};
