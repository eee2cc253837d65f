import { parentPort } from 'node:worker_threads';
import { DomainError } from '../domain/errors.ts';
import { backtestTask } from './backtest-task.ts';
import type { ForgetMessage, PoolAnswer, PoolResult, PoolTask } from './pool-messages.ts';
import { countDone } from './progress.ts';
import { createSweepRunner } from './sweep-task.ts';

/** The thread of a compute pool: one task in, one answer out. */
const port = parentPort;
if (port === null) throw new TypeError('backtest-thread runs as a worker thread of the compute pool');

const sweeps = createSweepRunner();

port.on('message', (message: PoolTask | ForgetMessage) => {
  if (message.kind === 'forget') sweeps.forget(message.sweep);
  else port.postMessage(answerTo(message), []);
});

const resultOf = (task: PoolTask): PoolResult => {
  if (task.kind === 'sweep') return sweeps.run(task);
  const { input, counter } = task;
  return backtestTask(input, counter === null ? {} : { onStep: () => countDone(counter) });
};

const answerTo = (task: PoolTask): PoolAnswer => {
  try {
    return { kind: 'result', result: resultOf(task) };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const { name, message, next, details } = error;
    return { kind: 'refusal', refusal: { name, message, next, details } };
  }
};
