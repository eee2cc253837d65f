import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { runToEnd } from './child.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** True where the file is there and may be run by this user. */
export const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

/** The first program of that name on PATH; undefined where there is none. */
export const onPath = async (name: string, env: Environment): Promise<string | undefined> => {
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    if (folder !== '' && (await isExecutable(join(folder, name)))) return join(folder, name);
  }
  return undefined;
};

/** True where the program starts and ends with success. */
export const runs = async (command: string, args: readonly string[]): Promise<boolean> => {
  try {
    return (await runToEnd({ name: command, command, args })).code === 0;
  } catch {
    return false;
  }
};
