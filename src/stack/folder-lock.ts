import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LineLog } from './child.ts';
import { identify, isAlive, type ProcessIdentity } from './process-identity.ts';

/** A takeover lasts a few file operations. */
const takeoverPollMs = 5;

const holderIn = (text: string): ProcessIdentity | undefined => {
  try {
    const holder = JSON.parse(text) as Partial<ProcessIdentity>;
    return typeof holder.pid === 'number' && typeof holder.startedAt === 'string'
      ? { pid: holder.pid, startedAt: holder.startedAt }
      : undefined;
  } catch {
    return undefined;
  }
};

const textOf = (file: string): Promise<string | undefined> => readFile(file, 'utf8').catch(() => undefined);

/** Reads who holds a lock file; undefined where there is no lock or its text is not a lock's. */
export const lockHolder = async (file: string): Promise<ProcessIdentity | undefined> =>
  holderIn((await textOf(file)) ?? '');

/** True where there is a lock that no living process holds. */
const isStale = async (file: string): Promise<boolean> => {
  const text = await textOf(file);
  if (text === undefined) return false;
  const holder = holderIn(text);
  return !holder || !isAlive(holder);
};

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

/** Makes `file` a second name of `mine`; false where it is there already. */
const linked = async (mine: string, file: string): Promise<boolean> => {
  try {
    await link(mine, file);
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    return false;
  }
};

/**
 * Removes a stale lock. Only who has linked the takeover file may, and looks again then: a lock that somebody has taken since is
 * not touched, and a stale one can't become another's in between.
 */
const clearStale = async (file: string, mine: string): Promise<void> => {
  const takeover = `${file}.takeover`;
  if (!(await linked(mine, takeover))) {
    // Of a process that died in the middle of it.
    if (await isStale(takeover)) await rm(takeover, { force: true });
    else await sleep(takeoverPollMs);
    return;
  }
  try {
    if (await isStale(file)) await rm(file, { force: true });
  } finally {
    await rm(takeover, { force: true });
  }
};

/**
 * Takes a lock file for this process, or returns who holds it. The file appears whole (a hard link to a finished
 * file), and one left by a process that has died is taken over.
 */
export const takeLock = async (file: string): Promise<{ taken: true } | { taken: false; holder: ProcessIdentity }> => {
  const mine = `${file}.${process.pid}.${process.hrtime.bigint()}`;
  await writeFile(mine, JSON.stringify(identify(process.pid)), { mode: 0o600 });
  try {
    for (;;) {
      if (await linked(mine, file)) return { taken: true };
      const holder = await lockHolder(file);
      if (holder && isAlive(holder)) return { taken: false, holder };
      await clearStale(file, mine);
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
