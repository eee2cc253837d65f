import type { Command } from 'commander';
import { action } from '../action.ts';
import { facts } from '../output.ts';
import { addFileOptions, standaloneOptions } from './backtest-options.ts';
import type { BacktestFiles } from './backtest-options.ts';

export const addBacktestCommand = (program: Command): void => {
  const command = program
    .command('backtest')
    .description('run a strategy file over a CSV of candles, on its own: no database, no server, nothing started');
  addFileOptions(command).action(
    action<BacktestFiles>(async ({ output }, options) => {
      const { standaloneBacktest } = await import('../../compute/standalone-backtest.ts');
      const result = await standaloneBacktest(await standaloneOptions(options));
      output.answer(result, () => facts(withoutSeries({ ...result })));
    }),
  );
};

/** What fits on a line: lists such as the trade log are for `--json`. */
const withoutSeries = (result: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(result).filter(([, value]) => typeof value !== 'object' || value === null));
