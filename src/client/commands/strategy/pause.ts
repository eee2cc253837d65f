import type { Command } from 'commander';
import { action } from '../../action.ts';
import { askStrategy, type StrategyOptions } from '../../sessions.ts';

interface PauseOptions extends StrategyOptions {
  readonly reason: string;
}

export const addPauseCommand = (strategy: Command): void => {
  strategy
    .command('pause <strategy>')
    .description('open no more positions; exits go on working')
    .requiredOption('--reason <text>', 'why, for the audit')
    .option('--by <user>', 'who asks, for the audit')
    .action(
      action<PauseOptions>(async (context, options, [reference]) => {
        const { strategy: found, result } = await askStrategy(context, reference, options, (trading, each, by) =>
          trading.pause(each, { by, reason: options.reason }),
        );
        context.output.answer(result, () => `${found.name} is ${result.status} (version ${result.version}).`);
      }),
    );
};
