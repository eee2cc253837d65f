import { readFile } from 'node:fs/promises';
import { parseStrategy } from '../../contracts/strategy-file.ts';
import { DomainError } from '../../domain/errors.ts';
import type { StrategyDefinition } from '../../domain/strategy/definition.ts';

/**
 * Reads and checks a strategy file.
 * @throws DomainError `BadStrategy` with the path in the file, what was found and what is allowed; also where the file cannot
 * be read or is not JSON.
 */
export const readStrategyFile = async (path: string): Promise<StrategyDefinition> => {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DomainError('BadStrategy', `cannot read ${path}: ${reason}`, {
      next: 'give a JSON file; examples/ holds strategies that work',
      cause,
    });
  }
  return parseStrategy(json, path);
};
