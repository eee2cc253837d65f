import { rm } from 'node:fs/promises';
import type { ChildExit, LineLog } from './child.ts';
import { releaseLock } from './folder-lock.ts';
import type { Layout } from './layout.ts';
import { openLogFile, type LogFile } from './log-files.ts';
import { identify } from './process-identity.ts';
import { reaperPid } from './reaper.ts';
import { writeJson, type StackProcess } from './state-files.ts';

/** An embedded part that runs. */
export type Part = Readonly<{
  name: string;
  pid: number;
  exited: Promise<ChildExit>;
  lastLines(): readonly string[];
  stop(): Promise<void>;
}>;

const stopOrder = ['worker', 'simulator', 'temporal', 'postgres'];

/** The parts started so far, their logs, and the file that names them to whoever comes after a crash. */
export const createRoster = (layout: Layout) => {
  const parts: Part[] = [];
  const logs = new Map<string, LogFile>();
  let writing = Promise.resolve();
  const processes = (): StackProcess[] =>
    [...parts.map(({ name, pid }) => ({ name, pid })), { name: 'reaper', pid: reaperPid() ?? 0 }].flatMap((each) => {
      const identity = identify(each.pid);
      return identity ? [{ name: each.name, ...identity }] : [];
    });
  return {
    parts,
    processes,
    logFileOf: (name: string): string => logs.get(name)?.file ?? layout.logs,
    openLog: async (name: string): Promise<LineLog> => {
      const opened = await openLogFile(layout.logs, name);
      logs.set(name, opened);
      return opened.log;
    },
    add: (part: Part): Promise<void> => {
      parts.push(part);
      writing = writing.then(() => writeJson(layout.processesFile, processes()));
      return writing;
    },
    endAll: async (): Promise<void> => {
      for (const name of stopOrder) {
        await Promise.all(parts.filter((part) => part.name === name).map((part) => part.stop()));
      }
      await Promise.all([...logs.values()].map((log) => log.close()));
      await rm(layout.stackFile, { force: true });
      await rm(layout.processesFile, { force: true });
      await releaseLock(layout.lockFile);
    },
  };
};

export type Roster = ReturnType<typeof createRoster>;
