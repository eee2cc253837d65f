import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import { epochMs, jsonb } from './rows.ts';

export interface AuditEntry {
  /** User name or process that did it. */
  readonly actor: string;
  readonly action: string;
  readonly entityType: 'strategy' | 'order' | 'position' | 'balance' | 'user' | 'goal' | 'system';
  readonly entityId: string;
  readonly old: Readonly<Record<string, unknown>> | null;
  readonly new: Readonly<Record<string, unknown>> | null;
}

const json = (value: AuditEntry['old']) => (value === null ? sql.fragment`NULL::jsonb` : jsonb(value));

/** Leaves the trace of one change of state. Call it inside the transaction that makes the change. */
export const writeAudit = async (tx: CommonQueryMethods, entry: AuditEntry): Promise<void> => {
  await tx.query(sql.unsafe`
    INSERT INTO audit_logs (user_id, actor, action, entity_type, entity_id, old_value, new_value)
    VALUES ((SELECT id FROM users WHERE username = ${entry.actor}), ${entry.actor}, ${entry.action},
            ${entry.entityType}, ${entry.entityId}, ${json(entry.old)}, ${json(entry.new)})`);
};

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

/** Every trace of one thing, oldest first. `at`: epoch ms; `from` and `to`: what was written as its old and its new value. */
export const auditOf = async (
  db: CommonQueryMethods,
  { entityType, entityId }: Pick<AuditEntry, 'entityType' | 'entityId'>,
) =>
  await db.any(sql.type(auditRow)`
    SELECT created_at, actor, action, old_value, new_value FROM audit_logs
    WHERE entity_type = ${entityType} AND entity_id = ${entityId} ORDER BY id`);
