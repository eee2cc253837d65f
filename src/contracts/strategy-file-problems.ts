import type { DomainError } from '../domain/errors.ts';
import { badStrategy } from '../domain/strategy/bad-strategy.ts';
import type { StrategyProblem } from '../domain/strategy/bad-strategy.ts';
import { valueAt } from './value-at.ts';

/** What zod reports, as far as it is read here. Paths of a union's branches are relative to the union. */
interface Issue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
  readonly errors?: readonly (readonly Issue[])[];
}

/** `BadStrategy` from zod's issues, each with the value that stands at its path. */
export const strategyFileError = (source: string, json: unknown, issues: readonly Issue[]): DomainError => {
  const [first, ...others] = issues.flatMap((issue) => problemsOf(json, issue, []));
  return badStrategy(source, [first ?? { path: '', found: json, allowed: 'a strategy' }, ...others]);
};

const problemsOf = (json: unknown, issue: Issue, base: readonly PropertyKey[]): readonly StrategyProblem[] => {
  const path = [...base, ...issue.path];
  const value = valueAt(json, path);
  if (issue.code === 'invalid_union') {
    const branch = meantBranch(value, issue.errors ?? []);
    if (branch !== null) return branch.flatMap((inner) => problemsOf(json, inner, path));
  }
  if (issue.code === 'unrecognized_keys') {
    return (issue.keys ?? []).map((key) => ({
      path: pathText(path),
      found: { [key]: valueAt(value, [key]) },
      allowed: issue.message,
    }));
  }
  return [{ path: pathText(path), found: value, allowed: issue.message }];
};

const markers = ['all', 'any', 'not', 'left', 'op', 'param', 'price', 'indicator'];

/** The branch of a union that the author meant: the one that knows the object's telling field. */
const meantBranch = (value: unknown, branches: readonly (readonly Issue[])[]): readonly Issue[] | null => {
  if (typeof value !== 'object' || value === null) return null;
  const marker = markers.find((name) => Object.hasOwn(value, name));
  if (marker === undefined) return null;
  const knowing = branches.filter(
    (issues) =>
      !issues.some(
        (issue) => issue.path.length === 0 && (issue.keys?.includes(marker) ?? issue.code === 'invalid_type'),
      ),
  );
  return knowing.toSorted((a, b) => a.length - b.length)[0] ?? null;
};

const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}${text === '' ? '' : '.'}${String(key)}`),
    '',
  );
