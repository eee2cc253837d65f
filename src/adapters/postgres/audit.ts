import { type CommonQueryMethods, sql } from 'slonik';
import { jsonb } from './rows.ts';

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
