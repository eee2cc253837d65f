import type { Command } from 'commander';
import { addChangeCommands } from './change.ts';
import { addPlaceCommand } from './place.ts';
import { addSettleCommand } from './settle.ts';
import { addShowCommand } from './show.ts';

export const addOrderCommands = (program: Command): void => {
  const order = program
    .command('order')
    .description('place, change and look at single orders')
    .addHelpText('after', '\nAn order is named by its id or the first 8 characters of it.');
  addPlaceCommand(order);
  addShowCommand(order);
  addChangeCommands(order);
  addSettleCommand(order);
};
