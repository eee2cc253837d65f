import { DomainError } from '../errors.ts';

/** One thing wrong in a strategy file. `path` is as in `entry_conditions.all[0].left.period`. */
export interface StrategyProblem {
  readonly path: string;
  readonly found: unknown;
  readonly allowed: string;
}

/** `BadStrategy` naming the first problem in its message and all of them in its details. */
export const badStrategy = (
  source: string,
  problems: readonly [StrategyProblem, ...StrategyProblem[]],
): DomainError => {
  const [first, ...others] = problems;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  const place = first.path === '' ? source : `${source}: ${first.path}`;
  return new DomainError('BadStrategy', `${place}: found ${shown(first.found)}, allowed: ${first.allowed}${more}`, {
    next: 'correct the strategy file; docs/strategies.md lists every field',
    details: { source, problems: problems.map((problem) => ({ ...problem, found: shown(problem.found) })) },
  });
};

const shown = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number') return String(value);
  const json = JSON.stringify(value) ?? typeof value;
  return json.length > 80 ? `${json.slice(0, 77)}...` : json;
};
