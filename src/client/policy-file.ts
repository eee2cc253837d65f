import { readFile } from 'node:fs/promises';
import { DomainError } from '../domain/errors.ts';

/**
 * Reads what a file wants of a policy: all of it, or the parts that are to change.
 * @throws DomainError `BadPolicy` where it is no JSON object
 */
export const readPolicyFile = async (file: string): Promise<object> => {
  const refuse = (found: string, cause?: unknown): DomainError =>
    new DomainError('BadPolicy', `${file} ${found}`, {
      next: 'give a JSON object with what is to change; `mastertrade breaker policy --json` shows what is in force',
      cause,
    });
  const content = await readFile(file, 'utf8');
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch (cause) {
    throw refuse('is not JSON', cause);
  }
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json;
  throw refuse('holds no JSON object');
};
