import type { TradingState } from '../../../src/domain/breaker/policy.ts';
import { type Adjustment, type Standing, adjusted, adjustmentOf } from '../../../src/domain/goals/adjust.ts';
import { type RiskBounds, defaultBounds } from '../../../src/domain/goals/bounds.ts';
import type { Goal } from '../../../src/domain/goals/goal.ts';
import { lookAtGoal } from '../../../src/domain/goals/look.ts';
import { describeProgress } from '../../../src/domain/goals/progress.ts';
import { type RiskSettings, neutralSettings } from '../../../src/domain/goals/risk-settings.ts';

export const hour = 3_600_000;
export const day = 24 * hour;

export const goalOf = (over: Partial<Goal> = {}): Goal => ({
  goalId: 1,
  type: 'monthly_return_pct',
  target: 10,
  priority: 1,
  riskTolerance: 0.02,
  maxDrawdown: 0.15,
  status: 'active',
  startedAt: Date.UTC(2026, 0, 1),
  achievedAt: null,
  environment: 'paper',
  targetDate: null,
  adjusts: true,
  baseline: null,
  ...over,
});

export interface DeskHour {
  /** US dollars, and the index times 10000. */
  readonly equity: number;
  readonly state?: TradingState;
}

/** What one goal's look at one hour came to. */
export interface DeskLook {
  readonly at: number;
  readonly goal: Goal;
  readonly change: Adjustment;
  readonly before: RiskSettings;
  readonly after: RiskSettings;
  readonly state: TradingState;
  readonly drawdown: number;
  readonly standings: readonly Standing[];
}

/** All goals of an environment looked at on each hour, one after another, as their loops do it. */
export const runDesk = (input: {
  readonly goals: readonly Goal[];
  readonly from: number;
  readonly hours: readonly DeskHour[];
  readonly bounds?: Partial<RiskBounds>;
  readonly strategies?: number;
}): { readonly looks: readonly DeskLook[]; readonly settings: RiskSettings; readonly goals: readonly Goal[] } => {
  const bounds = { ...defaultBounds, ...input.bounds };
  const strategies = input.strategies ?? 5;
  let standings: readonly Standing[] = input.goals.map((goal) => ({ goal, bounds, status: null }));
  let settings: RiskSettings = { ...neutralSettings, maxStrategies: bounds.strategies };
  let peak = 0;
  const looks: DeskLook[] = [];
  for (const [index, { equity, state = 'ACTIVE' }] of input.hours.entries()) {
    const at = input.from + index * hour;
    peak = Math.max(peak, equity);
    const drawdown = peak > 0 ? 1 - equity / peak : 0;
    const facts = { equity, index: equity / 10_000, netFlows: 10_000 };
    for (const { goal, status: previous } of standings) {
      const look = lookAtGoal({ goal, facts, previous, turn: null, at });
      const seen = { ...goal, baseline: look.baseline };
      const status = look.progress?.status ?? null;
      standings = standings.map((each) => (each.goal.goalId === goal.goalId ? { goal: seen, bounds, status } : each));
      const detail = look.progress ? describeProgress(goal, look.progress) : 'nothing is known';
      const about = { at, goalId: goal.goalId, standings, settings, strategies };
      const change = adjustmentOf({ ...about, detail, tradingState: state, drawdown });
      const after = adjusted(about, change);
      looks.push({ at, goal: seen, change, before: settings, after, state, drawdown, standings });
      settings = after;
    }
  }
  return { looks, settings, goals: standings.map(({ goal }) => goal) };
};

export const changesOf = (looks: readonly DeskLook[]): readonly DeskLook[] =>
  looks.filter(({ change }) => change.kind !== 'none');
