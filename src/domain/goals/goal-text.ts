import type { Goal, GoalType } from './goal.ts';
import { amountOf } from './progress.ts';

const names: Readonly<Record<GoalType, string>> = {
  monthly_return_pct: 'return of the month',
  monthly_profit_usd: 'profit of the month',
  portfolio_target_usd: 'portfolio of',
};

/** What a goal wants, for a person: `profit of the month 10000.00 USD on paper`. */
export const goalTitle = (goal: Pick<Goal, 'type' | 'target' | 'environment'>): string =>
  `${names[goal.type]} ${amountOf(goal, goal.target)} on ${goal.environment}`;

/** In the goal's unit; a dash where nothing is known. */
export const amountOrDash = (goal: Pick<Goal, 'type'>, value: number | null): string =>
  value === null ? '–' : amountOf(goal, value);
