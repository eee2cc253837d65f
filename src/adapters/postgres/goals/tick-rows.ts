import { type CommonQueryMethods, sql } from 'slonik';
import type { Adjustment } from '../../../domain/goals/adjust.ts';
import { goalAmount, goalTitle } from '../../../domain/goals/goal-text.ts';
import type { Goal } from '../../../domain/goals/goal.ts';
import type { GoalLook } from '../../../domain/goals/look.ts';
import { monthName } from '../../../domain/goals/period.ts';
import type { Progress } from '../../../domain/goals/progress.ts';
import { raiseAlert } from '../alerts.ts';
import { writeAudit } from '../audit.ts';
import { timestamp } from '../pool.ts';
import { jsonb } from '../rows.ts';
import { type GoalRecord, loadRecord } from './goal-rows.ts';

const actor = 'goalLoop';
/** numeric(20,2) */
const mostAmount = 999_999_999_999_999;

const amount = (value: number): string => Math.min(Math.max(value, -mostAmount), mostAmount).toFixed(2);

export const writeProgress = async (
  tx: CommonQueryMethods,
  { goalId, target }: Goal,
  progress: Progress,
  at: number,
): Promise<void> => {
  await tx.query(sql.unsafe`
    INSERT INTO goal_progress (goal_id, timestamp, current_value, target_value, progress_pct, gap, status)
    VALUES (${goalId}, ${timestamp(at)}, ${amount(progress.current)}::numeric, ${amount(target)}::numeric,
            ${String(progress.progressPct)}::numeric, ${amount(progress.gap)}::numeric, ${progress.status})`);
};

export const writeAdjustment = async (
  tx: CommonQueryMethods,
  goalId: number,
  change: Exclude<Adjustment, { readonly kind: 'none' }>,
  at: number,
): Promise<void> => {
  await tx.query(sql.unsafe`
    INSERT INTO goal_adjustments (goal_id, adjustment_type, old_value, new_value, reason, applied_at)
    VALUES (${goalId}, ${change.kind}, ${String(change.from)}::numeric, ${String(change.to)}::numeric, ${change.reason}, ${timestamp(at)})`);
};

/** A portfolio's date has come and its target is not reached: told once. */
export const tellMissed = async (tx: CommonQueryMethods, { goal, revision }: GoalRecord, look: GoalLook) => {
  const current = look.progress?.current ?? null;
  await raiseAlert(tx, {
    type: 'goal_missed',
    severity: 'warning',
    title: `The date has passed: ${goalTitle(goal)}`,
    message: `${goalAmount(goal.type, current)} of ${goalAmount(goal.type, goal.target)}. It adjusts nothing any more; set another date with \`mastertrade goal set\`.`,
    entityType: 'goal',
    entityId: String(goal.goalId),
    dedupeKey: `goal_missed/${goal.goalId}/${revision}`,
  });
};

const tellAchieved = async (tx: CommonQueryMethods, { goal, revision }: GoalRecord, look: GoalLook, at: number) => {
  const { goalId, type } = goal;
  const isMonthly = type !== 'portfolio_target_usd';
  await writeAudit(tx, {
    actor,
    action: 'achieve_goal',
    entityType: 'goal',
    entityId: String(goalId),
    old: { status: goal.status, achievedAt: goal.achievedAt },
    new: { status: isMonthly ? goal.status : 'achieved', achievedAt: at, current: look.progress?.current ?? null },
  });
  const when = isMonthly ? ` in ${monthName(at)}` : '';
  const goesOn = isMonthly
    ? 'It stays active.'
    : 'It adjusts nothing any more; set another one with `mastertrade goal set`.';
  await raiseAlert(tx, {
    type: 'goal_achieved',
    severity: 'info',
    title: `The goal is reached${when}: ${goalTitle(goal)}`,
    message: `${goalAmount(type, look.progress?.current ?? null)} of ${goalAmount(type, goal.target)}. ${goesOn}`,
    entityType: 'goal',
    entityId: String(goalId),
    dedupeKey: `goal_achieved/${goalId}/${revision}/${isMonthly ? monthName(at) : 'once'}`,
  });
};

/** Keeps what a look has found in the goal's own row, with the audit of a new period and of an achievement. */
export const keepLook = async (
  tx: CommonQueryMethods,
  record: GoalRecord,
  look: GoalLook,
  at: number,
): Promise<Goal> => {
  const { goal } = record;
  const { goalId } = goal;
  const isOver = look.isAchieved && goal.type === 'portfolio_target_usd';
  const progress = look.progress && { status: look.progress.status, at };
  await tx.query(sql.unsafe`
    UPDATE financial_goals
    SET metadata = coalesce(metadata, '{}') || ${jsonb({ baseline: look.baseline, progress })}, updated_at = now(),
        status = ${isOver ? 'achieved' : goal.status}
        ${look.isAchieved ? sql.fragment`, achieved_at = ${timestamp(at)}` : sql.fragment``}
    WHERE id = ${goalId}`);
  if (look.isNewPeriod) {
    await writeAudit(tx, {
      actor,
      action: 'begin_goal_period',
      entityType: 'goal',
      entityId: String(goalId),
      old: { baseline: goal.baseline },
      new: { baseline: look.baseline },
    });
  }
  if (look.isAchieved) await tellAchieved(tx, record, look, at);
  return (await loadRecord(tx, goalId)).goal;
};
