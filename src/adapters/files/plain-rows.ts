import type { CandleColumns } from '../../domain/market/candle.ts';
import { firstTime } from './candle-row.ts';

const [newline, carriageReturn, comma, dash, dot, zero, colon, letterT, letterZ] = [
  10, 13, 44, 45, 46, 48, 58, 84, 90,
] as const;

/** 10^0 to 10^22, all exact in float64. */
const powers = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
/** A number of so many digits is exact in float64. */
const exactDigits = 15;
/** A number of so many digits fits 32 bits. */
const headDigits = 9;

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

  /** Reads from `at` up to `to`, behind a newline, while rows are plain and the columns hold them. */
  read(bytes: Uint8Array, to: number, { time, open, high, low, close, volume, length }: CandleColumns): void {
    while (this.at < to && this.row < length) {
      const start = this.at;
      const opened = this.#time(bytes);
      const first = this.#price(bytes);
      const highest = this.#price(bytes);
      const lowest = this.#price(bytes);
      const last = this.#price(bytes);
      const traded = this.#decimal(bytes);
      const good =
        opened >= firstTime &&
        opened > this.before &&
        lowest > 0 &&
        lowest <= first &&
        lowest <= last &&
        first <= highest &&
        last <= highest &&
        traded >= 0 &&
        this.#lineEnds(bytes);
      if (!good) {
        this.at = start;
        return;
      }
      const { row } = this;
      time[row] = opened;
      open[row] = first;
      high[row] = highest;
      low[row] = lowest;
      close[row] = last;
      volume[row] = traded;
      this.passed(opened);
    }
  }

  /** Counts a row as read. */
  passed(time: number): void {
    if (this.row > 0 && time - this.before < this.gap) this.gap = time - this.before;
    this.before = time;
    this.row += 1;
  }

  /** NaN where the cell is no plain decimal or no comma follows. */
  #price(bytes: Uint8Array): number {
    const value = this.#decimal(bytes);
    const separated = bytes[this.at] === comma;
    this.at += 1;
    return separated ? value : Number.NaN;
  }

  /** NaN where there is no decimal, or one with too many digits. `at` is left behind it. */
  #decimal(bytes: Uint8Array): number {
    let { at } = this;
    let head = 0;
    let tail = 0;
    let digits = 0;
    let whole = -1;
    for (; at < bytes.length; at += 1) {
      const digit = bytes[at]! - zero;
      if (digit >= 0 && digit <= 9) {
        if (digits < headDigits) head = head * 10 + digit;
        else tail = tail * 10 + digit;
        digits += 1;
      } else if (digit === dot - zero && whole < 0) {
        whole = digits;
      } else {
        break;
      }
    }
    this.at = at;
    if (digits === 0 || digits > exactDigits) return Number.NaN;
    const value = digits <= headDigits ? head : head * powers[digits - headDigits]! + tail;
    return whole < 0 ? value : value / powers[digits - whole]!;
  }

  #lineEnds(bytes: Uint8Array): boolean {
    if (bytes[this.at] === carriageReturn) this.at += 1;
    this.at += 1;
    return bytes[this.at - 1] === newline;
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
    return bytes[this.at + 12] === dot || bytes[this.at + 13] !== comma ? Number.NaN : this.#price(bytes);
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

/** The number of two digits; one that spoils whatever it becomes part of where they are none. */
const pair = (bytes: Uint8Array, at: number): number => {
  const tens = bytes[at]! - zero;
  const units = bytes[at + 1]! - zero;
  return tens >= 0 && tens <= 9 && units >= 0 && units <= 9 ? tens * 10 + units : Number.NaN;
};
