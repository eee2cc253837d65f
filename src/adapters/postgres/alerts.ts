import { type CommonQueryMethods, sql } from 'slonik';
import type { AlertDraft } from '../../contracts/activities.ts';

/** Writes an alert once per dedupe key; repeating it changes nothing. */
export const raiseAlert = async (tx: CommonQueryMethods, alert: AlertDraft): Promise<void> => {
  await tx.query(sql.unsafe`
    INSERT INTO alerts (alert_type, severity, title, message, entity_type, entity_id, dedupe_key)
    VALUES (${alert.type}, ${alert.severity}, ${alert.title}, ${alert.message}, ${alert.entityType},
            ${alert.entityId}, ${alert.dedupeKey})
    ON CONFLICT (dedupe_key) DO NOTHING`);
};
