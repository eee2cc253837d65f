import { once } from 'node:events';
import { createRequire } from 'node:module';
import type CliTable from 'cli-table3';

export type Row = Readonly<Record<string, unknown>>;

/** A cell as text: nothing is a dash, everything else as it is. */
export const cell = (value: unknown): string => {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'object') return JSON.stringify(value);
  return typeof value === 'string' ? value : `${value as number | boolean | bigint}`;
};

/** Epoch milliseconds as ISO 8601 text in UTC, whole seconds where they are whole; null stays null. */
export const utc = (time: number | null): string | null =>
  time === null ? null : new Date(time).toISOString().replace('.000Z', 'Z');

/** No line between two rows. */
const noRules = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' };

/** Rows under the given headings; `columns` maps a heading to the row's property. */
export const table = (rows: readonly Row[], columns: Readonly<Record<string, string>>): string => {
  if (rows.length === 0) return 'none';
  const Table = createRequire(import.meta.url)('cli-table3') as typeof CliTable;
  const drawn = new Table({
    head: Object.keys(columns).map((name) => name.toUpperCase()),
    style: { head: [], border: [] },
    chars: noRules,
  });
  for (const row of rows) drawn.push(Object.values(columns).map((property) => cell(row[property])));
  return drawn.toString();
};

/** One thing's facts, a line each, names aligned. */
export const facts = (entries: Row): string => {
  const width = Math.max(...Object.keys(entries).map((name) => name.length));
  return Object.entries(entries)
    .map(([name, value]) => `${name.padEnd(width)}  ${cell(value)}`)
    .join('\n');
};

/** Where a command's answer goes: JSON for programs, text for people. Progress goes to stderr and never into JSON. */
export interface Output {
  readonly json: boolean;
  readonly verbose: boolean;
  /** The command's one answer. */
  readonly answer: (value: unknown, text: () => string) => void;
  /** One of many lines that come before the answer, in JSON; waits while the reader does not keep up. False when it is gone. */
  readonly row: (value: unknown) => Promise<boolean>;
  /** What is going on meanwhile, for people only. */
  readonly progress: (line: string) => void;
}

export const createOutput = ({ json, verbose }: { json: boolean; verbose: boolean }): Output => ({
  json,
  verbose,
  answer: (value, text) => void process.stdout.write(`${json ? JSON.stringify(value) : text()}\n`),
  row: async (value) => {
    const { stdout } = process;
    if (!stdout.writable) return false;
    if (stdout.write(`${JSON.stringify(value)}\n`)) return true;
    return await once(stdout, 'drain').then(
      () => true,
      () => false,
    );
  },
  progress: (line) => {
    if (!json) process.stderr.write(`${line}\n`);
  },
});
