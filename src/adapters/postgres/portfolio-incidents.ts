import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import type { ActionTaken } from '../../contracts/breaker.ts';
import { breakerActions } from '../../domain/breaker/policy.ts';
import type { Environment } from '../../domain/orders/order.ts';
import { timestamp } from './pool.ts';

/** One event of the breaker. Times are epoch ms. */
export interface IncidentRecord {
  readonly eventId: number;
  readonly trigger: string;
  readonly state: string | null;
  readonly reason: string | null;
  readonly threshold: number;
  readonly actual: number;
  /** Wall time. */
  readonly triggeredAt: number;
  readonly resolvedAt: number | null;
  /** Market time. */
  readonly marketTime: number | null;
  readonly coolDownUntil: number | null;
  readonly actions: readonly ActionTaken[];
}

const actionTaken = z.object({
  action: z.enum(breakerActions),
  status: z.enum(['pending', 'waiting', 'done']),
  at: z.number().nullable(),
  outcome: z.string(),
});

const incidentRow = z.object({
  eventId: z.number(),
  trigger: z.string(),
  state: z.string().nullable(),
  reason: z.string().nullable(),
  threshold: z.string().transform(Number),
  actual: z.string().transform(Number),
  triggeredAt: z.number(),
  resolvedAt: z.number().nullable(),
  marketTime: z.number().nullable(),
  coolDownUntil: z.number().nullable(),
  actions: z.array(actionTaken).catch([]),
});

/** The breaker's events of an environment, the newest first. */
export const readIncidents = async (
  db: CommonQueryMethods,
  environment: Environment,
  to: number,
): Promise<readonly IncidentRecord[]> =>
  await db.any(sql.type(incidentRow)`
    SELECT id AS "eventId", trigger_type AS trigger, state, metadata->>'reason' AS reason, threshold_value::text AS threshold,
      actual_value::text AS actual, triggered_at AS "triggeredAt", resolved_at AS "resolvedAt",
      (metadata->>'marketTime')::float8 AS "marketTime", cool_down_until AS "coolDownUntil",
      coalesce(actions_taken, '[]') AS actions
    FROM circuit_breaker_events
    WHERE environment = ${environment} AND triggered_at <= ${timestamp(to)} ORDER BY triggered_at DESC, id DESC`);
