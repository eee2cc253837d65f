import { sql } from 'slonik';
import { z } from 'zod';
import { type Interval, intervals } from '../../domain/market/interval.ts';

/** Plain decimal text without trailing zeros and without a negative zero: `17208.86000000` is `17208.86`. */
export const plainDecimal = (text: string): string => {
  const plain = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  return plain === '-0' ? '0' : plain;
};

/** A NUMERIC column: decimal text, normalised by `plainDecimal`. NaN and infinity are refused. */
export const decimalText = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/, 'not a decimal')
  .transform(plainDecimal);

/** A NUMERIC column that a float64 is good enough for: what is drawn, or a statistic. */
export const numberText = z.string().transform(Number);
export const numberTextOrNull = z
  .string()
  .nullable()
  .transform((value) => (value === null ? null : Number(value)));

/** A `timestamp` column: epoch ms, UTC. */
export const epochMs = z.int();

/** A candle interval. */
export const intervalText = z.enum(intervals as [Interval, ...Interval[]]);

/** Plain data as a jsonb value; what JSON leaves out (undefined) is left out. */
export const jsonb = (value: unknown) => sql.jsonb(JSON.parse(JSON.stringify(value)));
