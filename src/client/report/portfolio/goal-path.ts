import type { GoalHistory, GoalProgressPoint } from '../../../adapters/postgres/portfolio-goals.ts';
import type { Goal } from '../../../domain/goals/goal.ts';
import { hourOf, monthOf } from '../../../domain/goals/period.ts';
import { pathOf } from '../../../domain/goals/progress.ts';

/** What a goal had reached beside what its pro-rata path asked for, in its unit; NaN between two months, where both begin anew. */
export interface GoalPath {
  /** Epoch ms. */
  readonly time: Float64Array;
  readonly reached: Float64Array;
  readonly expected: Float64Array;
}

export const goalPath = ({ goal, progress }: Pick<GoalHistory, 'goal' | 'progress'>): GoalPath => {
  const asked = askedBy(goal);
  const rows = progress.flatMap((point, index) => {
    const begins =
      progress[index - 1] === undefined || periodStart(goal, progress[index - 1]!) !== periodStart(goal, point);
    const row = { at: point.at, reached: point.current, expected: asked(point, begins) };
    return begins && index > 0 ? [{ at: point.at, reached: Number.NaN, expected: Number.NaN }, row] : [row];
  });
  return {
    time: Float64Array.from(rows, ({ at }) => at),
    reached: Float64Array.from(rows, ({ reached }) => reached),
    expected: Float64Array.from(rows, ({ expected }) => expected),
  };
};

const isMonthly = ({ type }: Goal): boolean => type !== 'portfolio_target_usd';

const periodStart = (goal: Goal, { at }: GoalProgressPoint): number => (isMonthly(goal) ? monthOf(at).from : 0);

/**
 * What the path asks for at an hour, at the target of that hour. The baseline of the month that runs is stored; an earlier month's is taken to be
 * at the first hour that was looked at in it.
 */
const askedBy = (goal: Goal): ((point: GoalProgressPoint, begins: boolean) => number) => {
  let from = 0;
  return (point, begins) => {
    if (begins) from = hourOf(point.at);
    const stored = goal.baseline;
    const isStored = stored !== null && (!isMonthly(goal) || monthOf(stored.at).from === monthOf(point.at).from);
    const baseline = isStored ? stored : { at: from, equity: point.target, index: 1, netFlows: 0 };
    // What is reached is stored in hundredths.
    return Math.round(pathOf({ ...goal, target: point.target }, baseline, point.at).expected * 100) / 100;
  };
};
