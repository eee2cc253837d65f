import { dayMs } from '../../domain/market/interval.ts';

const iso = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?(Z|[+-]\d{2}:?\d{2})?$/u;
const epoch = /^\d+$/u;
const minuteMs = 60_000;

/**
 * Epoch ms of a timestamp: ISO 8601 (UTC where no zone is given) or epoch milliseconds. Null where it is neither, or where the
 * calendar has no such day.
 */
export const parseTimestamp = (value: string): number | null => {
  if (epoch.test(value)) return Number(value);
  const match = iso.exec(value);
  if (match === null) return null;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '0', zone = 'Z'] = match;
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(day));
  if (new Date(midnight).toISOString().slice(0, 10) !== value.slice(0, 10)) return null;
  const [hours, minutes, seconds] = [Number(hour), Number(minute), Number(second)];
  if (hours > 23 || minutes > 59 || seconds > 59) return null;
  const ms = Math.floor(Number(`0.${fraction}`) * 1000);
  return midnight + hours * 3_600_000 + minutes * minuteMs + seconds * 1000 + ms - zoneMs(zone);
};

const zoneMs = (zone: string): number => {
  if (zone === 'Z') return 0;
  const digits = zone.replace(':', '');
  const minutes = Number(digits.slice(1, 3)) * 60 + Number(digits.slice(3, 5));
  return (digits.startsWith('-') ? -minutes : minutes) * minuteMs;
};

/**
 * A parser that remembers the day it last met: candles of one day share their date, so that only the time of day is read.
 * Same answers as `parseTimestamp`.
 */
export const createTimestampParser = (): ((value: string) => number | null) => {
  let date = '';
  let midnight = 0;
  return (value) => {
    if (!isPlainUtc(value)) return parseTimestamp(value);
    if (value.slice(0, 10) !== date) {
      const start = parseTimestamp(value.slice(0, 10));
      if (start === null || start % dayMs !== 0) return null;
      date = value.slice(0, 10);
      midnight = start;
    }
    const hours = twoDigits(value, 11);
    const minutes = twoDigits(value, 14);
    const seconds = twoDigits(value, 17);
    if (!(hours < 24 && minutes < 60 && seconds < 60)) return parseTimestamp(value);
    return midnight + hours * 3_600_000 + minutes * minuteMs + seconds * 1000;
  };
};

/** `YYYY-MM-DDTHH:MM:SSZ` or the same with `.000`. */
const isPlainUtc = (value: string): boolean =>
  (value.length === 20 ? value.endsWith('Z') : value.length === 24 && value.endsWith('.000Z')) &&
  value[10] === 'T' &&
  value[13] === ':' &&
  value[16] === ':';

/** NaN where the two characters are not digits. */
const twoDigits = (value: string, at: number): number => {
  const tens = value.charCodeAt(at) - 48;
  const units = value.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && units >= 0 && units <= 9 ? tens * 10 + units : Number.NaN;
};
