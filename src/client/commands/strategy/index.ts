import type { Command } from 'commander';
import { addApproveCommand } from './approve.ts';
import { addArchiveCommand } from './archive.ts';
import { addStrategyBacktestCommand } from './backtest.ts';
import { addCreateCommand } from './create.ts';
import { addListCommand } from './list.ts';
import { addPauseCommand } from './pause.ts';
import { addPromoteCommand } from './promote.ts';
import { addResumeCommand } from './resume.ts';
import { addReviseCommand } from './revise.ts';
import { addShowCommand } from './show.ts';

export const addStrategyCommands = (program: Command): void => {
  const strategy = program
    .command('strategy')
    .description('create strategies and carry them from draft to live money')
    .addHelpText(
      'after',
      '\nA strategy is named by its id, the first 8 characters of it, or its name where that is unique.',
    );
  addCreateCommand(strategy);
  addListCommand(strategy);
  addShowCommand(strategy);
  addStrategyBacktestCommand(strategy);
  addPromoteCommand(strategy);
  addApproveCommand(strategy);
  addPauseCommand(strategy);
  addResumeCommand(strategy);
  addReviseCommand(strategy);
  addArchiveCommand(strategy);
};
