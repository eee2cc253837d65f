import { type CommonQueryMethods, type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { type RiskBounds, boundsOf } from '../../../domain/goals/bounds.ts';
import { text } from '../../../domain/decimal.ts';
import { checkGoal } from '../../../domain/goals/goal-terms.ts';
import { goalAmount } from '../../../domain/goals/goal-text.ts';
import type { Goal, GoalType } from '../../../domain/goals/goal.ts';
import type { Environment } from '../../../domain/orders/order.ts';
import { writeAudit } from '../audit.ts';
import { readEquity } from '../portfolio/equity.ts';
import { timestamp } from '../pool.ts';
import { epochMs, jsonb } from '../rows.ts';
import { type GoalRecord, auditedGoal, goalsWhere, loadRecord } from './goal-rows.ts';
import { lockRiskSettings, settleRiskSettings } from './risk-settings.ts';

/** What is left out stays as it was, or is the seed's default where there was no such goal. */
export interface GoalRequest {
  readonly type: GoalType;
  /** Per cent of the month, or US dollars. */
  readonly target: number;
  readonly priority?: number;
  readonly riskTolerance?: number;
  readonly maxDrawdown?: number;
  readonly environment?: Environment;
  /** Epoch ms; null: a year from now. */
  readonly targetDate?: number | null;
  readonly adjusts?: boolean;
  readonly bounds?: Partial<RiskBounds>;
  readonly by: string;
}

export interface GoalSet {
  readonly goal: Goal;
  /** What it took the place of. */
  readonly replaced: Goal | null;
  /** What a person should know of it, as that it is reached already. */
  readonly notes: readonly string[];
}

type Terms = Pick<
  Goal,
  'type' | 'target' | 'priority' | 'riskTolerance' | 'maxDrawdown' | 'targetDate' | 'environment' | 'adjusts'
>;

const termsOf = (request: GoalRequest, before: Goal | null, now: number): Terms => {
  const { type, target } = request;
  const kept = before?.targetDate ?? null;
  const targetDate =
    request.targetDate === undefined ? (kept !== null && kept > now ? kept : null) : request.targetDate;
  return {
    type,
    target,
    targetDate,
    priority: request.priority ?? before?.priority ?? 1,
    riskTolerance: request.riskTolerance ?? before?.riskTolerance ?? 0.02,
    maxDrawdown: request.maxDrawdown ?? before?.maxDrawdown ?? 0.15,
    environment: request.environment ?? before?.environment ?? 'live',
    adjusts: request.adjusts ?? before?.adjusts ?? true,
  };
};

const ofType = async (db: CommonQueryMethods, type: GoalType): Promise<GoalRecord | null> =>
  (await goalsWhere(db, sql.fragment`goal_type = ${type}`))[0] ?? null;

const nowRow = z.object({ now: epochMs });
const idRow = z.object({ id: z.number() });

/** One row a type: the seed's key. A new period begins, with its own baseline. */
const writeGoal = async (
  tx: CommonQueryMethods,
  terms: Terms,
  about: { readonly now: number; readonly revision: number; readonly bounds: Partial<RiskBounds> },
): Promise<GoalRecord> => {
  const { type, target, priority, riskTolerance, maxDrawdown, environment, targetDate, adjusts } = terms;
  const { now, revision, bounds } = about;
  const metadata = {
    environment,
    targetDate,
    adjusts,
    baseline: null,
    progress: null,
    revision,
    bounds,
  };
  const { id } = await tx.one(sql.type(idRow)`
    INSERT INTO financial_goals (goal_type, target_value, priority, risk_tolerance, max_drawdown_pct, status, start_date, metadata)
    VALUES (${type}, ${String(target)}::numeric, ${priority}, ${String(riskTolerance)}::numeric, ${String(maxDrawdown)}::numeric, 'active',
            ${timestamp(now)}, ${jsonb(metadata)})
    ON CONFLICT (goal_type) DO UPDATE SET
      target_value = EXCLUDED.target_value, priority = EXCLUDED.priority, risk_tolerance = EXCLUDED.risk_tolerance,
      max_drawdown_pct = EXCLUDED.max_drawdown_pct, status = 'active', start_date = EXCLUDED.start_date, achieved_at = NULL,
      metadata = coalesce(financial_goals.metadata, '{}') || EXCLUDED.metadata, updated_at = now()
    RETURNING id`);
  return await loadRecord(tx, id);
};

const notesOn = async (tx: CommonQueryMethods, { type, target, environment }: Goal): Promise<readonly string[]> => {
  const reading = await readEquity(tx, environment);
  if (!reading) return [`no account of ${environment} has been opened: nothing is judged before`];
  const equity = Number(text(reading.equity));
  if (type !== 'portfolio_target_usd' || equity < target) return [];
  return [`${environment} is worth ${goalAmount(type, equity)} already: the goal is reached at its next look`];
};

/**
 * Sets the goal of a type, in the place of the one that was there: active, in a new period. Locks: risk settings, goal.
 * @throws DomainError `BadGoal`, and nothing is written
 */
export const setGoal = async (pool: DatabasePool, request: GoalRequest): Promise<GoalSet> => {
  return await pool.transaction(async (tx) => {
    const { now } = await tx.one(sql.type(nowRow)`SELECT clock_timestamp()::timestamp AS now`);
    checkGoal(termsOf(request, (await ofType(tx, request.type))?.goal ?? null, now), now);
    await lockRiskSettings(tx, ['live', 'paper']);
    await tx.query(sql.unsafe`SELECT 1 FROM financial_goals WHERE goal_type = ${request.type} FOR UPDATE`);
    const before = await ofType(tx, request.type);
    const terms = termsOf(request, before?.goal ?? null, now);
    checkGoal(terms, now);
    const revision = (before?.revision ?? 0) + 1;
    const bounds = { ...before?.givenBounds, ...request.bounds };
    boundsOf(bounds);
    const after = await writeGoal(tx, terms, { now, revision, bounds });
    const { goalId } = after.goal;
    const isNewNumber = request.bounds?.strategies !== undefined;
    await writeAudit(tx, {
      actor: request.by,
      action: 'set_goal',
      entityType: 'goal',
      entityId: String(goalId),
      old: before && auditedGoal(before),
      new: { ...auditedGoal(after), bounds: after.bounds },
    });
    for (const environment of new Set([after.goal.environment, before?.goal.environment ?? after.goal.environment]))
      await settleRiskSettings(tx, { environment, at: now, actor: request.by, goalId, isNewNumber });
    return { goal: after.goal, replaced: before?.goal ?? null, notes: await notesOn(tx, after.goal) };
  });
};
