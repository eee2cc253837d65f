import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import { epochMs } from './rows.ts';

const auditRow = z
  .object({
    created_at: epochMs,
    actor: z.string().nullable(),
    action: z.string(),
    old_value: z.record(z.string(), z.unknown()).nullable(),
    new_value: z.record(z.string(), z.unknown()).nullable(),
  })
  .transform((row) => ({
    at: row.created_at,
    actor: row.actor,
    action: row.action,
    from: row.old_value,
    to: row.new_value,
  }));

/** What was written about a breaker's event, oldest first. `at`: epoch ms. */
export const incidentAudit = async (db: CommonQueryMethods, eventId: number) =>
  await db.any(sql.type(auditRow)`
    SELECT created_at, actor, action, old_value, new_value FROM audit_logs
    WHERE entity_type = 'system' AND entity_id = ${String(eventId)} ORDER BY id`);

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
