import { goalAmount, goalTitle } from '../domain/goals/goal-text.ts';
import type { EquityOutcome } from '../domain/goals/simulate.ts';
import type { SimulatedGoal } from './goal-simulation.ts';
import { facts, table, utc } from './output.ts';

/** What a reader has to know before believing it. */
const model =
  "A model of first order: each hour's return times the scale in force. Breakers and other goals are left out, and so is the cap that a stake keeps by its stop.";

const rounded = (value: number): number => Math.round(value * 1e8) / 1e8;

const outcome = ({ final, returnPct, maxDrawdownPct }: EquityOutcome): EquityOutcome => ({
  final: rounded(final),
  returnPct: rounded(returnPct),
  maxDrawdownPct: rounded(maxDrawdownPct),
});

/** For programs. Amounts are in the goal's unit, equity in US dollars. */
export const simulationAnswer = ({ goal, bounds, source, capital, simulation }: SimulatedGoal) => {
  const { type, target, environment, maxDrawdown } = goal;
  const { from, to, achievedAt, adjustments, months, withLoop, without, ...counts } = simulation;
  return {
    goal: { type, target, environment, maxDrawdown, targetDate: utc(goal.targetDate) },
    bounds,
    source,
    from: utc(from),
    to: utc(to),
    capital: rounded(capital),
    ...counts,
    achievedAt: utc(achievedAt),
    withLoop: outcome(withLoop),
    without: outcome(without),
    months: months.map((month) => ({ ...month, expected: rounded(month.expected), reached: rounded(month.reached) })),
    adjustments: adjustments.map((each) => ({ ...each, at: utc(each.at) })),
    model,
  };
};

const monthColumns = {
  month: 'month',
  target: 'target',
  expected: 'expected',
  reached: 'reached',
  status: 'status',
  scale: 'scale',
};
const adjustmentColumns = { at: 'at', what: 'kind', from: 'from', to: 'to', why: 'reason' };

const outcomeText = ({ final, returnPct, maxDrawdownPct }: EquityOutcome): string =>
  `${final.toFixed(2)} USD, ${returnPct.toFixed(2)} %, drawdown ${maxDrawdownPct.toFixed(2)} %`;

/** For people: what was adjusted and why, the path by month, and what it came to. */
export const simulationText = ({ goal, source, simulation }: SimulatedGoal): string => {
  const { type } = goal;
  const { from, to, looks, behind, onTrack, ahead, adjustments, months, finalScale, achievedAt } = simulation;
  const share = (count: number): string => `${count} h (${((count / looks) * 100).toFixed(1)} %)`;
  const monthRows = months.map((month) => ({
    ...month,
    target: goalAmount(type, month.target),
    expected: goalAmount(type, month.expected),
    reached: goalAmount(type, month.reached),
    status: month.status.replace('_', ' '),
  }));
  return [
    facts({
      goal: goalTitle(goal),
      on: source,
      hours: `${looks}, from ${utc(from)} to ${utc(to)}`,
      behind: share(behind),
      'on track': share(onTrack),
      ahead: share(ahead),
      ...(achievedAt !== null && { achieved: utc(achievedAt) }),
      'final scale': finalScale,
      'with the loop': outcomeText(simulation.withLoop),
      without: outcomeText(simulation.without),
    }),
    `By month, as its last hour found it:\n${table(monthRows, monthColumns)}`,
    `What it would have adjusted:\n${table(
      adjustments.map((each) => ({ ...each, at: utc(each.at) })),
      adjustmentColumns,
    )}`,
    model,
  ].join('\n');
};
