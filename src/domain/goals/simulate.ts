import { hourMs } from '../market/interval.ts';
import type { IndexPoint } from '../portfolio/index-series.ts';
import { type Adjustment, adjusted, adjustmentOf } from './adjust.ts';
import type { RiskBounds } from './bounds.ts';
import type { Goal, ProgressStatus } from './goal.ts';
import { lookAtGoal } from './look.ts';
import { monthName } from './period.ts';
import { type Progress, describeProgress } from './progress.ts';
import { type RiskSettings, neutralSettings } from './risk-settings.ts';

export interface SimulationInput {
  /** As it stands; its start, status and baseline are those of the simulation. */
  readonly goal: Goal;
  readonly bounds: RiskBounds;
  /** Ascending in time, every index above zero; its unit does not matter. */
  readonly points: readonly IndexPoint[];
  /** US dollars at the first point. */
  readonly capital: number;
}

export interface SimulatedAdjustment {
  readonly at: number;
  readonly kind: Exclude<Adjustment['kind'], 'none'>;
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

/** A month's last look. Amounts are in the goal's unit. */
export interface SimulatedMonth {
  /** `2026-03` */
  readonly month: string;
  readonly target: number;
  /** On the path at that look. */
  readonly expected: number;
  readonly reached: number;
  readonly status: ProgressStatus;
  /** In force after it. */
  readonly scale: number;
}

export interface EquityOutcome {
  /** US dollars. */
  readonly final: number;
  readonly returnPct: number;
  /** Per cent, positive, from hour to hour. */
  readonly maxDrawdownPct: number;
}

export interface Simulation {
  readonly from: number;
  readonly to: number;
  readonly looks: number;
  /** How many looks found it so. */
  readonly behind: number;
  readonly onTrack: number;
  readonly ahead: number;
  readonly adjustments: readonly SimulatedAdjustment[];
  readonly months: readonly SimulatedMonth[];
  readonly finalScale: number;
  /** Only a portfolio's target ends a goal. */
  readonly achievedAt: number | null;
  readonly withLoop: EquityOutcome;
  readonly without: EquityOutcome;
}

/** One account's curve: how many strategies made it is not known, so their number is never what is adjusted. */
const strategies = 1;

/** The index on each full hour from the first point on, the last known value carried forward. */
const hourly = (points: readonly IndexPoint[]): readonly IndexPoint[] => {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return [];
  const hours: IndexPoint[] = [];
  let next = 0;
  for (let at = Math.ceil(first.at / hourMs) * hourMs; at <= last.at; at += hourMs) {
    while (next + 1 < points.length && points[next + 1]!.at <= at) next += 1;
    hours.push({ at, index: points[next]!.index });
  }
  return hours;
};

interface Curve {
  readonly equity: number;
  readonly peak: number;
  /** Fraction, the worst so far. */
  readonly worst: number;
}

const grow = ({ equity, peak, worst }: Curve, factor: number): Curve => {
  const next = equity * factor;
  const high = Math.max(peak, next);
  return { equity: next, peak: high, worst: Math.max(worst, 1 - next / high) };
};

const outcomeOf = ({ equity, worst }: Curve, capital: number): EquityOutcome => ({
  final: equity,
  returnPct: (equity / capital - 1) * 100,
  maxDrawdownPct: worst * 100,
});

/** All that one look leaves to the next. */
interface Walk {
  /** With its baseline. */
  readonly goal: Goal;
  readonly settings: RiskSettings;
  readonly status: ProgressStatus | null;
}

interface Looked {
  readonly walk: Walk;
  readonly progress: Progress | null;
  readonly change: Adjustment;
}

/** One full hour, as the loop sees it. */
const look = (
  walk: Walk,
  { equity, peak }: Curve,
  { at, bounds, capital }: { at: number; bounds: RiskBounds; capital: number },
): Looked => {
  const facts = { equity, index: equity / capital, netFlows: 0 };
  const seen = lookAtGoal({ goal: walk.goal, facts, previous: walk.status, turn: null, at });
  const { progress, baseline } = seen;
  const goal = { ...walk.goal, baseline, ...(seen.isAchieved && { achievedAt: at }) };
  const status = progress?.status ?? null;
  // A portfolio that has reached its target is the end of its goal: every stake is its strategy's own again.
  if (seen.isAchieved && goal.type === 'portfolio_target_usd') {
    return {
      walk: { goal, status, settings: neutralSettings },
      progress,
      change: { kind: 'none', reason: 'achieved' },
    };
  }
  const { settings } = walk;
  const input = { at, goalId: goal.goalId, standings: [{ goal, bounds, status }], settings, strategies };
  const detail = progress === null ? 'nothing can be said' : describeProgress(goal, progress);
  const change = adjustmentOf({ ...input, detail, tradingState: 'ACTIVE', drawdown: 1 - equity / peak });
  return { walk: { goal, status, settings: adjusted(input, change) }, progress, change };
};

/**
 * What a goal's loop would have done on every full hour of a history, by the loop's own rules. The scale in force multiplies each
 * hour's return: a model of first order, in which every position of that hour was sized by it and nothing else had changed. Breakers
 * are taken as closed and the goal as the only one.
 * @returns Null where the history has no full hour.
 */
export const simulateGoal = ({ goal: given, bounds, points, capital }: SimulationInput): Simulation | null => {
  const hours = hourly(points);
  const [first, last, origin] = [hours[0], hours.at(-1), points[0]];
  if (!first || !last || !origin) return null;
  const start: Curve = { equity: capital, peak: capital, worst: 0 };
  const goal: Goal = { ...given, status: 'active', achievedAt: null, startedAt: first.at, baseline: null };

  let [withLoop, without] = [start, start];
  let walk: Walk = { goal, settings: neutralSettings, status: null };
  let achievedAt: number | null = null;
  let before = origin;
  const counts: Record<ProgressStatus, number> = { behind: 0, on_track: 0, ahead: 0 };
  const adjustments: SimulatedAdjustment[] = [];
  const months = new Map<string, SimulatedMonth>();
  for (const hour of hours) {
    const { at } = hour;
    const change = hour.index / before.index - 1;
    before = hour;
    without = grow(without, 1 + change);
    withLoop = grow(withLoop, Math.max(0, 1 + walk.settings.riskScale * change));
    if (achievedAt !== null) continue;
    const looked = look(walk, withLoop, { at, bounds, capital });
    ({ walk } = looked);
    if (looked.change.kind !== 'none') adjustments.push({ at, ...looked.change });
    if (looked.progress === null) continue;
    const { expected, current: reached, status } = looked.progress;
    counts[status] += 1;
    const month = monthName(at);
    months.set(month, { month, target: goal.target, expected, reached, status, scale: walk.settings.riskScale });
    if (goal.type === 'portfolio_target_usd') achievedAt = walk.goal.achievedAt;
  }
  return {
    from: first.at,
    to: last.at,
    looks: hours.length,
    behind: counts.behind,
    onTrack: counts.on_track,
    ahead: counts.ahead,
    adjustments,
    months: [...months.values()],
    finalScale: walk.settings.riskScale,
    achievedAt,
    withLoop: outcomeOf(withLoop, capital),
    without: outcomeOf(without, capital),
  };
};
