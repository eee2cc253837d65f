import { type CommonQueryMethods, type FragmentSqlToken, sql } from 'slonik';
import { z } from 'zod';
import type { AlertDraft } from '../../contracts/activities.ts';
import { writeAudit } from './audit.ts';

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

const resolvedRow = z.object({ id: z.string(), title: z.string() });

/**
 * Resolves open alerts with an audit row each, inside a transaction. Their keys are set free, so that the same again later is a new alert.
 * @param request `condition` on their columns, `by` whom and `why` for the audit
 * @returns how many they were
 */
export const resolveAlerts = async (
  tx: CommonQueryMethods,
  { condition, by, why }: { readonly condition: FragmentSqlToken; readonly by: string; readonly why: string },
): Promise<number> => {
  const resolved = await tx.any(sql.type(resolvedRow)`
    UPDATE alerts SET status = 'resolved', resolved_at = now(), dedupe_key = left(dedupe_key, 200) || '/resolved/' || id
    WHERE status IN ('active', 'acknowledged') AND ${condition} RETURNING id, title`);
  for (const { id, title } of resolved) {
    await writeAudit(tx, {
      actor: by,
      action: 'resolve_alert',
      entityType: 'system',
      entityId: id,
      old: { status: 'active', title },
      new: { status: 'resolved', why },
    });
  }
  return resolved.length;
};
