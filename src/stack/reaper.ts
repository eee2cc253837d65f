import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const reaperProgram = fileURLToPath(new URL('./reaper-main.ts', import.meta.url));
const charges = new Map<number, NodeJS.Signals>();
let reaper: ChildProcess | undefined;

const tell = (line: string): void => {
  reaper?.stdin?.write(`${line}\n`);
};

const startReaper = (): void => {
  const started = spawn(process.execPath, [reaperProgram], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  reaper = started;
  started.unref();
  const pipe = started.stdin as typeof started.stdin & { unref?: () => void };
  pipe.unref?.();
  pipe.on('error', () => undefined);
  started.once('exit', () => {
    if (reaper !== started) return;
    reaper = undefined;
    if (charges.size > 0) startReaper();
  });
  for (const [pid, stopSignal] of charges) tell(`add ${pid} ${stopSignal}`);
};

/**
 * Puts a child under the care of this process's reaper, which ends it when this process dies by any means.
 * The reaper holds the other end of a pipe, which the system closes with this process.
 */
export const guard = (pid: number, stopSignal: NodeJS.Signals): void => {
  charges.set(pid, stopSignal);
  if (reaper) tell(`add ${pid} ${stopSignal}`);
  else startReaper();
};

/** Takes a child that has ended out of the reaper's care. */
export const release = (pid: number): void => {
  if (charges.delete(pid)) tell(`remove ${pid}`);
};

/** The reaper's process id, for tests and for the state file; undefined before the first child. */
export const reaperPid = (): number | undefined => reaper?.pid;
