import { type CommonQueryMethods, sql } from 'slonik';
import type { AlertDraft } from '../../../contracts/activities.ts';
import { raiseAlert } from '../alerts.ts';
import type { EventRecord } from './events.ts';

const alertType = 'circuit_breaker';

const names = {
  drawdown: 'drawdown',
  loss_streak: 'losses in a row',
  volatility_spike: 'volatility',
  manual: 'by hand',
} as const;

/** One alert about an event; `what` names it among the event's own. */
export const raiseIncidentAlert = async (
  tx: CommonQueryMethods,
  { eventId, environment, trigger }: EventRecord,
  alert: Pick<AlertDraft, 'severity' | 'message'> & { readonly what: string; readonly says: string },
): Promise<void> => {
  await raiseAlert(tx, {
    type: alertType,
    severity: alert.severity,
    title: `Circuit breaker (${environment}, ${names[trigger]}): ${alert.says}`,
    message: alert.message,
    entityType: 'system',
    entityId: String(eventId),
    dedupeKey: `breaker/${eventId}/${alert.what}`,
  });
};

/** What was told of an event is over with it. */
export const resolveIncidentAlerts = async (tx: CommonQueryMethods, { eventId }: EventRecord): Promise<void> => {
  await tx.query(sql.unsafe`
    UPDATE alerts SET status = 'resolved', resolved_at = now()
    WHERE alert_type = ${alertType} AND entity_type = 'system' AND entity_id = ${String(eventId)}
      AND severity <> 'info' AND status <> 'resolved'`);
};
