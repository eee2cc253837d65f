import type { Interval } from '../../domain/market/interval.ts';
import { intervalOfTimes } from './candle-interval.ts';
import { candleLayout, createRowReader } from './candle-row.ts';
import type { CandleRow } from './candle-row.ts';

/**
 * Walks the text of a candle CSV and hands each checked row to `sink`. The header may name the columns in any order and hold others;
 * blank lines are skipped; a byte-order mark, CRLF and quoted fields without commas are understood.
 * @returns the interval: the smallest gap between two candles.
 * @throws DomainError `BadCandleFile` naming the line (1 is the header), the column and what was found.
 */
export const readCandleRows = (text: string, source: string, sink: (row: CandleRow) => void): Interval => {
  let readRow: ReturnType<typeof createRowReader> | null = null;
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
    if (readRow === null) {
      readRow = createRowReader(candleLayout(row, source), source);
      continue;
    }
    const candle = readRow(row, { line, before });
    if (before !== null) gap = Math.min(gap, candle.time - before);
    before = candle.time;
    times.push(candle.time);
    lines.push(line);
    sink(candle);
  }
  return intervalOfTimes({ source, times: Float64Array.from(times), gap, lineOf: (row) => lines[row]! });
};
