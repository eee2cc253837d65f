import type { Command } from 'commander';
import { action } from '../action.ts';

const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export const addWorkerCommand = (program: Command): void => {
  program
    .command('worker')
    .description('run a worker in the foreground; a signal lets it finish what it does')
    .action(
      action(async ({ output, config }) => {
        // Read here first, so that a variable that is not usable is named before a process is started.
        await config();
        const { spawnWorker } = await import('../../stack/worker-process.ts');
        const worker = await spawnWorker({}, (line) => void process.stderr.write(`${line}\n`));
        output.answer({ worker: worker.pid }, () => `A worker polls its task queues (process ${worker.pid}).`);
        let asked = false;
        for (const signal of endSignals) {
          process.once(signal, () => {
            asked = true;
            void worker.stop();
          });
        }
        const { code, signal } = await worker.exited;
        if (asked || code === 0) return;
        const { DomainError } = await import('../../domain/errors.ts');
        throw new DomainError('WorkerMissing', `the worker ended with ${signal ?? `exit code ${code}`}`, {
          next: 'read what it printed above, then start it again: nothing it was doing is lost',
        });
      }),
    );
};
