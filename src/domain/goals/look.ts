import type { Goal, GoalBaseline, ProgressStatus } from './goal.ts';
import { monthOf } from './period.ts';
import { type EquityFacts, type Progress, progressOf } from './progress.ts';

/** One look at a goal: its baseline, how it stands, and whether it was reached by this look. */
export interface GoalLook {
  readonly baseline: GoalBaseline;
  /** The baseline is this look's: a new month has begun, or it is the goal's first. */
  readonly isNewPeriod: boolean;
  /** Null where nothing can be said. */
  readonly progress: Progress | null;
  /** Reached for the first time in this period. */
  readonly isAchieved: boolean;
}

/** Whether the baseline still counts: a month's holds within its month, a portfolio target's for ever. */
export const isCurrent = ({ type }: Pick<Goal, 'type'>, baseline: GoalBaseline | null, at: number): boolean => {
  if (!baseline) return false;
  const { from, to } = monthOf(at);
  return type === 'portfolio_target_usd' || (baseline.at >= from && baseline.at < to);
};

/**
 * Judges a goal by one reading of its environment's equity.
 * @param input `previous`: its status at its last look. `turn`: what is known of the first instant of the month; without it a
 * new period begins with this reading.
 */
export const lookAtGoal = (input: {
  readonly goal: Goal;
  readonly facts: EquityFacts;
  readonly previous: ProgressStatus | null;
  readonly turn: GoalBaseline | null;
  readonly at: number;
}): GoalLook => {
  const { goal, facts, previous, turn, at } = input;
  const isKept = isCurrent(goal, goal.baseline, at);
  const baseline = (isKept && goal.baseline) || turn || { at, ...facts };
  const progress = progressOf({ goal, baseline, facts, previous: isKept ? previous : null, at });
  const since = goal.type === 'portfolio_target_usd' ? goal.startedAt : monthOf(at).from;
  const wasAchieved = goal.achievedAt !== null && goal.achievedAt >= since;
  return {
    baseline,
    isNewPeriod: !isKept,
    progress,
    isAchieved: progress !== null && progress.gap <= 0 && !wasAchieved,
  };
};
