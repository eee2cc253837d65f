import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { DomainError } from '../domain/errors.ts';

interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** Questions are no part of an answer. */
const ownTerminal: Terminal = { input: process.stdin, output: process.stderr };

/** @throws DomainError `BadInput` where there is nobody to ask: in JSON, or without a terminal */
export const assertCanAsk = ({ json }: { readonly json: boolean }, { input, output }: Terminal = ownTerminal): void => {
  if (!json && input.isTTY && output.isTTY) return;
  throw new DomainError('BadInput', `nobody can be asked ${json ? 'in JSON' : 'without a terminal'}`, {
    next: 'nothing was done; give --yes to do it without being asked',
  });
};

/** Asks a person once whether to go on; only `y` and `yes` do. */
export const confirmed = async (question: string, { input, output }: Terminal = ownTerminal): Promise<boolean> => {
  const lines = createInterface({ input, output });
  try {
    const ended = once(lines, 'close').then(() => '');
    const answer = await Promise.race([lines.question(`${question} [y/N] `), ended]);
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    // Ctrl-C and Ctrl-D.
    if (error instanceof Error && error.name === 'AbortError') return false;
    throw error;
  } finally {
    lines.close();
  }
};
