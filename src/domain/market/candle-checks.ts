import { DomainError } from '../errors.ts';
import type { Candle } from './candle.ts';
import { intervalMs } from './interval.ts';
import type { Interval } from './interval.ts';

/** What is wrong with one candle: which column, what stands there and what should. */
export interface CandleProblem {
  readonly column: 'timestamp' | 'open' | 'high' | 'low' | 'close' | 'volume';
  readonly found: string;
  readonly expected: string;
}

/** The prices and volume of a candle as numbers. */
export interface CandleNumbers {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

const prices = ['open', 'high', 'low', 'close'] as const;

/** The first problem within a candle's prices and volume, or null. */
export const priceProblem = (candle: CandleNumbers): CandleProblem | null => {
  const { open, high, low, close, volume } = candle;
  if (
    low > 0 &&
    low <= open &&
    low <= close &&
    open <= high &&
    close <= high &&
    high < Infinity &&
    volume >= 0 &&
    volume < Infinity
  ) {
    return null;
  }
  for (const column of prices) {
    const value = candle[column];
    if (!(value > 0 && value < Infinity)) return { column, found: String(value), expected: 'a price above 0' };
  }
  if (!(volume >= 0 && volume < Infinity)) {
    return { column: 'volume', found: String(volume), expected: 'a volume of 0 or more' };
  }
  if (high < low) return { column: 'high', found: String(high), expected: `no less than the low, ${low}` };
  const column = open < low || open > high ? 'open' : 'close';
  return { column, found: String(candle[column]), expected: `between the low, ${low}, and the high, ${high}` };
};

/** The problem of a candle's open time with the one before it (null for the first), or null. */
export const orderProblem = (time: number, before: number | null): CandleProblem | null => {
  if (!Number.isSafeInteger(time) || time < 0 || time > lastTime) {
    return { column: 'timestamp', found: String(time), expected: 'epoch milliseconds' };
  }
  if (before === null || time > before) return null;
  const expected = time === before ? 'each time once' : `a time after ${isoTime(before)}: the oldest comes first`;
  return { column: 'timestamp', found: isoTime(time), expected };
};

/** The problem of an open time that is not on the interval's grid, or null. */
export const alignmentProblem = (time: number, interval: Interval): CandleProblem | null =>
  time % intervalMs[interval] === 0
    ? null
    : { column: 'timestamp', found: isoTime(time), expected: `a multiple of ${interval}` };

/** @param row 1 for the first candle. */
export const badCandle = (source: string, row: number, problem: CandleProblem): DomainError =>
  new DomainError(
    'BadCandleFile',
    `${source}: candle ${row}, ${problem.column}: found ${problem.found}, expected ${problem.expected}`,
    { next: 'correct the candles; nothing of them was stored', details: { source, row, ...problem } },
  );

/**
 * Checks candles that come from outside: numbers, prices above zero, the range, strictly rising times on the interval's
 * grid. Missing candles are not an error here.
 * @throws DomainError `BadCandleFile` naming the candle (1 is the first), the column and what was found.
 */
export const checkCandles = (candles: readonly Candle[], interval: Interval, source: string): void => {
  let before: number | null = null;
  candles.forEach((candle, index) => {
    const { time } = candle;
    const problem =
      orderProblem(time, before) ??
      alignmentProblem(time, interval) ??
      textProblem(candle) ??
      priceProblem(numbersOf(candle));
    if (problem !== null) throw badCandle(source, index + 1, problem);
    before = time;
  });
};

const numbersOf = ({ open, high, low, close, volume }: Candle): CandleNumbers => ({
  open: Number(open),
  high: Number(high),
  low: Number(low),
  close: Number(close),
  volume: Number(volume),
});

const decimalText = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/iu;

/** `Number` reads more than decimals (an empty text, hexadecimal): such are refused. */
export const isDecimalText = (value: string): boolean => decimalText.test(value);

const textProblem = (candle: Candle): CandleProblem | null => {
  for (const column of [...prices, 'volume'] as const) {
    if (!isDecimalText(candle[column])) {
      return { column, found: candle[column] === '' ? 'nothing' : `'${candle[column]}'`, expected: 'a number' };
    }
  }
  return null;
};

/** The last instant that ISO 8601 writes with four digits of the year. */
const lastTime = 253_402_300_799_999;

const isoTime = (time: number): string => new Date(time).toISOString();
