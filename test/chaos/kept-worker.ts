import { setTimeout as sleep } from 'node:timers/promises';
import { type WorkerProcess, spawnWorker } from '../../src/stack/worker-process.ts';
import { persist } from './until.ts';

/** A worker that is followed by another whenever it ends, as any process manager sees to. */
export interface KeptWorker {
  readonly running: () => boolean;
  /** SIGKILL; the next one starts `downMs` after. */
  readonly kill: (downMs: number) => Promise<void>;
  /** Last words of those that ended without being killed. */
  readonly endedByThemselves: readonly string[];
  readonly stop: () => Promise<void>;
}

export const keepWorker = async (env: Readonly<Record<string, string>>): Promise<KeptWorker> => {
  const open = (): Promise<WorkerProcess> => spawnWorker(env, () => undefined);
  const endedByThemselves: string[] = [];
  let worker = await open();
  let killed = false;
  let pauseMs = 0;
  let over = false;
  const kept = (async () => {
    for (;;) {
      await worker.exited;
      if (over) return;
      if (!killed) endedByThemselves.push(worker.lastLines().at(-1) ?? '');
      killed = false;
      await sleep(pauseMs);
      pauseMs = 0;
      const next = await persist(open, () => over);
      if (next === null) return;
      worker = next;
    }
  })();
  return {
    running: () => worker.running(),
    kill: async (downMs) => {
      if (!worker.running()) return;
      [killed, pauseMs] = [true, downMs];
      await worker.kill('SIGKILL');
    },
    endedByThemselves,
    stop: async () => {
      over = true;
      if (worker.running()) await worker.stop();
      await kept;
      if (worker.running()) await worker.stop();
    },
  };
};
