import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Environment } from './executables.ts';

/** True where this process runs as root (never on Windows, which has no user ids). */
export const isRoot = (): boolean => process.getuid?.() === 0;

/**
 * The folder that holds everything the embedded stack must remember. `MASTERTRADE_HOME`, else the user's data folder;
 * root gets `/var/lib/mastertrade`, because PostgreSQL runs as another user, who cannot enter root's own home folder.
 */
export const stateFolder = (env: Environment = process.env): string => {
  if (env['MASTERTRADE_HOME']) return resolve(env['MASTERTRADE_HOME']);
  if (env['XDG_DATA_HOME']) return join(resolve(env['XDG_DATA_HOME']), 'mastertrade');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'mastertrade');
  if (isRoot()) return '/var/lib/mastertrade';
  return join(homedir(), '.local', 'share', 'mastertrade');
};

/** The folder for what can be fetched again: server binaries. `MASTERTRADE_CACHE`, else the user's cache folder. */
export const cacheFolder = (env: Environment = process.env): string => {
  if (env['MASTERTRADE_CACHE']) return resolve(env['MASTERTRADE_CACHE']);
  if (env['XDG_CACHE_HOME']) return join(resolve(env['XDG_CACHE_HOME']), 'mastertrade');
  return join(homedir(), '.cache', 'mastertrade');
};

/** Creates the folder, with its parents, where it is missing, and returns its path. */
export const ensureFolder = async (folder: string): Promise<string> => {
  await mkdir(folder, { recursive: true });
  return folder;
};
