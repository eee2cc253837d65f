import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { DomainError } from '../domain/errors.ts';
import type { MarketFilters } from '../domain/market/market-filters.ts';

const decimalText = z
  .union([z.string(), z.number()])
  .transform(String)
  .refine((text) => /^\d+(\.\d+)?$/.test(text), { error: 'must be a decimal number that is not negative' })
  .default('0');

const filtersSchema = z.strictObject({
  tickSize: decimalText,
  stepSize: decimalText,
  minQuantity: decimalText,
  maxQuantity: decimalText,
  minNotional: decimalText,
});

/**
 * Reads a market's filters from JSON; what is left out does not limit.
 * @throws DomainError BadInput naming the field.
 */
export const readFiltersFile = async (file: string): Promise<MarketFilters> => {
  const refuse = (found: string, cause?: unknown): DomainError =>
    new DomainError('BadInput', `${file}: ${found}`, {
      next: `give a JSON object with ${Object.keys(filtersSchema.shape).join(', ')} as decimals`,
      cause,
    });
  let json: unknown;
  const text = await readFile(file, 'utf8');
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw refuse('is not JSON', cause);
  }
  const parsed = filtersSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw refuse(`${issue?.path.join('.') || 'the file'}: ${issue?.message}`);
};
