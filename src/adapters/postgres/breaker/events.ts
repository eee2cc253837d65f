import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import type { ActionTaken } from '../../../contracts/breaker.ts';
import { DomainError } from '../../../domain/errors.ts';
import {
  type Response,
  type TriggerPolicy,
  type VolatilityTrigger,
  breakerActions,
  breakerTriggers,
} from '../../../domain/breaker/policy.ts';
import type { Environment } from '../../../domain/orders/order.ts';
import { timestamp } from '../pool.ts';
import { epochMs, jsonb } from '../rows.ts';

const action = z.object({
  action: z.enum(breakerActions),
  status: z.enum(['pending', 'waiting', 'done']),
  at: z.number().nullable(),
  outcome: z.string(),
});

const escalation = z.object({ at: z.number(), actual: z.number(), reason: z.string() });

/** What an event keeps beside its columns. Written from typed policies only, so `policy` holds what the trigger's type says. */
const eventMetadata = z.object({
  reason: z.string().default(''),
  /** Market time when it fired, epoch ms. */
  marketTime: z.number().nullable().default(null),
  /** The trigger's policy that it fired by. */
  policy: z.unknown().optional(),
  remindHours: z.number().default(4),
  escalations: z.array(escalation).default([]),
  /** Strategies that its end let go on. */
  resumed: z.array(z.string()).default([]),
  /** Market time when it ended, epoch ms. */
  endedAt: z.number().nullable().default(null),
});
export type EventMetadata = z.infer<typeof eventMetadata>;

const eventRow = z
  .object({
    id: z.number(),
    environment: z.enum(['paper', 'live']),
    trigger_type: z.enum(breakerTriggers),
    state: z.enum(['REDUCING', 'HALTED']),
    threshold_value: z.string(),
    actual_value: z.string(),
    triggered_at: epochMs,
    resolved_at: epochMs.nullable(),
    cool_down_until: epochMs.nullable(),
    actions_taken: z.array(action),
    metadata: eventMetadata,
  })
  .transform((row) => ({
    eventId: row.id,
    environment: row.environment,
    trigger: row.trigger_type,
    state: row.state,
    threshold: Number(row.threshold_value),
    actual: Number(row.actual_value),
    triggeredAt: row.triggered_at,
    resolvedAt: row.resolved_at,
    coolDownUntil: row.cool_down_until,
    taken: row.actions_taken satisfies readonly ActionTaken[],
    actions: row.actions_taken.map((taken) => taken.action),
    reason: row.metadata.reason,
    marketTime: row.metadata.marketTime ?? row.triggered_at,
    isEscalated: row.metadata.escalations.length > 0,
    response: (row.metadata.policy ?? null) as Response | null,
    policy: row.trigger_type === 'manual' ? null : ((row.metadata.policy ?? null) as TriggerPolicy | null),
    metadata: row.metadata,
  }));

/** A breaker's event. Times are epoch ms: `triggeredAt` and `resolvedAt` wall time, `marketTime` and `coolDownUntil` market time. */
export type EventRecord = z.infer<typeof eventRow>;

/** Null where it is no volatility's. */
export const volatilityPolicy = ({ trigger, policy }: EventRecord): VolatilityTrigger | null =>
  trigger === 'volatility_spike' ? (policy as VolatilityTrigger | null) : null;

/** Rows that somebody else wrote have no state: nothing says that less than a halt was meant. */
const columns = sql.fragment`id, environment, trigger_type, coalesce(state, 'HALTED') AS state, threshold_value, actual_value,
  triggered_at, resolved_at, cool_down_until, coalesce(metadata, '{}') AS metadata,
  CASE WHEN jsonb_typeof(actions_taken -> 0) = 'object' THEN actions_taken ELSE '[]' END AS actions_taken`;

/** Events of an environment that have not ended, oldest first. */
export const openEvents = async (db: CommonQueryMethods, environment: Environment): Promise<readonly EventRecord[]> =>
  await db.any(sql.type(eventRow)`
    SELECT ${columns} FROM circuit_breaker_events
    WHERE environment = ${environment} AND resolved_at IS NULL ORDER BY id`);

/** Newest first. */
export const eventsWhere = async (
  db: CommonQueryMethods,
  condition: ReturnType<typeof sql.fragment>,
  limit: number,
): Promise<readonly EventRecord[]> =>
  await db.any(sql.type(eventRow)`
    SELECT ${columns} FROM circuit_breaker_events
    WHERE environment IS NOT NULL AND ${condition} ORDER BY id DESC LIMIT ${limit}`);

const present = (event: EventRecord | null, eventId: number): EventRecord => {
  if (event) return event;
  throw new DomainError('NotFound', `there is no breaker event ${eventId}`, {
    next: 'list them with `mastertrade breaker show`',
  });
};

/** @throws DomainError `NotFound` */
export const loadEvent = async (db: CommonQueryMethods, eventId: number): Promise<EventRecord> =>
  present(
    await db.maybeOne(sql.type(eventRow)`
      SELECT ${columns} FROM circuit_breaker_events WHERE id = ${eventId} AND environment IS NOT NULL`),
    eventId,
  );

/** @throws DomainError `NotFound` */
export const lockEvent = async (tx: CommonQueryMethods, eventId: number): Promise<EventRecord> =>
  present(
    await tx.maybeOne(sql.type(eventRow)`
      SELECT ${columns} FROM circuit_breaker_events WHERE id = ${eventId} AND environment IS NOT NULL FOR UPDATE`),
    eventId,
  );

/** A change of an event that the transaction has locked; what is left out stays. */
export const changeEvent = async (
  tx: CommonQueryMethods,
  event: EventRecord,
  change: {
    readonly state?: EventRecord['state'];
    readonly taken?: readonly ActionTaken[];
    readonly coolDownUntil?: number | null;
    readonly isResolved?: true;
    readonly metadata?: Partial<EventMetadata> & Readonly<Record<string, unknown>>;
  },
): Promise<EventRecord> => {
  const { state = event.state, taken = event.taken, coolDownUntil = event.coolDownUntil, metadata = {} } = change;
  return await tx.one(sql.type(eventRow)`
    UPDATE circuit_breaker_events SET state = ${state}, actions_taken = ${jsonb(taken)},
      cool_down_until = ${coolDownUntil === null ? null : timestamp(coolDownUntil)},
      resolved_at = ${change.isResolved ? sql.fragment`now()` : sql.fragment`resolved_at`},
      metadata = coalesce(metadata, '{}') || ${jsonb(metadata)}
    WHERE id = ${event.eventId} RETURNING ${columns}`);
};
