import { type CommonQueryMethods, type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { checkMove } from '../../../domain/goals/goal-terms.ts';
import type { Goal } from '../../../domain/goals/goal.ts';
import { writeAudit } from '../audit.ts';
import { epochMs } from '../rows.ts';
import { loadRecord, lockRecord } from './goal-rows.ts';
import { lockRiskSettings, settleRiskSettings } from './risk-settings.ts';

export interface GoalStatusChange {
  readonly goalId: number;
  readonly to: 'active' | 'paused' | 'cancelled';
  readonly by: string;
}

const nowRow = z.object({ now: epochMs });

const move = async (tx: CommonQueryMethods, { goalId, to, by }: GoalStatusChange): Promise<Goal> => {
  // Its environment may change until its row is locked, and settings are locked before goals.
  await lockRiskSettings(tx, ['live', 'paper']);
  const before = await lockRecord(tx, goalId);
  checkMove(before.goal.type, before.goal.status, to);
  const { now } = await tx.one(sql.type(nowRow)`
    UPDATE financial_goals
    SET status = ${to}, updated_at = now(),
        metadata = coalesce(metadata, '{}') || jsonb_build_object('revision', ${before.revision + 1}::int, 'progress', NULL)
    WHERE id = ${goalId} RETURNING clock_timestamp()::timestamp AS now`);
  await writeAudit(tx, {
    actor: by,
    action: 'change_goal_status',
    entityType: 'goal',
    entityId: String(goalId),
    old: { status: before.goal.status },
    new: { status: to },
  });
  await settleRiskSettings(tx, { environment: before.goal.environment, at: now, actor: by, goalId });
  return (await loadRecord(tx, goalId)).goal;
};

/**
 * Pauses, resumes or cancels a goal. What goals have adjusted is undone where none adjusts any more. Locks: risk settings, goal.
 * @throws DomainError `NotFound`, `IllegalTransition`
 */
export const changeGoalStatus = async (pool: DatabasePool, request: GoalStatusChange): Promise<Goal> =>
  await pool.transaction(async (tx) => await move(tx, request));
