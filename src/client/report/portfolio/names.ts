import type { BreakerTrigger } from '../../../domain/breaker/policy.ts';
import type { Goal } from '../../../domain/goals/goal.ts';
import { formatNumber, formatPercent } from '../format.ts';

/** `Monthly return 5%`. */
export const goalName = ({ type, target }: Pick<Goal, 'type' | 'target'>): string => {
  const amount = formatNumber(target, 0, 2);
  if (type === 'monthly_return_pct') return `Monthly return ${amount}%`;
  return `${type === 'monthly_profit_usd' ? 'Monthly profit' : 'Portfolio of'} $${amount}`;
};

/** A value in a goal's unit. */
export const goalText = ({ type }: Pick<Goal, 'type'>, value: number | null): string =>
  type === 'monthly_return_pct' ? formatPercent(value) : usdText(value);

/** `$1,234.50`, a minus before the sign of the currency. */
export const usdText = (value: number | null): string => {
  const text = formatNumber(value);
  if (!/\d/.test(text)) return text;
  return text.startsWith('−') ? `−$${text.slice(1)}` : `$${text}`;
};

/** What a trigger goes by, in its unit. */
export const figureText = (trigger: BreakerTrigger, value: number): string => {
  const text = formatNumber(value, 0, 2);
  if (trigger === 'drawdown') return `${text}%`;
  return trigger === 'volatility_spike' ? `${text} times` : text;
};

/** Decimal text of any size with its thousands separated, and not a digit less. */
export const quantityText = (decimal: string): string => {
  const [whole = '', fraction] = decimal.replace('-', '−').split('.');
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
};

/** `3 d 4 h`, `2 h 5 min`, `40 s`. */
export const durationText = (ms: number): string => {
  const seconds = Math.round(Math.max(ms, 0) / 1000);
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  if (days > 0) return hours > 0 ? `${days} d ${hours} h` : `${days} d`;
  if (hours > 0) return minutes > 0 ? `${hours} h ${minutes} min` : `${hours} h`;
  return minutes > 0 ? `${minutes} min` : `${seconds} s`;
};
