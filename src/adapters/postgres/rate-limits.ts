import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import type { RateState } from '../../domain/orders/rate-window.ts';
import { timestamp } from './pool.ts';
import { epochMs, jsonb } from './rows.ts';

/** What stands in the book of an account's limits, by the database's clock (epoch ms). */
export interface RatePage {
  /** Null while nothing was taken yet. */
  readonly state: RateState | null;
  /** 0 while there is no row. */
  readonly revision: number;
  readonly now: number;
}

const limitSchema = z.object({ kind: z.enum(['weight', 'orders']), windowMs: z.number(), limit: z.number() });

const rowSchema = z.object({
  now: epochMs,
  revision: z.int().nullable(),
  limits: z.array(limitSchema).nullable(),
  taken: z.record(z.string(), z.record(z.string(), z.number())).nullable(),
  pausedUntil: epochMs.nullable(),
  ordersPausedUntil: epochMs.nullable(),
});

/** The account's row and the time of reading, in one statement. */
export const readRateLimits = async (pool: CommonQueryMethods, account: string): Promise<RatePage> => {
  const { now, revision, limits, taken, pausedUntil, ordersPausedUntil } = await pool.one(sql.type(rowSchema)`
    SELECT timezone('UTC', clock_timestamp()) AS now, revision, limits, taken,
      paused_until AS "pausedUntil", orders_paused_until AS "ordersPausedUntil"
    FROM (SELECT 1) AS always LEFT JOIN rate_limits ON account = ${account}`);
  if (revision === null || limits === null || taken === null) return { state: null, revision: 0, now };
  return { state: { limits, taken, pausedUntil, ordersPausedUntil }, revision, now };
};

const optionalTime = (time: number | null) => (time === null ? sql.fragment`NULL` : timestamp(Math.ceil(time)));

/** Replaces the row if it still is the one that was read, in one statement; says whether it was. */
export const writeRateLimits = async (
  pool: CommonQueryMethods,
  account: string,
  state: RateState,
  revision: number,
): Promise<boolean> => {
  const [limits, taken] = [jsonb(state.limits), jsonb(state.taken)];
  const [paused, ordersPaused] = [optionalTime(state.pausedUntil), optionalTime(state.ordersPausedUntil)];
  const { rowCount } = await pool.query(
    revision === 0
      ? sql.unsafe`
        INSERT INTO rate_limits (account, revision, limits, taken, paused_until, orders_paused_until)
        VALUES (${account}, 1, ${limits}, ${taken}, ${paused}, ${ordersPaused})
        ON CONFLICT DO NOTHING`
      : sql.unsafe`
        UPDATE rate_limits SET revision = revision + 1, limits = ${limits}, taken = ${taken},
          paused_until = ${paused}, orders_paused_until = ${ordersPaused}, updated_at = NOW()
        WHERE account = ${account} AND revision = ${revision}`,
  );
  return rowCount > 0;
};
