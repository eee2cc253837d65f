import { readFile } from 'node:fs/promises';
import { parseStrategy } from '../contracts/strategy-file.ts';
import { DomainError } from '../domain/errors.ts';
import type { StrategyDefinition } from '../domain/strategy/definition.ts';

/**
 * Reads and checks a strategy file.
 * @throws DomainError BadStrategy with the path in the file, what was found and what is allowed.
 */
export const readStrategyFile = async (file: string): Promise<StrategyDefinition> => {
  const text = await readFile(file, 'utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DomainError('BadStrategy', `${file} is not JSON: ${reason}`, {
      next: 'correct it; examples/ holds strategy files that work',
      cause,
    });
  }
  return parseStrategy(value, file);
};
