import type { Command } from 'commander';
import { addListCommand } from './list.ts';
import { addSetCommand } from './set.ts';
import { addShowCommand } from './show.ts';
import { addSimulateCommand } from './simulate.ts';
import { addStatusCommands } from './status.ts';

export const addGoalCommands = (program: Command): void => {
  const goal = program
    .command('goal')
    .description('what the desk is to earn, and how far risk may be adjusted for it')
    .addHelpText('after', '\nA goal is named by its type or its id: there is one of a type.');
  addListCommand(goal);
  addShowCommand(goal);
  addSetCommand(goal);
  addStatusCommands(goal);
  addSimulateCommand(goal);
};
