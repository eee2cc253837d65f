import { hourMs } from '../market/interval.ts';
import type { Goal } from './goal.ts';

/** Epoch ms, UTC; `to` is the first instant that does not belong to it. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

/** The UTC month that an instant falls into. */
export const monthOf = (at: number): Period => {
  const date = new Date(at);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  return { from: Date.UTC(year, month, 1), to: Date.UTC(year, month + 1, 1) };
};

/** `2026-03`: the name of the UTC month that an instant falls into. */
export const monthName = (at: number): string => new Date(at).toISOString().slice(0, 7);

/** The same day and time of the next year; the 29th of February becomes the 1st of March. */
export const yearAfter = (at: number): number => {
  const date = new Date(at);
  return date.setUTCFullYear(date.getUTCFullYear() + 1);
};

/** The first instant of the hour that an instant falls into. */
export const hourOf = (at: number): number => Math.floor(at / hourMs) * hourMs;

/** The UTC month of `at`; of a portfolio target, from its start to its target date (a year where none is set). */
export const periodOf = (goal: Pick<Goal, 'type' | 'startedAt' | 'targetDate' | 'baseline'>, at: number): Period => {
  if (goal.type !== 'portfolio_target_usd') return monthOf(at);
  const from = goal.baseline?.at ?? goal.startedAt;
  return { from, to: goal.targetDate ?? yearAfter(goal.startedAt) };
};

/** A portfolio target whose date has come and gone: it is judged still, and adjusts nothing any more. */
export const hasPassed = (goal: Pick<Goal, 'type' | 'startedAt' | 'targetDate' | 'baseline'>, at: number): boolean =>
  at >= periodOf(goal, at).to;
