import type { Goal, GoalBaseline, ProgressStatus } from './goal.ts';
import { goalAmount } from './goal-text.ts';
import { periodOf } from './period.ts';

/** What a goal is judged by: one reading of an environment's equity. US dollars; `index` is equity without what came from or went to the outside. */
export interface EquityFacts {
  readonly equity: number;
  readonly index: number;
  readonly netFlows: number;
}

/** In the goal's unit: per cent of the month, or US dollars. */
export interface Progress {
  readonly current: number;
  /** On the pro-rata path, now. */
  readonly expected: number;
  /** Target less current. */
  readonly gap: number;
  /** Per cent of the target, within what its column holds. */
  readonly progressPct: number;
  readonly status: ProgressStatus;
}

/**
 * Half the width of the band around the path inside of which a goal is on track: a share of the month's target, or of what
 * the portfolio has to gain from its start. A status is left only a further `hysteresis` of the band away.
 */
export const deadBand = { monthly: 0.1, portfolio: 0.02, hysteresis: 0.25 } as const;

/** `goal_progress.progress_pct` is numeric(10,2), its amounts numeric(20,2). */
const mostPct = 99_999_999.99;

const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most);
const round = (value: number, unit: number): number => Math.round(value * unit) / unit;

/** Where the path stands and how wide its band is, in the goal's unit. */
export const pathOf = (goal: Goal, baseline: GoalBaseline, at: number): { expected: number; band: number } => {
  const { from, to } = periodOf({ ...goal, baseline }, at);
  // A month that is known from its middle on is asked for its target's share of the time that is left, not for all of it.
  const share = to > from ? clamp((at - Math.max(from, baseline.at)) / (to - from), 0, 1) : 1;
  if (goal.type !== 'portfolio_target_usd') {
    return { expected: goal.target * share, band: goal.target * deadBand.monthly };
  }
  const distance = Math.max(0, goal.target - baseline.equity);
  return { expected: goal.target - distance * (1 - share), band: distance * deadBand.portfolio };
};

/** What has been reached in the goal's unit; null where the baseline allows no return. */
const currentOf = ({ type }: Goal, baseline: GoalBaseline, { equity, index, netFlows }: EquityFacts): number | null => {
  const flows = netFlows - baseline.netFlows;
  if (type === 'monthly_profit_usd') return equity - baseline.equity - flows;
  if (type === 'portfolio_target_usd') return equity - flows;
  // A return of ten per cent is ten, not a hair beside it.
  return baseline.index > 0 ? round((index / baseline.index - 1) * 100, 1e9) : null;
};

/** The status of a distance from the path, given the one before. */
export const statusOf = (distance: number, band: number, previous: ProgressStatus | null): ProgressStatus => {
  const further = band * deadBand.hysteresis;
  const stays =
    (previous === 'behind' && distance < further - band) ||
    (previous === 'ahead' && distance > band - further) ||
    (previous === 'on_track' && Math.abs(distance) <= band + further);
  if (stays && previous) return previous;
  if (distance < -band) return 'behind';
  return distance > band ? 'ahead' : 'on_track';
};

/**
 * How a goal stands against its pro-rata path, which is linear in time. Return is that of the equity index; profit and a portfolio's
 * value leave out what came from or went to the outside since the baseline.
 * @param input `previous`: the status of the period's last look, null at its start
 * @returns Null where nothing can be said, as of a month that began without any equity.
 */
export const progressOf = (input: {
  readonly goal: Goal;
  readonly baseline: GoalBaseline;
  readonly facts: EquityFacts;
  readonly previous: ProgressStatus | null;
  readonly at: number;
}): Progress | null => {
  const { goal, baseline, facts, previous, at } = input;
  const current = currentOf(goal, baseline, facts);
  if (current === null || !Number.isFinite(current)) return null;
  const { expected, band } = pathOf(goal, baseline, at);
  return {
    current,
    expected,
    gap: goal.target - current,
    progressPct: clamp(round((current / goal.target) * 100, 100), -mostPct, mostPct),
    status: statusOf(current - expected, band, previous),
  };
};

/** `behind: 1.20 % where 3.40 % was expected by now`. */
export const describeProgress = ({ type }: Pick<Goal, 'type'>, { status, current, expected }: Progress): string =>
  `${status.replace('_', ' ')}: ${goalAmount(type, current)} where ${goalAmount(type, expected)} was expected by now`;
