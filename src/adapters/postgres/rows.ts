import { z } from 'zod';

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

/** A `timestamp` column: epoch ms, UTC. */
export const epochMs = z.int();
