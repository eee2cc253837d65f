import type { Environment } from '../orders/order.ts';

export const goalTypes = ['monthly_return_pct', 'monthly_profit_usd', 'portfolio_target_usd'] as const;
export type GoalType = (typeof goalTypes)[number];
export const goalStatuses = ['active', 'paused', 'achieved', 'cancelled'] as const;
export type GoalStatus = (typeof goalStatuses)[number];
export const progressStatuses = ['behind', 'on_track', 'ahead'] as const;
export type ProgressStatus = (typeof progressStatuses)[number];

/** Where a period began: its return and profit count from here. */
export interface GoalBaseline {
  /** Epoch ms, UTC: the month's first instant, or later where nothing is known of it. */
  readonly at: number;
  /** US dollars. */
  readonly equity: number;
  /** The equity index then: without what came from or went to the outside. */
  readonly index: number;
  /** US dollars: all that had come from the outside by then, less what had gone. */
  readonly netFlows: number;
}

/** A row of financial_goals, its metadata read. */
export interface Goal {
  readonly goalId: number;
  readonly type: GoalType;
  /** Per cent of the month, or US dollars. */
  readonly target: number;
  /** 1 is the highest. */
  readonly priority: number;
  /** Fraction of equity that a trade may lose at its stop. */
  readonly riskTolerance: number;
  /** Fraction. */
  readonly maxDrawdown: number;
  readonly status: GoalStatus;
  readonly startedAt: number;
  readonly achievedAt: number | null;
  readonly environment: Environment;
  /** Epoch ms; only of `portfolio_target_usd`: null means a year from its start. */
  readonly targetDate: number | null;
  /** False: it is only watched. */
  readonly adjusts: boolean;
  readonly baseline: GoalBaseline | null;
}
