import { parentPort } from 'node:worker_threads';
import { DomainError } from '../domain/errors.ts';
import { backtestTask } from './backtest-task.ts';
import type { PoolAnswer, PoolTask } from './pool-messages.ts';

/** The thread of a compute pool: one task in, one answer out. */
const port = parentPort;
if (port === null) throw new TypeError('backtest-worker runs as a worker thread of the compute pool');

port.on('message', ({ input }: PoolTask) => {
  port.postMessage(answerTo(input), []);
});

const answerTo = (input: PoolTask['input']): PoolAnswer => {
  try {
    return { kind: 'outcome', outcome: backtestTask(input) };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const { name, message, next, details } = error;
    return { kind: 'refusal', refusal: { name, message, next, details } };
  }
};
