import { DomainError } from '../errors.ts';

export const strategyStatuses = ['draft', 'backtested', 'paper', 'active', 'paused', 'archived'] as const;
export type StrategyStatus = (typeof strategyStatuses)[number];

/** What moves a strategy from one status to another. */
export type TransitionName = 'backtest' | 'promote' | 'demote' | 'pause' | 'resume' | 'revise' | 'archive';

export interface Transition {
  readonly name: TransitionName;
  readonly from: StrategyStatus;
  readonly to: StrategyStatus;
}

const move = (name: TransitionName, from: StrategyStatus, to: StrategyStatus): Transition => ({ name, from, to });

/** The only judge of what a strategy may do. docs/lifecycle.md is printed from this table. */
export const transitions: readonly Transition[] = [
  move('backtest', 'draft', 'backtested'),
  move('backtest', 'backtested', 'backtested'),
  move('promote', 'backtested', 'paper'),
  move('promote', 'paper', 'active'),
  move('demote', 'active', 'paper'),
  move('pause', 'active', 'paused'),
  move('resume', 'paused', 'active'),
  move('revise', 'draft', 'draft'),
  move('revise', 'backtested', 'draft'),
  move('revise', 'paper', 'draft'),
  move('archive', 'draft', 'archived'),
  move('archive', 'backtested', 'archived'),
  move('archive', 'paper', 'archived'),
  move('archive', 'active', 'archived'),
  move('archive', 'paused', 'archived'),
];

/**
 * The status that `name` leads to.
 * @param to Where there is a choice or the caller insists: the status it must lead to.
 * @throws DomainError `IllegalTransition` with the status it met and what is possible from there.
 */
export const nextStatus = (from: StrategyStatus, name: TransitionName, to?: StrategyStatus): StrategyStatus => {
  const found = transitions.find((t) => t.from === from && t.name === name && (to === undefined || t.to === to));
  if (found) return found.to;
  const possible = [...new Set(transitions.filter((t) => t.from === from).map((t) => `${t.name} (to ${t.to})`))];
  throw new DomainError(
    'IllegalTransition',
    `the strategy is ${from}: it cannot ${name}${to === undefined ? '' : ` to ${to}`}`,
    {
      next:
        possible.length > 0
          ? `from ${from} it can: ${possible.join(', ')}`
          : 'an archived strategy stays archived; create a new one',
      details: { status: from, requested: name, to: to ?? null },
    },
  );
};
