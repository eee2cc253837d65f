import type { Command } from 'commander';
import type { Validation } from '../../domain/backtest/validation/validate-backtest.ts';
import { action } from '../action.ts';
import { facts } from '../output.ts';
import { validationFacts } from '../validation-text.ts';
import { addBacktestOptions, standaloneOptions } from './backtest-options.ts';
import type { BacktestCosts } from './backtest-options.ts';

interface BacktestOptions extends BacktestCosts {
  readonly strategy: string;
  readonly candles: string;
  readonly validation: boolean;
}

export const addBacktestCommand = (program: Command): void => {
  const command = program
    .command('backtest')
    .description('run a strategy file over a CSV of candles, on its own: no database, no server, nothing started')
    .requiredOption('--strategy <file>', 'strategy file (JSON)')
    .requiredOption('--candles <csv>', 'file with the header timestamp,open,high,low,close,volume');
  addBacktestOptions(command)
    .option('--no-validation', 'leave out the checks against overfitting and lookahead')
    .action(
      action<BacktestOptions>(async ({ output }, options) => {
        const { standaloneBacktest } = await import('../../compute/standalone-backtest.ts');
        const asked = await standaloneOptions(options);
        const result = await standaloneBacktest({ ...asked, validates: options.validation });
        output.answer(result, () => [facts(withoutSeries({ ...result })), ...checksOf(result.metadata)].join('\n\n'));
      }),
    );
};

const checksOf = ({ validation }: Readonly<Record<string, unknown>>): readonly string[] =>
  validation === undefined ? [] : [facts(validationFacts(validation as Validation))];

/** What fits on a line: lists such as the trade log are for `--json`. */
const withoutSeries = (result: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(result).filter(([, value]) => typeof value !== 'object' || value === null));
