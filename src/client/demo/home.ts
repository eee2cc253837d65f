import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { stateFolder } from '../../stack/folders.ts';
import { identify } from '../../stack/process-identity.ts';

const prefix = 'run-';

/** Variables that say where binaries are; everything else of ours and of the databases' would lead out of the demo. */
const kept = new Set(['MASTERTRADE_CACHE', 'MASTERTRADE_TEMPORAL_BINARY']);
const configuring = /^(MASTERTRADE_|TEMPORAL_|SIMULATOR_|PG[A-Z]|DATABASE_URL$)/;

/**
 * Forgets, for this process and its children, every configured database, server, exchange and key: the demo has its own.
 */
export const forgetConfiguration = (env: NodeJS.ProcessEnv): void => {
  for (const name of Object.keys(env)) if (configuring.test(name) && !kept.has(name)) delete env[name];
};

const pidOf = (folder: string): number => Number(folder.slice(prefix.length).split('-')[0]);

const removeLeftovers = async (parent: string): Promise<void> => {
  const folders = (await readdir(parent)).filter(
    (name) => name.startsWith(prefix) && identify(pidOf(name)) === undefined,
  );
  for (const folder of folders) await rm(join(parent, folder), { recursive: true, force: true });
};

/** A new state folder of this run's own, below the user's; those of runs that were killed are removed. */
export const createDemoHome = async (env: NodeJS.ProcessEnv): Promise<string> => {
  const parent = join(stateFolder(env), 'demo');
  await mkdir(parent, { recursive: true });
  await removeLeftovers(parent);
  return mkdtemp(join(parent, `${prefix}${process.pid}-`));
};

export const removeDemoHome = (home: string): Promise<void> => rm(home, { recursive: true, force: true });
