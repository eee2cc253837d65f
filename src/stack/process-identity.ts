import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process by number and start time: the number alone may have been given to another process since. */
export type ProcessIdentity = Readonly<{ pid: number; startedAt: string }>;

/** When the process began, in the system's own terms; undefined where no such process lives (a zombie is dead). */
export const startTimeOf = (pid: number): string | undefined => {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
    }
    const [state, ...started] = execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], { encoding: 'utf8' })
      .trim()
      .split(/\s+/);
    return state === undefined || state.startsWith('Z') ? undefined : started.join(' ');
  } catch {
    return undefined;
  }
};

/** The identity of a live process; undefined where it is gone. */
export const identify = (pid: number): ProcessIdentity | undefined => {
  const startedAt = startTimeOf(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
};

/** True while that very process lives. */
export const isAlive = ({ pid, startedAt }: ProcessIdentity): boolean => startTimeOf(pid) === startedAt;

/** Sends the signal to that very process, never to another that has its number; false where it is gone. */
export const signal = (identity: ProcessIdentity, name: NodeJS.Signals): boolean => {
  if (!isAlive(identity)) return false;
  try {
    return process.kill(identity.pid, name);
  } catch {
    return false;
  }
};

/** Waits until the process is gone; false when it still lives after `timeoutMs`. */
export const waitUntilGone = async (identity: ProcessIdentity, timeoutMs: number): Promise<boolean> => {
  const deadline = Date.now() + timeoutMs;
  while (isAlive(identity)) {
    if (Date.now() > deadline) return false;
    await sleep(25);
  }
  return true;
};

/** Ends processes: the signal first, SIGKILL for those that still live after `graceMs`. */
export const endProcesses = async (
  processes: readonly (ProcessIdentity & { stopSignal?: NodeJS.Signals })[],
  graceMs: number,
): Promise<void> => {
  for (const each of processes) signal(each, each.stopSignal ?? 'SIGTERM');
  await Promise.all(
    processes.map(async (each) => {
      if (await waitUntilGone(each, graceMs)) return;
      signal(each, 'SIGKILL');
      await waitUntilGone(each, graceMs);
    }),
  );
};
