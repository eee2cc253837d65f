import { resolve } from 'node:path';
import { DomainError } from '../domain/errors.ts';
import { lockHolder } from './folder-lock.ts';
import { layoutOf } from './layout.ts';
import { isAlive, signal, waitUntilGone } from './process-identity.ts';
import type { Stack } from './stack.ts';
import { endLeftovers, readStackFile, type StackFile } from './state-files.ts';

export type StackStatus =
  | Readonly<{ state: 'stopped'; home: string }>
  | Readonly<{ state: 'starting'; home: string; pid: number }>
  | Readonly<{
      state: 'running';
      home: string;
      /** The supervisor's. */
      pid: number;
      readyAt: string;
      addresses: Pick<StackFile, 'databaseUrl' | 'temporal' | 'simulator'>;
      processes: readonly Readonly<{ name: string; pid: number; alive: boolean }>[];
    }>;

const stopTimeoutMs = 45_000;

const liveSupervisor = async (lockFile: string) => {
  const holder = await lockHolder(lockFile);
  return holder && isAlive(holder) ? holder : undefined;
};

/** What runs on this state folder: the supervisor's lock tells, not the file that a killed one may have left. */
export const stackStatus = async (home: string): Promise<StackStatus> => {
  const layout = layoutOf(resolve(home));
  const supervisor = await liveSupervisor(layout.lockFile);
  if (!supervisor) return { state: 'stopped', home: layout.home };
  const stack = await readStackFile(layout);
  if (stack?.pid !== supervisor.pid) return { state: 'starting', home: layout.home, pid: supervisor.pid };
  const { pid, readyAt, databaseUrl, temporal, simulator } = stack;
  const processes = stack.processes.map((each) => ({ name: each.name, pid: each.pid, alive: isAlive(each) }));
  return {
    state: 'running',
    home: layout.home,
    pid,
    readyAt,
    addresses: { databaseUrl, temporal, simulator },
    processes,
  };
};

/**
 * Stops the stack whose state is in that folder and returns when all of it is gone, what a killed supervisor left
 * included. Nothing of the state is lost.
 * @returns the supervisor's process id.
 * @throws DomainError StackNotRunning where nothing runs on that folder.
 */
export const stopStack = async (home: string): Promise<number> => {
  const layout = layoutOf(resolve(home));
  const supervisor = await liveSupervisor(layout.lockFile);
  if (!supervisor) {
    await endLeftovers(layout);
    throw new DomainError('StackNotRunning', `No stack runs with its state in ${layout.home}.`, {
      next: 'Start one with mastertrade up, or set MASTERTRADE_HOME to the folder of the one you mean.',
      details: { home: layout.home },
    });
  }
  signal(supervisor, 'SIGTERM');
  if (!(await waitUntilGone(supervisor, stopTimeoutMs))) {
    signal(supervisor, 'SIGKILL');
    await waitUntilGone(supervisor, stopTimeoutMs);
  }
  // One that was still starting, or had to be killed, has left its children to the reaper.
  if (!(await liveSupervisor(layout.lockFile))) await endLeftovers(layout);
  return supervisor.pid;
};

/**
 * Keeps the stack up until Ctrl-C, SIGTERM or SIGHUP, then ends it in order; a second signal does not hurry it.
 * Resolves with how it ended.
 */
export const superviseUntilSignal = async (stack: Stack): ReturnType<() => Stack['ended']> => {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const stop = (): void => void stack.stop();
  for (const name of signals) process.on(name, stop);
  try {
    return await stack.ended;
  } finally {
    for (const name of signals) process.off(name, stop);
  }
};
