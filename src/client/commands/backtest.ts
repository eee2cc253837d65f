import type { Command } from 'commander';
import { action } from '../action.ts';
import { facts } from '../output.ts';
import { addBacktestOptions, standaloneOptions } from './backtest-options.ts';
import type { BacktestCosts } from './backtest-options.ts';

interface BacktestOptions extends BacktestCosts {
  readonly strategy: string;
  readonly candles: string;
}

export const addBacktestCommand = (program: Command): void => {
  const command = program
    .command('backtest')
    .description('run a strategy file over a CSV of candles, on its own: no database, no server, nothing started')
    .requiredOption('--strategy <file>', 'strategy file (JSON)')
    .requiredOption('--candles <csv>', 'file with the header timestamp,open,high,low,close,volume');
  addBacktestOptions(command).action(
    action<BacktestOptions>(async ({ output }, options) => {
      const { standaloneBacktest } = await import('../../compute/standalone-backtest.ts');
      const result = await standaloneBacktest(await standaloneOptions(options));
      output.answer(result, () => facts(withoutSeries({ ...result })));
    }),
  );
};

/** What fits on a line: lists such as the trade log are for `--json`. */
const withoutSeries = (result: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(result).filter(([, value]) => typeof value !== 'object' || value === null));
