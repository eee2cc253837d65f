import { fileURLToPath } from 'node:url';
import type { ChildExit, LineLog } from './child.ts';
import { startReadyChild } from './ready-child.ts';

const workerProgram = fileURLToPath(new URL('../worker.ts', import.meta.url));

export type WorkerProcess = Readonly<{
  pid: number;
  exited: Promise<ChildExit>;
  running(): boolean;
  lastLines(): readonly string[];
  /** SIGKILL: the worker is gone at once, in the middle of whatever it did. */
  kill(signal: NodeJS.Signals): Promise<ChildExit>;
  /** Lets the worker finish what it does, up to `graceMs`. */
  stop(graceMs?: number): Promise<void>;
  /** A new worker with the same environment; the old one is stopped first where it still runs. */
  restart(): Promise<WorkerProcess>;
}>;

const workerGraceMs = 15_000;

/**
 * Starts a worker in a process of its own and returns when it polls its task queues.
 * @param env what it gets on top of this process's environment.
 * @throws DomainError StackNotRunning with its last lines when it does not get there.
 */
export const spawnWorker = async (env: Readonly<Record<string, string>>, log: LineLog): Promise<WorkerProcess> => {
  const { child } = await startReadyChild({
    name: 'worker',
    args: [workerProgram],
    env: { ...process.env, ...env },
    log,
    readyKey: 'ready',
  });
  const stop = (graceMs = workerGraceMs): Promise<void> => child.stop(graceMs);
  return {
    pid: child.pid,
    exited: child.exited,
    running: child.running,
    lastLines: child.lastLines,
    kill: (signal) => {
      child.kill(signal);
      return child.exited;
    },
    stop,
    restart: async () => {
      await stop();
      return spawnWorker(env, log);
    },
  };
};
