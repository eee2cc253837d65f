import type { Command } from 'commander';
import { action } from '../../action.ts';
import { askStrategy, type StrategyOptions } from '../../sessions.ts';

export const addApproveCommand = (strategy: Command): void => {
  strategy
    .command('approve <strategy>')
    .description('approve a promotion to live money that waits for a person')
    .requiredOption('--by <user>', 'who approves: a user with the admin role')
    .action(
      action<StrategyOptions>(async (context, options, [reference]) => {
        const { strategy: found, result } = await askStrategy(context, reference, options, (trading, each, by) =>
          trading.approve(each, { by }),
        );
        context.output.answer(result, () => `${found.name} is ${result.status} (version ${result.version}).`);
      }),
    );
};
