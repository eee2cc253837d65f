import { open, readFile } from 'node:fs/promises';
import { DomainError } from '../../domain/errors.ts';
import type { Candle } from '../../domain/market/candle.ts';
import type { Interval } from '../../domain/market/interval.ts';
import { CandleColumnReader } from './candle-columns.ts';
import type { CandleColumnsFile } from './candle-columns.ts';
import { readCandleRows } from './candle-rows.ts';

export interface CandleFile {
  readonly candles: readonly Candle[];
  /** The smallest gap between two candles. */
  readonly interval: Interval;
}

const chunkBytes = 2 ** 19;

/**
 * Reads candles from CSV text: header `timestamp,open,high,low,close,volume`, timestamps ISO 8601 or epoch ms, the oldest first.
 * Prices and volumes keep the file's digits.
 * @param source what to call it in messages, e.g. the file's path.
 * @throws DomainError `BadCandleFile` naming the line, the column and what was found.
 */
export const parseCandleCsv = (text: string, source: string): CandleFile => {
  const candles: Candle[] = [];
  const interval = readCandleRows(text, source, ({ time, texts: [open, high, low, close, volume] }) => {
    candles.push({ time, open: open!, high: high!, low: low!, close: close!, volume: volume! });
  });
  return { candles, interval };
};

/** @throws DomainError `BadCandleFile`, also where the file cannot be read. */
export const readCandleCsv = async (path: string): Promise<CandleFile> => {
  try {
    return parseCandleCsv(await readFile(path, 'utf8'), path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
};

/**
 * The same as float64 columns, read piece by piece: neither the file nor a text of each value is held.
 * @throws as `readCandleCsv`
 */
export const readCandleColumns = async (path: string): Promise<CandleColumnsFile> => {
  try {
    const file = await open(path);
    try {
      const reader = new CandleColumnReader(path, (await file.stat()).size);
      const chunk = new Uint8Array(chunkBytes);
      for (;;) {
        const { bytesRead } = await file.read(chunk, 0, chunkBytes, null);
        if (bytesRead === 0) return reader.end();
        reader.push(chunk.subarray(0, bytesRead));
      }
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw unreadable(path, cause);
  }
};

const unreadable = (path: string, cause: unknown): DomainError => {
  if (cause instanceof DomainError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DomainError('BadCandleFile', `cannot read ${path}: ${reason}`, { next: 'check the path', cause });
};
