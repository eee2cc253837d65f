import type { Command } from 'commander';
import { action } from '../action.ts';
import { numberArgument } from '../arguments.ts';
import type { DemoOptions } from '../demo/types.ts';

type DemoFlags = DemoOptions & Readonly<Record<string, unknown>>;

export const addDemoCommand = (program: Command): void => {
  program
    .command('demo')
    .description('carry a strategy from draft to live, through a crash and a fall of the market, on a replayed market')
    .option('--candles <csv>', 'the market to replay; left out, one is generated')
    .option('--exchange <id>', "replay an exchange's public candles, such as binance; no key is read or sent")
    .option('--symbol <symbol>', 'the market to trade')
    .option('--seed <number>', 'seed of the generated market', numberArgument('--seed', 0))
    .option('--count <candles>', 'how many candles to generate or download', numberArgument('--count', 1))
    .option('--summary <file>', 'write the outcome as JSON')
    .option('--keep', 'keep everything running afterwards, the Web UI included, until Ctrl-C')
    .action(
      action<DemoFlags>(async (_context, options) => {
        const { runDemo } = await import('../demo/demo.ts');
        return runDemo(options);
      }),
    );
};
