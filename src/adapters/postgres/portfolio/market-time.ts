import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import type { Environment } from '../../../domain/orders/order.ts';
import { epochMs } from '../rows.ts';
import { newestCandle, newestCloseOfAll } from './newest-candle.ts';
import { ownSymbols } from './own-markets.ts';

const timeRow = z.object({ at: epochMs.nullable() });

/**
 * Market time of an environment, epoch ms: the newest close of any market that it trades or holds something on; of all that is
 * stored where it has none. Null without a candle.
 */
export const marketTimeOf = async (db: CommonQueryMethods, environment: Environment): Promise<number | null> => {
  const { at } = await db.one(sql.type(timeRow)`
    SELECT coalesce(
      (SELECT max(newest.closes_at)
       FROM (${ownSymbols(environment)}) AS own
       CROSS JOIN LATERAL (${newestCandle(sql.fragment`own.symbol`)}) AS newest),
      (${newestCloseOfAll})) AS at`);
  return at;
};
