import { DomainError } from '../domain/errors.ts';
import { startChild, type Child, type ChildOptions } from './child.ts';

const readyTimeoutMs = 60_000;

const parseObject = (line: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
};

/**
 * Starts one of our own programs and waits for the JSON line on its standard output by which it says that it is
 * ready, told by the key it has. Whatever else it prints is logged.
 * @throws DomainError StackNotRunning with its last lines when it ends, or says nothing for 60 s.
 */
export const startReadyChild = async (
  options: Omit<ChildOptions, 'command' | 'onStdoutLine'> & { readyKey: string },
): Promise<{ child: Child; ready: Readonly<Record<string, unknown>> }> => {
  const ready = Promise.withResolvers<Record<string, unknown> | undefined>();
  const child = await startChild({
    ...options,
    command: process.execPath,
    onStdoutLine: (line) => {
      const message = parseObject(line);
      if (message && Object.hasOwn(message, options.readyKey)) ready.resolve(message);
      options.log(line);
    },
  });
  const impatience = setTimeout(() => ready.resolve(undefined), readyTimeoutMs);
  void child.exited.then(() => ready.resolve(undefined));
  const message = await ready.promise;
  clearTimeout(impatience);
  if (message !== undefined) return { child, ready: message };
  const how = child.running() ? `was not ready after ${readyTimeoutMs / 1000} s` : 'ended before it was ready';
  await child.stop();
  throw new DomainError('StackNotRunning', `The ${options.name} ${how}. It said: ${child.lastLines().join(' | ')}`, {
    next: `Read the ${options.name}'s log in the state folder.`,
    details: { part: options.name },
  });
};
