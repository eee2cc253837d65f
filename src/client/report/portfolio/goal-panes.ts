import type { GoalHistory } from '../../../adapters/postgres/portfolio-goals.ts';
import { dayMs } from '../../../domain/market/interval.ts';
import { rounded, thinLine } from '../thin-line.ts';
import type { ThinLine } from '../thin-line.ts';
import { goalPath } from './goal-path.ts';
import type { GoalPath } from './goal-path.ts';
import { goalName } from './names.ts';
import type { Pane, PaneChart, PaneLine } from './panes.ts';
import { chartOf, emptyPane, lineOf, mostMarks, mostPoints, scaleOf } from './scale.ts';
import type { Scale } from './scale.ts';

/** A goal that is drawn, with its path as far as it is shown. */
export interface DrawnGoal {
  readonly history: GoalHistory;
  readonly path: GoalPath;
}

/** Active goals that were looked at since `from` (epoch ms; null: ever). */
export const drawnGoals = (goals: readonly GoalHistory[], from: number | null): readonly DrawnGoal[] =>
  goals
    .filter(({ goal }) => goal.status === 'active')
    .map((history) => ({ history, path: pathFrom(goalPath(history), from ?? 0) }))
    .filter(({ path }) => path.time.length > 0);

const pathFrom = ({ time, reached, expected }: GoalPath, from: number): GoalPath => {
  const first = time.findIndex((at) => at >= from);
  const begin = first < 0 ? time.length : first;
  return { time: time.slice(begin), reached: reached.slice(begin), expected: expected.slice(begin) };
};

/** Whether a goal's clock, the wall's, runs with the market's from `first` to `last` (epoch ms). */
export const runsTogether = ({ path: { time } }: DrawnGoal, first: number, last: number): boolean =>
  time[0]! <= last + dayMs && time.at(-1)! >= first - dayMs && time.at(-1)! <= last + 2 * dayMs;

/** Goals by a clock of their own. */
export const goalsChart = (goals: readonly DrawnGoal[]): PaneChart => {
  const times = goals.flatMap(({ path: { time } }) => [time[0]!, time.at(-1)!]);
  const scale = scaleOf(Math.min(...times), Math.max(...times));
  return chartOf(
    scale,
    goals.map((goal) => goalPane(goal, scale)),
    [],
  );
};

export const goalPane = ({ history, path }: DrawnGoal, scale: Scale): Pane => {
  const { goal, progress, adjustments } = history;
  const name = goalName(goal);
  const line = (style: Pick<PaneLine, 'name' | 'shape' | 'colour'>, values: Float64Array): PaneLine =>
    lineOf(style, thinPieces(path.time, values, mostPoints), scale);
  const reachedAt = (at: number): number => (progress.findLast((point) => point.at <= at) ?? progress[0]!).current;
  const points = adjustments
    .filter(({ at }) => at >= scale.start && at <= scale.end)
    .slice(-mostMarks)
    .map(({ at, kind, reason }) => {
      const said = [kind.replaceAll('_', ' '), reason].filter((text) => text !== null).join(': ');
      return [scale.seconds(at), rounded(reachedAt(at)), said] as const;
    });
  return {
    ...emptyPane,
    name,
    title: `Goal: ${name}`,
    height: 'middle',
    unit: goal.type === 'monthly_return_pct' ? 'percent' : 'usd',
    lines: [
      line({ name: `${name} reached`, shape: 'line', colour: 'up' }, path.reached),
      line({ name: `${name} expected`, shape: 'dashed', colour: 'hold' }, path.expected),
    ],
    marks: points.length === 0 ? [] : [{ name: `${name} adjusted`, symbol: 'diamond', colour: 'ink', points }],
  };
};

/** Thins each piece between two gaps by itself, so that a gap is never thinned away. */
const thinPieces = (time: Float64Array, values: Float64Array, most: number): ThinLine => {
  const gaps = [...values.keys()].filter((at) => Number.isNaN(values[at]!));
  const ends = [...gaps, values.length];
  const pieces = ends.map((end, piece) => {
    const from = piece === 0 ? 0 : ends[piece - 1]! + 1;
    const share = Math.max(2, Math.floor((most * (end - from)) / values.length));
    return thinLine(time.slice(from, end), values.slice(from, end), share);
  });
  return {
    time: pieces.flatMap((piece, at) => (at === 0 ? piece.time : [time[gaps[at - 1]!]!, ...piece.time])),
    value: pieces.flatMap((piece, at) => (at === 0 ? piece.value : [null, ...piece.value])),
  };
};
