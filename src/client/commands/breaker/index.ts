import type { Command } from 'commander';
import { addPolicyCommand } from './policy.ts';
import { addResolveCommand } from './resolve.ts';
import { addBreakerShowCommand } from './show.ts';

export const addBreakerCommands = (program: Command): void => {
  const breaker = program
    .command('breaker')
    .description('what the circuit breakers go by, have done and wait for')
    .addHelpText('after', '\nAn event is named by its number. By hand trading is stopped with halt and flatten.');
  addBreakerShowCommand(breaker);
  addPolicyCommand(breaker);
  addResolveCommand(breaker);
};
