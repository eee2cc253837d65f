import type { GoalView } from '../contracts/goals.ts';
import type { GoalStatus } from '../domain/goals/goal.ts';
import { goalAmount, goalTitle } from '../domain/goals/goal-text.ts';
import { utcMinute } from '../domain/utc-minute.ts';

export interface LastAdjustment {
  /** Epoch ms. */
  readonly at: number;
  readonly note: string;
}

const waitsFor: Readonly<Record<GoalStatus, string>> = {
  active: 'the next full hour, or a change of the goal',
  paused: 'somebody who resumes or changes the goal',
  achieved: 'nothing: the goal is achieved',
  cancelled: 'nothing: the goal is cancelled',
};

/**
 * Where a goal stands, as markdown for the Web UI.
 * @param known `view`: its last look that was answered; `isAnswered`: whether that was the newest look
 */
export const goalDetails = (known: {
  readonly goalId: number;
  readonly view: GoalView | null;
  readonly isAnswered: boolean;
  readonly adjustment: LastAdjustment | null;
}): string => {
  const { goalId, view, isAnswered, adjustment } = known;
  const unanswered = 'the database, which did not answer: asked again in five minutes';
  if (view === null) return `Goal ${goalId}, not read yet\n\nWaits for: ${unanswered}`;
  const { goal, at, current, expected, progressPct, progress, note } = view;
  const percent = progressPct === null ? '' : ` (${progressPct.toFixed(1)} % of it)`;
  return [
    `**${goalTitle(goal)}**, priority ${goal.priority}: ${goal.status}${progress === null ? '' : `, **${progress.replace('_', ' ')}**`}`,
    `Reached: ${goalAmount(goal.type, current)}${percent}, expected by now: ${goalAmount(goal.type, expected)} (${utcMinute(at)})`,
    `Last word: ${note}`,
    `Last adjustment: ${adjustment === null ? 'none yet' : `${utcMinute(adjustment.at)}, ${adjustment.note}`}`,
    `Waits for: ${isAnswered ? waitsFor[goal.status] : unanswered}`,
  ].join('\n\n');
};
