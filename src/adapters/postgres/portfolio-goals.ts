import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import { type Goal, type ProgressStatus, progressStatuses } from '../../domain/goals/goal.ts';
import { timestamp } from './pool.ts';
import { numberText, numberTextOrNull } from './rows.ts';

/** What one hour's look at a goal has written. In the goal's unit. */
export interface GoalProgressPoint {
  /** Wall time, epoch ms. */
  readonly at: number;
  readonly current: number;
  readonly target: number;
  readonly status: ProgressStatus | null;
}

/** What a goal has changed, and why. */
export interface GoalAdjustmentRecord {
  /** Wall time, epoch ms. */
  readonly at: number;
  readonly kind: string;
  readonly before: number | null;
  readonly after: number | null;
  readonly reason: string | null;
}

/** A goal with what became of it, the oldest first. */
export interface GoalHistory {
  readonly goal: Goal;
  readonly progress: readonly GoalProgressPoint[];
  readonly adjustments: readonly GoalAdjustmentRecord[];
}

const progressRow = z.object({
  at: z.number(),
  current: numberText,
  target: numberText,
  status: z.enum(progressStatuses).nullable().catch(null),
});

const adjustmentRow = z.object({
  at: z.number(),
  kind: z.string(),
  before: numberTextOrNull,
  after: numberTextOrNull,
  reason: z.string().nullable(),
});

/** A goal's hours and adjustments up to `to` (epoch ms). */
export const readGoalRecord = async (db: CommonQueryMethods, goal: Goal, to: number): Promise<GoalHistory> => ({
  goal,
  progress: await db.any(sql.type(progressRow)`
    SELECT DISTINCT ON (timestamp) timestamp AS at, current_value::text AS current, target_value::text AS target, status
    FROM goal_progress WHERE goal_id = ${goal.goalId} AND timestamp <= ${timestamp(to)} ORDER BY timestamp, id DESC`),
  adjustments: await db.any(sql.type(adjustmentRow)`
    SELECT applied_at AS at, adjustment_type AS kind, old_value::text AS before, new_value::text AS after, reason
    FROM goal_adjustments WHERE goal_id = ${goal.goalId} AND applied_at <= ${timestamp(to)} ORDER BY applied_at, id`),
});
