import { readFile } from 'node:fs/promises';
import { DomainError } from '../../domain/errors.ts';
import type { Candle, CandleColumns } from '../../domain/market/candle.ts';
import { emptyColumns, sliceColumns } from '../../domain/market/columns.ts';
import type { Interval } from '../../domain/market/interval.ts';
import { readCandleRows } from './candle-rows.ts';

export interface CandleFile {
  readonly candles: readonly Candle[];
  /** The smallest gap between two candles. */
  readonly interval: Interval;
}

export interface CandleColumnsFile {
  readonly columns: CandleColumns;
  readonly interval: Interval;
}

/**
 * Reads candles from CSV text: header `timestamp,open,high,low,close,volume`, timestamps ISO 8601 or epoch ms, the oldest first.
 * Prices and volumes keep the file's digits.
 * @param source what to call it in messages, e.g. the file's path.
 * @throws DomainError `BadCandleFile` naming the line, the column and what was found.
 */
export const parseCandleCsv = (text: string, source: string): CandleFile => {
  const candles: Candle[] = [];
  const interval = readCandleRows(text, source, (time, texts) => {
    candles.push({ time, open: texts[1]!, high: texts[2]!, low: texts[3]!, close: texts[4]!, volume: texts[5]! });
  });
  return { candles, interval };
};

/** The same as float64 columns, without a text of each value in between. @throws as `parseCandleCsv` */
export const parseCandleColumns = (text: string, source: string): CandleColumnsFile => {
  const columns = emptyColumns(countLines(text));
  let row = 0;
  const interval = readCandleRows(text, source, (time, _texts, [open, high, low, close, volume]) => {
    columns.time[row] = time;
    columns.open[row] = open!;
    columns.high[row] = high!;
    columns.low[row] = low!;
    columns.close[row] = close!;
    columns.volume[row] = volume!;
    row += 1;
  });
  return { columns: sliceColumns(columns, 0, row), interval };
};

/** @throws DomainError `BadCandleFile`, also where the file cannot be read. */
export const readCandleCsv = async (path: string): Promise<CandleFile> => parseCandleCsv(await readText(path), path);

/** @throws DomainError `BadCandleFile`, also where the file cannot be read. */
export const readCandleColumns = async (path: string): Promise<CandleColumnsFile> =>
  parseCandleColumns(await readText(path), path);

const readText = async (path: string): Promise<string> => {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DomainError('BadCandleFile', `cannot read ${path}: ${reason}`, { next: 'check the path', cause });
  }
};

const countLines = (text: string): number => {
  let lines = 1;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
};
