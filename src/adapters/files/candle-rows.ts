import { DomainError } from '../../domain/errors.ts';
import { intervalMs, intervals } from '../../domain/market/interval.ts';
import type { Interval } from '../../domain/market/interval.ts';
import { alignmentProblem, isDecimalText, orderProblem, priceProblem } from '../../domain/market/candle-checks.ts';
import type { CandleProblem } from '../../domain/market/candle-checks.ts';
import { createTimestampParser } from './csv-time.ts';

export const candleHeader = ['timestamp', 'open', 'high', 'low', 'close', 'volume'] as const;

/** One row as it stands in the file, and its numbers in the same order without the time. */
export type RowSink = (time: number, texts: readonly string[], numbers: readonly number[]) => void;

const next = `the first line is ${candleHeader.join(',')}; each other line is one candle, the oldest first`;

/**
 * Walks a candle CSV and hands each checked row to `sink`. The header may name the columns in any order and hold others; blank
 * lines are skipped; a byte-order mark, CRLF and quoted fields without commas are understood.
 * @returns the interval: the smallest gap between two candles.
 * @throws DomainError `BadCandleFile` naming the line (1 is the header), the column and what was found.
 */
export const readCandleRows = (text: string, source: string, sink: RowSink): Interval => {
  const parseTime = createTimestampParser();
  const fail = (line: number, problem: CandleProblem): DomainError =>
    new DomainError(
      'BadCandleFile',
      `${source}: line ${line}, ${problem.column}: found ${problem.found}, expected ${problem.expected}`,
      { next, details: { source, line, ...problem } },
    );
  let places: readonly number[] | null = null;
  let width = 0;
  let line = 0;
  let before: number | null = null;
  let gap = Infinity;
  const times: number[] = [];
  const lines: number[] = [];
  for (let start = text.codePointAt(0) === 0xfeff ? 1 : 0; start < text.length;) {
    let end = text.indexOf('\n', start);
    if (end === -1) end = text.length;
    const row = text.slice(start, end > start && text[end - 1] === '\r' ? end - 1 : end);
    start = end + 1;
    line += 1;
    if (row === '') continue;
    const cells = row.includes('"') ? row.split(',').map(unquoted) : row.split(',');
    if (places === null) {
      places = headerPlaces(cells, source);
      width = cells.length;
      continue;
    }
    if (cells.length !== width) {
      throw new DomainError(
        'BadCandleFile',
        `${source}: line ${line}: found ${cells.length} columns, expected ${width} as in the header`,
        { next, details: { source, line, found: cells.length, expected: width } },
      );
    }
    const texts = places.map((place) => cells[place]!);
    const time = parseTime(texts[0]!);
    if (time === null) {
      throw fail(line, { column: 'timestamp', found: shown(texts[0]!), expected: 'ISO 8601 or epoch milliseconds' });
    }
    const numbers: number[] = [];
    for (let i = 1; i < texts.length; i += 1) {
      const value = texts[i]!;
      const number = value === '' ? Number.NaN : Number(value);
      if (!Number.isFinite(number) || !isDecimalText(value)) {
        throw fail(line, { column: candleHeader[i]!, found: shown(value), expected: 'a number' });
      }
      numbers.push(number);
    }
    const [open = 0, high = 0, low = 0, close = 0, volume = 0] = numbers;
    const problem =
      secondsProblem(time) ?? orderProblem(time, before) ?? priceProblem({ open, high, low, close, volume });
    if (problem !== null) throw fail(line, problem);
    if (before !== null && time - before < gap) gap = time - before;
    before = time;
    times.push(time);
    lines.push(line);
    sink(time, texts, numbers);
  }
  const interval = intervalOf(gap, times.length, source);
  for (let i = 0; i < times.length; i += 1) {
    const problem = alignmentProblem(times[i]!, interval);
    if (problem !== null) throw fail(lines[i]!, problem);
  }
  return interval;
};

const headerPlaces = (cells: readonly string[], source: string): readonly number[] => {
  const names = cells.map((cell) => cell.trim().toLowerCase());
  return candleHeader.map((name) => {
    const place = names.indexOf(name);
    if (place >= 0 && !names.includes(name, place + 1)) return place;
    const what = place < 0 ? 'has no column' : 'names twice the column';
    throw new DomainError(
      'BadCandleFile',
      `${source}: line 1: the header ${what} '${name}', found ${names.join(',')}`,
      {
        next,
        details: { source, line: 1, column: name, found: names },
      },
    );
  });
};

const intervalOf = (gap: number, rows: number, source: string): Interval => {
  if (rows < 2) {
    throw new DomainError(
      'BadCandleFile',
      `${source}: found ${rows} candles, at least 2 are needed to know the interval`,
      {
        next,
        details: { source, rows },
      },
    );
  }
  const interval = intervals.find((name) => intervalMs[name] === gap);
  if (interval !== undefined) return interval;
  throw new DomainError(
    'BadCandleFile',
    `${source}: the smallest gap between candles is ${gap} ms, which is no interval`,
    {
      next: `give candles of one of ${intervals.join(', ')}`,
      details: { source, column: 'timestamp', found: gap, allowed: intervals },
    },
  );
};

/** Epoch seconds read as milliseconds fall into January 1970 to 1973. */
const secondsProblem = (time: number): CandleProblem | null =>
  time > 0 && time < 100_000_000_000
    ? { column: 'timestamp', found: String(time), expected: 'milliseconds (these look like seconds)' }
    : null;

const unquoted = (cell: string): string => (/^".*"$/u.test(cell) ? cell.slice(1, -1) : cell);
const shown = (value: string): string => (value === '' ? 'nothing' : `'${value.slice(0, 40)}'`);
