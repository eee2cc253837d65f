import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { Goal, ProgressStatus } from '../domain/goals/goal.ts';

export interface GoalTickRequest {
  readonly goalId: number;
  /** The workflow's time, epoch ms; the hour it falls into is the tick's key. */
  readonly at: number;
}

/** What one hour's look at a goal came to. */
export interface GoalView {
  readonly goal: Goal;
  readonly at: number;
  /** In the goal's unit; null where nothing could be said, and `note` says why. */
  readonly current: number | null;
  readonly expected: number | null;
  /** Per cent of the target. */
  readonly progressPct: number | null;
  readonly progress: ProgressStatus | null;
  /** What was adjusted and why, or why nothing was. */
  readonly note: string;
  readonly adjusted: boolean;
}

/** Short database work, run as local activities on the orchestration queue. */
export interface GoalActivities {
  /** Progress, adjustment, roll-over, achievement of one hour in one transaction; asking again gives the same. @throws NotFound */
  tickGoal(request: GoalTickRequest): Promise<GoalView>;
}

/** The goal's row was changed, as by the command line: read it again now. */
export const goalChangedSignal = defineSignal('goalChanged');
export const goalQuery = defineQuery<GoalView | null>('goal');
