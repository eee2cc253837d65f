import type { Goal, GoalType } from './goal.ts';

const names: Readonly<Record<GoalType, string>> = {
  monthly_return_pct: 'return of the month',
  monthly_profit_usd: 'profit of the month',
  portfolio_target_usd: 'portfolio of',
};

/** An amount in a goal's unit, two decimals: `-1.50 %`, `10000.00 USD`; a dash where nothing is known. */
export const goalAmount = (type: GoalType, value: number | null): string =>
  value === null ? '–' : `${value.toFixed(2)} ${type === 'monthly_return_pct' ? '%' : 'USD'}`;

/** What a goal wants, for a person: `profit of the month 10000.00 USD on paper`. */
export const goalTitle = ({ type, target, environment }: Pick<Goal, 'type' | 'target' | 'environment'>): string =>
  `${names[type]} ${goalAmount(type, target)} on ${environment}`;
