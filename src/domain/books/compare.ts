import { type Decimal, text } from '../decimal.ts';
import type { BookRule, Violation } from './books.ts';

export const shown = (value: Decimal | string | null): string =>
  value === null ? 'nothing' : typeof value === 'string' ? value : text(value);

/** A violation where two amounts differ, nothing where they are the same. */
export const expectAmount = (
  rule: BookRule,
  entity: string,
  what: string,
  found: Decimal | null,
  expected: Decimal | null,
): readonly Violation[] =>
  found === null || expected === null
    ? found === expected
      ? []
      : [{ rule, entity, found: `${what} ${shown(found)}`, expected: shown(expected) }]
    : found.eq(expected)
      ? []
      : [{ rule, entity, found: `${what} ${shown(found)}`, expected: shown(expected) }];

export const groupBy = <T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> => {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
};
