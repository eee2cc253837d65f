import { DomainError } from '../errors.ts';

/** One thing wrong in a breaker's policy. `path` is as in `drawdown.escalation.threshold`. */
export interface PolicyProblem {
  readonly path: string;
  readonly found: unknown;
  readonly allowed: string;
}

const shown = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  const json = JSON.stringify(value) ?? typeof value;
  return json.length > 80 ? `${json.slice(0, 77)}...` : json;
};

/** `BadPolicy` naming the first problem in its message and all of them in its details. */
export const badPolicy = (source: string, problems: readonly [PolicyProblem, ...PolicyProblem[]]): DomainError => {
  const [first, ...others] = problems;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  const place = first.path === '' ? source : `${source}: ${first.path}`;
  return new DomainError('BadPolicy', `${place}: found ${shown(first.found)}, allowed: ${first.allowed}${more}`, {
    next: 'correct the policy; docs/breaker.md lists every field',
    details: { source, problems: problems.map((problem) => ({ ...problem, found: shown(problem.found) })) },
  });
};
