import type { GoalHistory } from '../../../adapters/postgres/portfolio-goals.ts';
import { formatCount, formatDay, formatNumber, formatTime } from '../format.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { goalPath } from './goal-path.ts';
import { goalName, goalText } from './names.ts';
import type { PortfolioReport } from './report.ts';
import { dataTable, section } from './table.ts';

const mostAdjustments = 50;

export interface GoalRow {
  readonly goal: string;
  readonly status: string;
  readonly current: string;
  readonly expected: string;
  readonly standing: string;
}

/** How each goal stood when it was last looked at. */
export const goalRows = (goals: readonly GoalHistory[]): readonly GoalRow[] =>
  goals.map((history) => {
    const { goal } = history;
    const last = history.progress.at(-1);
    return {
      goal: goalName(goal),
      status: goal.achievedAt === null ? goal.status : `achieved ${formatDay(goal.achievedAt)}`,
      current: goalText(goal, last?.current ?? null),
      expected: goalText(goal, last === undefined ? null : goalPath(history).expected.at(-1)!),
      standing: last === undefined ? 'not looked at yet' : (last.status?.replace('_', ' ') ?? '–'),
    };
  });

export const goalsSection = ({ history: { goals } }: PortfolioReport): Html =>
  section(
    'Goals',
    goals.length === 0
      ? 'No goal is set for this environment.'
      : 'Against the pro-rata path, as of the last look at each.',
    goals.length === 0
      ? []
      : [
          dataTable({
            label: 'Goals',
            columns: ['Goal', 'Reached', 'Expected', '<Stands', '<Status'],
            rows: goalRows(goals).map((row) => [row.goal, row.current, row.expected, row.standing, row.status]),
          }),
          adjustments(goals),
        ],
  );

/** The newest of all goals. */
const adjustments = (goals: readonly GoalHistory[]): Html => {
  const all = goals
    .flatMap((history) => history.adjustments.map((adjustment) => ({ goal: history.goal, ...adjustment })))
    .toSorted((a, b) => b.at - a.at);
  if (all.length === 0) return html`<p class="lead">Nothing has been adjusted yet.</p>`;
  const listed = all.slice(0, mostAdjustments);
  return html`<h3>
      Adjustments${all.length > listed.length ? `, the newest ${listed.length} of ${formatCount(all.length)}` : null}
    </h3>
    ${dataTable({
      label: 'Adjustments',
      columns: ['When (UTC)', '<What', '<Why'],
      rows: listed.map(({ at, kind, before, after, reason }) => [
        formatTime(at),
        { text: changeText(kind, before, after), tone: 'when' },
        { text: reason ?? '–', tone: 'wrap' },
      ]),
      isTall: true,
    })}`;
};

/** `increase risk: 1.00 → 1.10` */
const changeText = (kind: string, before: number | null, after: number | null): string =>
  `${kind.replaceAll('_', ' ')}: ${formatNumber(before, 2, 4)} → ${formatNumber(after, 2, 4)}`;
