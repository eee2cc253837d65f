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

/** As `raiseAlert`, in one statement; one that is known already draws no id. */
export const raiseAlerts = async (tx: CommonQueryMethods, alerts: readonly AlertDraft[]): Promise<void> => {
  if (alerts.length === 0) return;
  const rows = alerts.map((alert) => [
    alert.type,
    alert.severity,
    alert.title,
    alert.message,
    alert.entityType,
    alert.entityId,
    alert.dedupeKey,
  ]);
  await tx.query(sql.unsafe`
    INSERT INTO alerts (alert_type, severity, title, message, entity_type, entity_id, dedupe_key)
    SELECT * FROM ${sql.unnest(rows, ['text', 'text', 'text', 'text', 'text', 'text', 'text'])}
      AS raised (alert_type, severity, title, message, entity_type, entity_id, dedupe_key)
    WHERE NOT EXISTS (SELECT FROM alerts known WHERE known.dedupe_key = raised.dedupe_key)
    ON CONFLICT (dedupe_key) DO NOTHING`);
};
