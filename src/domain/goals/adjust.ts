import type { TradingState } from '../breaker/policy.ts';
import { type RiskBounds, adjustmentPause, raiseLimit } from './bounds.ts';
import type { Goal, ProgressStatus } from './goal.ts';
import { hasPassed } from './period.ts';
import type { RiskSettings } from './risk-settings.ts';

export type AdjustmentKind = 'increase_risk' | 'decrease_risk' | 'increase_strategies' | 'decrease_strategies';

/** `from` and `to` are the scale, or a number of strategies. */
export type Adjustment =
  | { readonly kind: AdjustmentKind; readonly from: number; readonly to: number; readonly reason: string }
  | { readonly kind: 'none'; readonly reason: string };

type Change = Exclude<Adjustment, { readonly kind: 'none' }>;

/** An active goal and how it stood when it was last looked at; null: not looked at for long. */
export interface Standing {
  readonly goal: Goal;
  readonly bounds: RiskBounds;
  readonly status: ProgressStatus | null;
}

export interface AdjustmentInput {
  readonly at: number;
  /** The goal that is looked at. */
  readonly goalId: number;
  /** How that goal stands, in words. */
  readonly detail: string;
  /** Every active goal of the environment, that one included. */
  readonly standings: readonly Standing[];
  readonly settings: RiskSettings;
  readonly tradingState: TradingState;
  /** Of the equity index from its peak, fraction; null where it is not known. */
  readonly drawdown: number | null;
  /** How many strategies trade in the environment. */
  readonly strategies: number;
}

const none = (reason: string): Adjustment => ({ kind: 'none', reason });
/** As `goal_adjustments` keeps it. */
const round4 = (value: number): number => Math.round(value * 10_000) / 10_000;
const percent = (fraction: number): string => `${round4(fraction * 100)} %`;
const named = ({ goal }: Standing): string => `${goal.type} (priority ${goal.priority})`;

/** Whether a goal has a say in the risk of its environment. */
export const isAdjusting = (goal: Goal, at: number): boolean =>
  goal.status === 'active' && goal.adjusts && !hasPassed(goal, at);

const byPriority = (a: Standing, b: Standing): number =>
  a.goal.priority - b.goal.priority || a.goal.goalId - b.goal.goalId;

/** The strictest usual number of strategies at a time among the goals that adjust; null: none has one. */
export const usualStrategies = (standings: readonly Standing[], at: number): number | null => {
  const numbers = standings
    .filter(({ goal }) => isAdjusting(goal, at))
    .flatMap(({ bounds }) => (bounds.strategies === null ? [] : [bounds.strategies]));
  return numbers.length === 0 ? null : Math.min(...numbers);
};

const isOver = ({ goal }: Standing, drawdown: number | null): boolean =>
  drawdown !== null && drawdown >= goal.maxDrawdown;

/** A step down because of a drawdown; at the floor, a strategy fewer. */
const safety = ({ goal, bounds }: Standing, { settings, strategies, drawdown }: AdjustmentInput): Adjustment => {
  const why = `the drawdown is ${percent(drawdown ?? 0)}, ${goal.type} allows ${percent(goal.maxDrawdown)}`;
  const { riskScale: from, maxStrategies } = settings;
  if (from > bounds.floor) {
    const to = round4(Math.max(bounds.floor, from - bounds.step));
    return {
      kind: 'decrease_risk',
      from,
      to,
      reason: `${why}: risk goes from ${from} to ${to} of each strategy's own`,
    };
  }
  const most = Math.min(maxStrategies ?? strategies, strategies);
  if (most <= 1) return none(`${why}; risk is at its floor of ${bounds.floor} already`);
  const reason = `${why} and risk is at its floor of ${bounds.floor}: ${most - 1} instead of ${most} strategies may hold something at a time`;
  return { kind: 'decrease_strategies', from: most, to: most - 1, reason };
};

/** What a goal would have done if nothing spoke against it; text where it wants nothing. */
const wish = ({ bounds, status }: Standing, input: AdjustmentInput): Change | string => {
  const { settings, detail } = input;
  const { riskScale: from, maxStrategies: most } = settings;
  const passed = `the drawdown has passed, it is ${percent(input.drawdown ?? 0)}`;
  const scaleTo = (target: number, why: string): Change => {
    const to = round4(target);
    const kind = to > from ? 'increase_risk' : 'decrease_risk';
    return { kind, from, to, reason: `${why}: risk goes from ${from} to ${to} of each strategy's own` };
  };
  const strategiesTo = (before: number, to: number, why: string): Change => ({
    kind: to > before ? 'increase_strategies' : 'decrease_strategies',
    from: before,
    to,
    reason: `${why}: ${to} instead of ${before} strategies may hold something at a time`,
  });
  if (from < 1) return scaleTo(Math.min(1, from + bounds.step), passed);
  const usual = usualStrategies(input.standings, input.at);
  if (most !== null && (usual === null || most < usual)) return strategiesTo(most, most + 1, passed);
  if (status === 'behind') {
    if (from < bounds.ceiling) return scaleTo(Math.min(bounds.ceiling, from + bounds.step), detail);
    const atCeiling = `${detail}; risk is at its ceiling of ${bounds.ceiling}`;
    if (most === null) return `${atCeiling}, and the number of strategies has no limit to raise`;
    if (most < bounds.strategiesCeiling) return strategiesTo(most, most + 1, atCeiling);
    return `${atCeiling}, and ${most} strategies at a time are the most that is allowed`;
  }
  if (status === 'ahead') {
    if (from > 1) return scaleTo(Math.max(1, from - bounds.step), detail);
    if (most !== null && usual !== null && most > usual) return strategiesTo(most, most - 1, detail);
  }
  return `${detail}; nothing has to be adjusted`;
};

const isRaise = ({ kind }: Change): boolean => kind === 'increase_risk' || kind === 'increase_strategies';

/** Why a raise is not made now; null where nothing speaks against it. */
const noRaise = (adjusting: readonly Standing[], drawdown: number | null): string | null => {
  if (drawdown === null) return 'not raised: the drawdown is not known';
  const strictest = adjusting.toSorted((a, b) => a.goal.maxDrawdown - b.goal.maxDrawdown)[0];
  if (!strictest || drawdown < strictest.goal.maxDrawdown * raiseLimit) return null;
  return `not raised: the drawdown is ${percent(drawdown)}, half or more of the ${percent(strictest.goal.maxDrawdown)} that ${strictest.goal.type} allows`;
};

/**
 * What one goal's look at its environment changes: at most one step of the risk scale, or one strategy more or less at a time.
 * Never while a breaker is open; a drawdown beyond a goal's limit wins over everything; of several goals the highest that
 * is not on track decides. One adjustment a day at most, and no raise from half of a goal's drawdown limit on.
 */
export const adjustmentOf = (input: AdjustmentInput): Adjustment => {
  const { at, goalId, standings, settings, tradingState, drawdown, detail } = input;
  const self = standings.find(({ goal }) => goal.goalId === goalId);
  if (!self || self.goal.status !== 'active') return none('the goal is not active');
  if (!self.goal.adjusts) return none(`${detail}; it is only watched`);
  if (hasPassed(self.goal, at)) return none(`${detail}; its date has passed: it adjusts nothing any more`);
  if (tradingState !== 'ACTIVE')
    return none(`${detail}; trading is ${tradingState}: nothing is adjusted while a breaker is open`);
  const adjusting = standings.filter(({ goal }) => isAdjusting(goal, at)).toSorted(byPriority);
  const known = adjusting.filter((each) => each === self || each.status !== null);
  const over = known.find((each) => isOver(each, drawdown));
  if (over) return over === self ? safety(self, input) : none(`${detail}; withheld: ${named(over)} lowers risk`);
  const decides = known.find(({ status }) => status !== null && status !== 'on_track') ?? known[0] ?? self;
  if (decides !== self) {
    const stands = decides.status?.replace('_', ' ') ?? 'not known';
    return none(`${detail}; ${named(decides)} decides, it is ${stands}`);
  }
  const wanted = wish(self, input);
  if (typeof wanted === 'string') return none(wanted);
  const held = isRaise(wanted) ? noRaise(adjusting, drawdown) : null;
  if (held) return none(`${detail}; ${held}`);
  if (settings.adjustedAt !== null && at - settings.adjustedAt < adjustmentPause)
    return none(`${detail}; the last adjustment is less than a day ago`);
  return wanted;
};

/** The settings after an adjustment. A limit on strategies that does not bind any more is none. */
export const adjusted = (
  input: Pick<AdjustmentInput, 'at' | 'goalId' | 'settings' | 'standings' | 'strategies'>,
  change: Adjustment,
): RiskSettings => {
  const { at, goalId, settings, standings, strategies } = input;
  if (change.kind === 'none') return settings;
  const next = { ...settings, goalId, adjustedAt: at };
  if (change.kind === 'increase_risk' || change.kind === 'decrease_risk') return { ...next, riskScale: change.to };
  const isFree =
    usualStrategies(standings, at) === null && change.kind === 'increase_strategies' && change.to >= strategies;
  return { ...next, maxStrategies: isFree ? null : change.to };
};

/** The strictest tolerance of the goals that adjust; null where none does. */
export const toleranceOf = (goals: readonly Goal[], at: number): number | null => {
  const tolerances = goals.filter((goal) => isAdjusting(goal, at)).map(({ riskTolerance }) => riskTolerance);
  return tolerances.length === 0 ? null : Math.min(...tolerances);
};
