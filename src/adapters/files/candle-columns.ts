import { DomainError } from '../../domain/errors.ts';
import type { CandleColumns } from '../../domain/market/candle.ts';
import { emptyColumns, sliceColumns } from '../../domain/market/columns.ts';
import type { Interval } from '../../domain/market/interval.ts';
import { intervalOfTimes } from './candle-interval.ts';
import { candleFileHint, candleLayout, createRowReader, isPlainLayout } from './candle-row.ts';
import { PlainRows } from './plain-rows.ts';

export interface CandleColumnsFile {
  readonly columns: CandleColumns;
  readonly interval: Interval;
}

type RowReader = ReturnType<typeof createRowReader>;

const newline = 10;
/** A line of a candle file is far shorter: something else is being read. */
const longestLine = 2 ** 20;
const leastRows = 1024;
const nothing = new Uint8Array(0);

/**
 * Reads a candle CSV into float64 columns as its bytes come in: nothing else of the file is held but a line that has not ended. The
 * numbers are those that `Number` gives. The format and the errors are those of `readCandleRows`.
 */
export class CandleColumnReader {
  readonly #source: string;
  readonly #size: number;
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  readonly #rows = new PlainRows();
  #columns = emptyColumns(0);
  #readRow: RowReader | null = null;
  #isPlain = false;
  /** Lines before the next one that held no row: where a row stands is its number and theirs. */
  #otherLines = 0;
  /** From which row on there were how many other lines before. */
  readonly #breaks: { readonly row: number; readonly lines: number }[] = [];
  #unfinished = nothing;

  /**
   * @param source what to call it in messages, e.g. the file's path.
   * @param size of the file in bytes, 0 where it is not known: how much memory to begin with.
   */
  constructor(source: string, size = 0) {
    this.#source = source;
    this.#size = size;
  }

  /** Reads all lines that end in these bytes. @throws DomainError `BadCandleFile` */
  push(bytes: Uint8Array): void {
    let from = 0;
    if (this.#unfinished.length > 0) {
      const end = bytes.indexOf(newline) + 1;
      const line = joined(this.#unfinished, bytes.subarray(0, end === 0 ? bytes.length : end));
      if (end === 0) return this.#keep(line);
      this.#unfinished = nothing;
      this.#readLines(line, 0, line.length);
      from = end;
    }
    const to = bytes.lastIndexOf(newline) + 1;
    if (to > from) this.#readLines(bytes, from, to);
    this.#keep(bytes.slice(Math.max(from, to)));
  }

  /** @throws DomainError `BadCandleFile` */
  end(): CandleColumnsFile {
    if (this.#unfinished.length > 0) this.push(Uint8Array.of(newline));
    const { row, gap } = this.#rows;
    const columns = sliceColumns(this.#columns, 0, row);
    const lineOf = (index: number): number => {
      const lines = this.#breaks.findLast((each) => each.row <= index)?.lines ?? 0;
      return index + lines + 1;
    };
    return { columns, interval: intervalOfTimes({ source: this.#source, times: columns.time, gap, lineOf }) };
  }

  #keep(unfinished: Uint8Array<ArrayBuffer>): void {
    this.#unfinished = unfinished;
    if (unfinished.length <= longestLine) return;
    const line = this.#rows.row + this.#otherLines + 1;
    throw new DomainError('BadCandleFile', `${this.#source}: line ${line} does not end`, {
      next: candleFileHint,
      details: { source: this.#source, line },
    });
  }

  #readLines(bytes: Uint8Array, from: number, to: number): void {
    const rows = this.#rows;
    rows.at = from;
    while (rows.at < to) {
      if (this.#isPlain) rows.read(bytes, to, this.#columns);
      if (rows.at >= to) return;
      if (this.#readRow !== null && rows.row === this.#columns.length)
        this.#grow(bytes.indexOf(newline, rows.at) + 1 - rows.at);
      else this.#readLine(bytes);
    }
  }

  /** One line of whatever shape. */
  #readLine(bytes: Uint8Array): void {
    const rows = this.#rows;
    const end = bytes.indexOf(newline, rows.at);
    const text = this.#decoder.decode(bytes.subarray(rows.at, end));
    const line = rows.row + this.#otherLines + 1;
    const row = text.slice(line === 1 && text.startsWith('\u{feff}') ? 1 : 0, text.endsWith('\r') ? -1 : undefined);
    rows.at = end + 1;
    if (row !== '' && this.#readRow !== null) return this.#store(this.#readRow(row, this.#place(line)));
    if (row !== '') {
      const layout = candleLayout(row, this.#source);
      this.#isPlain = isPlainLayout(layout);
      this.#readRow = createRowReader(layout, this.#source);
    }
    this.#otherLines += 1;
    this.#breaks.push({ row: rows.row, lines: this.#otherLines });
  }

  #place(line: number): { readonly line: number; readonly before: number | null } {
    return { line, before: this.#rows.row === 0 ? null : this.#rows.before };
  }

  #store({ time, numbers: [open, high, low, close, volume] }: ReturnType<RowReader>): void {
    const { row } = this.#rows;
    this.#columns.time[row] = time;
    this.#columns.open[row] = open!;
    this.#columns.high[row] = high!;
    this.#columns.low[row] = low!;
    this.#columns.close[row] = close!;
    this.#columns.volume[row] = volume!;
    this.#rows.passed(time);
  }

  /** Makes room for as many rows of that many bytes as the file may hold, or half as many again as there are. */
  #grow(bytesOfRow: number): void {
    const { length } = this.#columns;
    const expected = length === 0 ? Math.ceil((this.#size / bytesOfRow) * 1.02) : Math.ceil(length * 1.5);
    const columns = emptyColumns(Math.max(leastRows, expected));
    for (const name of ['time', 'open', 'high', 'low', 'close', 'volume'] as const)
      columns[name].set(this.#columns[name]);
    this.#columns = columns;
  }
}

const joined = (head: Uint8Array, tail: Uint8Array): Uint8Array<ArrayBuffer> => {
  const whole = new Uint8Array(head.length + tail.length);
  whole.set(head);
  whole.set(tail, head.length);
  return whole;
};
