import { z } from 'zod';
import { dec, text } from '../../domain/decimal.ts';

/** Thrown when a reply does not have the shape the exchange documents: a cut body, an HTML page, a new status. */
class MalformedReply extends Error {
  override readonly name = 'MalformedReply';
}

export const decimalText = z
  .union([z.string(), z.number()])
  .transform(String)
  .refine((value) => /^-?\d+(\.\d+)?$/.test(value), 'not a decimal');
export const id = z
  .union([z.string(), z.number()])
  .transform(String)
  .refine((value) => /^\d+$/.test(value), 'not an id');
export const time = z.coerce.number().int().positive();

/** @throws MalformedReply that names the first thing found wrong. */
export const read = <T>(what: string, schema: z.ZodType<T>, reply: unknown): T => {
  const parsed = schema.safeParse(reply);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new MalformedReply(`unreadable ${what}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
};

/** Decimal text without padding. */
export const exact = (value: string): string => text(dec(value));
