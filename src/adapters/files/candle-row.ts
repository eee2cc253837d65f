import { isDecimalText, orderProblem, priceProblem } from '../../domain/market/candle-checks.ts';
import type { CandleProblem } from '../../domain/market/candle-checks.ts';
import { DomainError } from '../../domain/errors.ts';
import { createTimestampParser } from './csv-time.ts';

const candleHeader = ['timestamp', 'open', 'high', 'low', 'close', 'volume'] as const;

/** What to do about a file of candles that is not one. */
export const candleFileHint = `the first line is ${candleHeader.join(',')}; each other line is one candle, the oldest first`;

/** A checked row: its open time in epoch ms, then its cells as they stand in the file and as numbers, from open to volume. */
export interface CandleRow {
  readonly time: number;
  readonly texts: readonly string[];
  readonly numbers: readonly number[];
}

/** A row's line (1 is the header) and the open time before it; null for the first. */
export interface RowPlace {
  readonly line: number;
  readonly before: number | null;
}

/** How a file's cells are arranged. */
export interface CandleLayout {
  /** Where in a row the columns stand, from timestamp to volume. */
  readonly places: readonly number[];
  readonly width: number;
}

/** @throws DomainError `BadCandleFile` where a column is missing or named twice. */
export const candleLayout = (header: string, source: string): CandleLayout => {
  const names = cellsOf(header).map((cell) => cell.trim().toLowerCase());
  const places = candleHeader.map((name) => {
    const place = names.indexOf(name);
    if (place >= 0 && !names.includes(name, place + 1)) return place;
    const what = place < 0 ? 'has no column' : 'names twice the column';
    throw new DomainError(
      'BadCandleFile',
      `${source}: line 1: the header ${what} '${name}', found ${names.join(',')}`,
      {
        next: candleFileHint,
        details: { source, line: 1, column: name, found: names },
      },
    );
  });
  return { places, width: names.length };
};

/** Whether the cells stand as `timestamp,open,high,low,close,volume` and no others. */
export const isPlainLayout = ({ places, width }: CandleLayout): boolean =>
  width === candleHeader.length && places.every((place, index) => place === index);

/**
 * A reader of single rows, without their line end.
 * @throws DomainError `BadCandleFile` naming the line, the column and what was found.
 */
export const createRowReader = ({ places, width }: CandleLayout, source: string) => {
  const parseTime = createTimestampParser();
  return (row: string, { line, before }: RowPlace): CandleRow => {
    const cells = cellsOf(row);
    if (cells.length !== width) {
      throw new DomainError(
        'BadCandleFile',
        `${source}: line ${line}: found ${cells.length} columns, expected ${width} as in the header`,
        { next: candleFileHint, details: { source, line, found: cells.length, expected: width } },
      );
    }
    const [timestamp = '', ...texts] = places.map((place) => cells[place]!);
    const time = parseTime(timestamp);
    if (time === null) {
      const expected = 'ISO 8601 or epoch milliseconds';
      throw badRow(source, line, { column: 'timestamp', found: shown(timestamp), expected });
    }
    const numbers = texts.map((value, index) => {
      const number = Number(value);
      if (Number.isFinite(number) && isDecimalText(value)) return number;
      throw badRow(source, line, { column: candleHeader[index + 1]!, found: shown(value), expected: 'a number' });
    });
    const [open = 0, high = 0, low = 0, close = 0, volume = 0] = numbers;
    const problem =
      secondsProblem(time) ?? orderProblem(time, before) ?? priceProblem({ open, high, low, close, volume });
    if (problem !== null) throw badRow(source, line, problem);
    return { time, texts, numbers };
  };
};

export const badRow = (source: string, line: number, problem: CandleProblem): DomainError =>
  new DomainError(
    'BadCandleFile',
    `${source}: line ${line}, ${problem.column}: found ${problem.found}, expected ${problem.expected}`,
    { next: candleFileHint, details: { source, line, ...problem } },
  );

/** Times below it are epoch seconds read as milliseconds: they fall into January 1970 to 1973. */
export const firstTime = 100_000_000_000;

const secondsProblem = (time: number): CandleProblem | null =>
  time > 0 && time < firstTime
    ? { column: 'timestamp', found: String(time), expected: 'milliseconds (these look like seconds)' }
    : null;

const cellsOf = (row: string): readonly string[] =>
  row.includes('"') ? row.split(',').map((cell) => (/^".*"$/u.test(cell) ? cell.slice(1, -1) : cell)) : row.split(',');

const shown = (value: string): string => (value === '' ? 'nothing' : `'${value.slice(0, 40)}'`);
