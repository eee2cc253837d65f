import { formatCount, formatNumber } from './format.ts';

import type { RobustnessCheck, RobustnessTable } from './robustness-check.ts';

const mostRows = 50;
const mostColumns = 12;

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Any check's result: nested values become facts with their names joined, lists of objects become tables. */
export const plainCheck = (name: string, value: unknown): RobustnessCheck => {
  const title = titleOf(name);
  const entries = flatten(isFields(value) ? value : { result: value });
  return {
    title,
    summary: null,
    facts: entries.flatMap(([path, each]) =>
      isTable(each) ? [] : [{ label: path.map(titleOf).join(' · '), value: textOf(path.at(-1)!, each) }],
    ),
    tables: entries.flatMap(([path, each]) => (isTable(each) ? [tableOf(path.map(titleOf).join(' · '), each)] : [])),
  };
};

type Entry = readonly [path: readonly string[], value: unknown];

const flatten = (fields: Fields, path: readonly string[] = []): readonly Entry[] =>
  Object.entries(fields).flatMap(([name, value]) =>
    isFields(value) ? flatten(value, [...path, name]) : [[[...path, name], value] satisfies Entry],
  );

const isTable = (value: unknown): value is readonly Fields[] =>
  Array.isArray(value) && value.length > 0 && value.every(isFields);

const tableOf = (title: string, list: readonly Fields[]): RobustnessTable => {
  const flat = list.map((row) => flatten(row).map(([path, value]) => [path.join('.'), value] as const));
  const names = [...new Set(flat.flatMap((row) => row.map(([name]) => name)))].slice(0, mostColumns);
  const left = list.length - mostRows;
  return {
    title: left > 0 ? `${title} (first ${mostRows} of ${formatCount(list.length)})` : title,
    columns: names.map((name) => name.split('.').map(titleOf).join(' · ')),
    rows: flat
      .slice(0, mostRows)
      .map((row) => names.map((name) => textOf(name, row.find(([each]) => each === name)?.[1]))),
  };
};

/** `totalReturnPct` and `total_return_pct` are both `Total return %`. */
const titleOf = (name: string): string => {
  const words = name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase()
    .replace(/ pct$/, ' %');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

const textOf = (name: string, value: unknown): string => {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') {
    if (/time|date|from$|to$/i.test(name) && value > 1e11) return new Date(value).toISOString().slice(0, 10);
    return formatNumber(value, 0, Math.abs(value) < 1 ? 4 : 2);
  }
  if (value === null || value === undefined) return '–';
  if (Array.isArray(value))
    return value.length > 8
      ? `${formatCount(value.length)} values`
      : value.map((each) => textOf(name, each)).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
};
