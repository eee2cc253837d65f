import type { CandleColumns } from '../../domain/market/candle.ts';
import { firstTime } from './candle-row.ts';

const [newline, carriageReturn, comma, dash, dot, zero, colon, letterT, letterZ] = [
  10, 13, 44, 45, 46, 48, 58, 84, 90,
] as const;

/** 10^0 to 10^22, all exact in float64. */
const powers = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
/** A number of so many digits is exact in float64. */
const exactDigits = 15;

/**
 * Reads rows of the plainest shape straight from bytes: six cells in the order of `timestamp,open,high,low,close,volume`, a time as
 * `YYYY-MM-DDTHH:MM:SSZ` (or with `.000`) or in epoch ms, unsigned decimals of up to 15 digits, and nothing wrong with the candle. At
 * any other row it stops, so that a slower reader can take it or name what is wrong.
 *
 * A decimal is its digits as a whole number, which is exact, by a power of ten, which is exact: one division, rounded as `Number`
 * rounds (W. D. Clinger, How to Read Floating Point Numbers Accurately, 1990).
 */
export class PlainRows {
  /** Where the next row begins. */
  at = 0;
  /** How many rows were read. */
  row = 0;
  /** The open time of the last row, epoch ms; 0 before the first. */
  before = 0;
  /** The smallest gap between two rows, ms. */
  gap = Infinity;
  #date = 0;
  #midnight = 0;
  /** Of the row that is being read, from open to volume. */
  readonly #cells = new Float64Array(5);

  /** Reads from `at` up to `to`, behind a newline, while rows are plain and the columns hold them. */
  read(bytes: Uint8Array, to: number, { time, open, high, low, close, volume, length }: CandleColumns): void {
    const cells = this.#cells;
    while (this.at < to && this.row < length) {
      const start = this.at;
      const opened = this.#time(bytes);
      if (!(opened >= firstTime && opened > this.before && this.#readCells(bytes) && isCandle(cells))) {
        this.at = start;
        return;
      }
      const { row } = this;
      time[row] = opened;
      open[row] = cells[0]!;
      high[row] = cells[1]!;
      low[row] = cells[2]!;
      close[row] = cells[3]!;
      volume[row] = cells[4]!;
      this.passed(opened);
    }
  }

  /** Counts a row as read. */
  passed(time: number): void {
    if (this.row > 0 && time - this.before < this.gap) this.gap = time - this.before;
    this.before = time;
    this.row += 1;
  }

  /** The decimals from open to volume and the line's end; false where they are not plain. */
  #readCells(bytes: Uint8Array): boolean {
    for (let cell = 0; cell < 4; cell += 1) {
      if (!this.#readDecimal(bytes, cell) || bytes[this.at] !== comma) return false;
      this.at += 1;
    }
    if (!this.#readDecimal(bytes, 4)) return false;
    if (bytes[this.at] === carriageReturn) this.at += 1;
    this.at += 1;
    return bytes[this.at - 1] === newline;
  }

  /** False where there is no decimal, or one with too many digits. `at` is left behind it. */
  #readDecimal(bytes: Uint8Array, cell: number): boolean {
    const start = this.at;
    let at = start;
    let value = 0;
    for (; at < bytes.length; at += 1) {
      const digit = bytes[at]! - zero;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    let digits = at - start;
    let decimals = 0;
    if (bytes[at] === dot) {
      const point = at;
      for (at += 1; at < bytes.length; at += 1) {
        const digit = bytes[at]! - zero;
        if (digit < 0 || digit > 9) break;
        value = value * 10 + digit;
      }
      decimals = at - point - 1;
      digits += decimals;
    }
    this.at = at;
    if (digits === 0 || digits > exactDigits) return false;
    this.#cells[cell] = decimals === 0 ? value : value / powers[decimals]!;
    return true;
  }

  /** Epoch ms of the first cell, its comma passed; NaN where it is of another shape. */
  #time(bytes: Uint8Array): number {
    const { at } = this;
    if (bytes[at + 4] !== dash) return this.#epoch(bytes);
    if (bytes[at + 7] !== dash || bytes[at + 10] !== letterT) return Number.NaN;
    if (bytes[at + 13] !== colon || bytes[at + 16] !== colon) return Number.NaN;
    const date =
      (pair(bytes, at) * 100 + pair(bytes, at + 2)) * 10_000 + pair(bytes, at + 5) * 100 + pair(bytes, at + 8);
    if (date !== this.#date && !this.#changeDate(date)) return Number.NaN;
    const hours = pair(bytes, at + 11);
    const minutes = pair(bytes, at + 14);
    const seconds = pair(bytes, at + 17);
    if (!(hours < 24 && minutes < 60 && seconds < 60)) return Number.NaN;
    const end = bytes[at + 19] === dot ? at + 23 : at + 19;
    const zeros = end === at + 19 || (pair(bytes, at + 20) === 0 && bytes[at + 22] === zero);
    if (!zeros || bytes[end] !== letterZ || bytes[end + 1] !== comma) return Number.NaN;
    this.at = end + 2;
    return this.#midnight + (hours * 3600 + minutes * 60 + seconds) * 1000;
  }

  /** Thirteen digits and a comma. */
  #epoch(bytes: Uint8Array): number {
    const { at } = this;
    if (bytes[at + 13] !== comma || bytes[at + 12] === dot || !this.#readDecimal(bytes, 0)) return Number.NaN;
    this.at += 1;
    return this.#cells[0]!;
  }

  /** Takes YYYYMMDD as the day of the next rows; false where the calendar has no such day. */
  #changeDate(date: number): boolean {
    const [year, month, day] = [Math.floor(date / 10_000), Math.floor(date / 100) % 100, date % 100];
    const midnight = Date.UTC(year, month - 1, day);
    const found = new Date(midnight);
    const sameYear = found.getUTCFullYear() === year;
    if (!sameYear || found.getUTCMonth() !== month - 1 || found.getUTCDate() !== day) return false;
    this.#date = date;
    this.#midnight = midnight;
    return true;
  }
}

const isCandle = (cells: Float64Array): boolean => {
  const [open, high, low, close] = [cells[0]!, cells[1]!, cells[2]!, cells[3]!];
  return low > 0 && low <= open && low <= close && open <= high && close <= high;
};

/** The number of two digits; one that spoils whatever it becomes part of where they are none. */
const pair = (bytes: Uint8Array, at: number): number => {
  const tens = bytes[at]! - zero;
  const units = bytes[at + 1]! - zero;
  return tens >= 0 && tens <= 9 && units >= 0 && units <= 9 ? tens * 10 + units : Number.NaN;
};
