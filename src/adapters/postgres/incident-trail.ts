import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import { auditOf } from './audit.ts';

/** What was written about a breaker's event, oldest first. `at`: epoch ms. */
export const incidentAudit = async (db: CommonQueryMethods, eventId: number) =>
  await auditOf(db, { entityType: 'system', entityId: String(eventId) });

const strategyRow = z
  .object({
    id: z.string(),
    name: z.string(),
    symbol: z.string(),
    status: z.string(),
    holders: z.array(z.string()),
  })
  .transform(({ id: strategyId, holders: heldBy, ...row }) => ({ strategyId, ...row, heldBy }));

/** Strategies by id, with who holds each. */
export const namedStrategies = async (db: CommonQueryMethods, strategyIds: readonly string[]) =>
  await db.any(sql.type(strategyRow)`
    SELECT s.id, s.name, s.symbol, s.status,
           ARRAY(SELECT h.holder FROM strategy_holds h WHERE h.strategy_id = s.id ORDER BY h.held_at, h.holder) AS holders
    FROM strategies s WHERE s.id = ANY(${sql.array(strategyIds, 'uuid')}) ORDER BY s.name`);
