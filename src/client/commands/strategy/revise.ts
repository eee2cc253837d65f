import type { Command } from 'commander';
import { action } from '../../action.ts';
import { askStrategy, type StrategyOptions } from '../../sessions.ts';

interface ReviseOptions extends StrategyOptions {
  readonly description: string;
}

export const addReviseCommand = (strategy: Command): void => {
  strategy
    .command('revise <strategy> <file>')
    .description('make a new version from a strategy file; it begins again as a draft')
    .option('--description <text>', 'what has changed', 'revised')
    .option('--by <user>', 'who asks, for the audit')
    .action(
      action<ReviseOptions>(async (context, options, [reference, file = '']) => {
        const { readStrategyFile } = await import('../../../adapters/files/strategy-json.ts');
        const definition = await readStrategyFile(file);
        const { strategy: found, result } = await askStrategy(context, reference, options, (trading, each, by) =>
          trading.revise(each, { by, definition, description: options.description }),
        );
        context.output.answer(result, () => `${found.name} is ${result.status} (version ${result.version}).`);
      }),
    );
};
