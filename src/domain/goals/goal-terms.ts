import { DomainError } from '../errors.ts';
import type { Goal, GoalStatus, GoalType } from './goal.ts';

export type GoalTerms = Pick<Goal, 'type' | 'target' | 'priority' | 'riskTolerance' | 'maxDrawdown' | 'targetDate'>;

const bad = (message: string): DomainError =>
  new DomainError('BadGoal', message, { next: 'nothing was written; correct it and ask again' });

/** `financial_goals.target_value` is numeric(20,2). */
const mostTarget = 1e17;
/** No instant after the year 9999. */
const lastDate = Date.UTC(9999, 11, 31);

const objectionTo = (terms: GoalTerms, now: number): string | null => {
  const { type, target, priority, riskTolerance, maxDrawdown, targetDate } = terms;
  if (!(target >= 0.01 && target < mostTarget)) return `the target is ${target}, it has to be 0.01 or more`;
  if (!(Number.isInteger(priority) && priority >= 1 && priority <= 1_000))
    return `the priority is ${priority}, it has to be a whole number of 1 (the highest) or more`;
  if (!(riskTolerance >= 0.0001 && riskTolerance <= 0.25))
    return `the risk tolerance is ${riskTolerance}, it has to be a fraction above 0 and up to 0.25`;
  if (!(maxDrawdown >= 0.0001 && maxDrawdown <= 0.9999))
    return `the maximum drawdown is ${maxDrawdown}, it has to be a fraction between 0 and 1`;
  if (targetDate === null) return null;
  if (type !== 'portfolio_target_usd') return `${type} has no target date: it begins anew each UTC month`;
  if (!Number.isFinite(targetDate) || targetDate > lastDate) return 'the target date is no date';
  return targetDate > now ? null : `the target date ${new Date(targetDate).toISOString()} is in the past`;
};

/** @param now Epoch ms. @throws DomainError `BadGoal` naming what is wrong and what it has to be */
export const checkGoal = (terms: GoalTerms, now: number): void => {
  const objection = objectionTo(terms, now);
  if (objection !== null) throw bad(objection);
};

/** What a person may make of a goal; docs/goals.md is printed from this table. An achieved or a cancelled one is only set anew. */
export const goalMoves: Readonly<Record<GoalStatus, readonly GoalStatus[]>> = {
  active: ['paused', 'cancelled'],
  paused: ['active', 'cancelled'],
  achieved: [],
  cancelled: [],
};

/** @throws DomainError `IllegalTransition` with the status that it met */
export const checkMove = (type: GoalType, from: GoalStatus, to: GoalStatus): void => {
  if (goalMoves[from].includes(to)) return;
  const possible = goalMoves[from];
  throw new DomainError('IllegalTransition', `the goal ${type} is ${from}: it cannot become ${to}`, {
    next:
      possible.length > 0
        ? `from ${from} it can become ${possible.join(' or ')}`
        : `set it anew: \`mastertrade goal set --type ${type} --target …\``,
    details: { status: from, requested: to },
  });
};
