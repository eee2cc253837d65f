import type { DatabasePool } from 'slonik';
import { DomainError } from '../../../domain/errors.ts';
import type { Goal } from '../../../domain/goals/goal.ts';
import { facts, utc } from '../../output.ts';
import type { Told } from '../../tell-workflows.ts';

/** A goal by its type or its id: there is one of a type. @throws DomainError `NotFound` */
export const findGoal = async (pool: DatabasePool, reference: string): Promise<Goal> => {
  const { listGoals } = await import('../../../adapters/postgres/goals/goal-rows.ts');
  const goals = await listGoals(pool);
  const found = goals.find(({ goalId, type }) => type === reference || String(goalId) === reference);
  if (found) return found;
  const known = goals.map(({ type, goalId }) => `${type} (${goalId})`).join(', ');
  throw new DomainError('NotFound', `there is no goal ${reference}`, {
    next: known === '' ? 'set one with `mastertrade goal set`' : `name one of ${known}`,
  });
};

/** A goal's row as it is shown, times as text. */
export const shownGoal = ({ baseline, ...goal }: Goal) => ({
  ...goal,
  startedAt: utc(goal.startedAt),
  achievedAt: utc(goal.achievedAt),
  targetDate: utc(goal.targetDate),
  baseline: baseline && { ...baseline, at: utc(baseline.at) },
});

/** What has become of a goal, and whether its loop has heard of it. */
export const changedText = (goal: Goal, notes: readonly string[], { note }: Told): string =>
  [facts(shownGoal(goal)), ...notes.map((each) => `Note: ${each}.`), ...(note === '' ? [] : [`Note: ${note}.`])].join(
    '\n',
  );
