import { DomainError } from '../errors.ts';

/** Candle intervals and their length in milliseconds. */
export const intervalMs = {
  '1m': 60_000,
  '3m': 180_000,
  '5m': 300_000,
  '15m': 900_000,
  '30m': 1_800_000,
  '1h': 3_600_000,
  '2h': 7_200_000,
  '4h': 14_400_000,
  '6h': 21_600_000,
  '8h': 28_800_000,
  '12h': 43_200_000,
  '1d': 86_400_000,
} as const;

/** Length of an hour in milliseconds. */
export const hourMs = intervalMs['1h'];

/** Length of a UTC day in milliseconds. */
export const dayMs = intervalMs['1d'];

export type Interval = keyof typeof intervalMs;

export const intervals = Object.keys(intervalMs) as readonly Interval[];

export const isInterval = (value: string): value is Interval => Object.hasOwn(intervalMs, value);

/** @throws DomainError `BadInput` for an interval that is not in the table. */
export const parseInterval = (value: string): Interval => {
  if (isInterval(value)) return value;
  throw new DomainError('BadInput', `unknown candle interval '${value}'`, {
    next: `use one of ${intervals.join(', ')}`,
  });
};

/** Open time (epoch ms) of the candle that contains `time`. */
export const openTimeOf = (time: number, interval: Interval): number => time - (time % intervalMs[interval]);

/** The first instant (epoch ms) at which the candle that opened at `openTime` is closed. */
export const closeTimeOf = (openTime: number, interval: Interval): number => openTime + intervalMs[interval];
