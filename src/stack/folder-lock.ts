import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LineLog } from './child.ts';
import { identify, isAlive, type ProcessIdentity } from './process-identity.ts';

/** Reads who holds a lock file; undefined where there is no lock or its text is not a lock's. */
export const lockHolder = async (file: string): Promise<ProcessIdentity | undefined> => {
  try {
    const holder = JSON.parse(await readFile(file, 'utf8')) as Partial<ProcessIdentity>;
    return typeof holder.pid === 'number' && typeof holder.startedAt === 'string'
      ? { pid: holder.pid, startedAt: holder.startedAt }
      : undefined;
  } catch {
    return undefined;
  }
};

const setAside = async (file: string, aside: string): Promise<void> => {
  await rename(file, aside).catch(() => undefined);
  const holder = await lockHolder(aside);
  // Another process may have taken the lock over since it was read: then it is put back.
  if (holder && isAlive(holder)) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
};

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

/**
 * Takes a lock file for this process, or returns who holds it. The file appears whole (a hard link to a finished
 * file), and one left by a process that has died is taken over.
 */
export const takeLock = async (file: string): Promise<{ taken: true } | { taken: false; holder: ProcessIdentity }> => {
  const mine = `${file}.${process.pid}.${process.hrtime.bigint()}`;
  await writeFile(mine, JSON.stringify(identify(process.pid)), { mode: 0o600 });
  try {
    for (;;) {
      try {
        await link(mine, file);
        return { taken: true };
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw error;
      }
      const holder = await lockHolder(file);
      if (holder && isAlive(holder)) return { taken: false, holder };
      await setAside(file, `${mine}.stale`);
    }
  } finally {
    await rm(mine, { force: true });
  }
};

/** Gives the lock back, when this process holds it. */
export const releaseLock = async (file: string): Promise<void> => {
  const holder = await lockHolder(file);
  if (holder?.pid === process.pid) await rm(file, { force: true });
};

/** Runs `work` while no other process does the same: waits for the lock, and says so. */
export const withFolderLock = async <Result>(
  file: string,
  log: LineLog,
  work: () => Promise<Result>,
): Promise<Result> => {
  let told = false;
  for (;;) {
    const lock = await takeLock(file);
    if (lock.taken) break;
    if (!told) log(`Waiting for process ${lock.holder.pid}, which is fetching the same.`);
    told = true;
    await sleep(500);
  }
  try {
    return await work();
  } finally {
    await releaseLock(file);
  }
};
