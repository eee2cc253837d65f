import type { Command } from 'commander';
import type { SweepMetric } from '../../domain/backtest/sweep-ranking.ts';
import { DomainError } from '../../domain/errors.ts';
import { action } from '../action.ts';
import { numberArgument, wholeNumberArgument } from '../arguments.ts';
import { readGrid } from '../grid-argument.ts';
import { facts } from '../output.ts';
import { validationFacts, validationWindows } from '../validation-text.ts';
import { addFileOptions, standaloneOptions } from './backtest-options.ts';
import type { BacktestFiles } from './backtest-options.ts';

interface ValidateOptions extends BacktestFiles {
  readonly grid?: string;
  readonly folds?: number;
  readonly anchored?: true;
  readonly objective?: string;
  readonly outOfSamplePct: number;
  readonly samples?: number;
  readonly seed?: number;
}

export const addValidateCommand = (program: Command): void => {
  const command = program
    .command('validate')
    .description('check a strategy file over a CSV of candles against overfitting, luck and lookahead');
  addFileOptions(command)
    .option('--grid <json>', 'combinations that the walk forward tries in sample, as for sweep')
    .option('--folds <count>', 'windows of the walk forward (default 5)', wholeNumberArgument('--folds', 1, 1_000))
    .option('--anchored', 'let every in-sample window start with the first bar')
    .option('--objective <metric>', 'which figure makes a combination the best in sample (default sharpe_ratio)')
    .option(
      '--out-of-sample-pct <number>',
      'last part of the bars that the split keeps out of sample, per cent',
      numberArgument('--out-of-sample-pct', 1, 99),
      30,
    )
    .option('--samples <count>', 'samples of the trades (default 1000)', wholeNumberArgument('--samples', 100, 1e6))
    .option('--seed <number>', 'what samples are drawn by (default 1)', wholeNumberArgument('--seed', 0))
    .action(
      action<ValidateOptions>(async ({ output }, options) => {
        const { standaloneValidation } = await import('../../compute/standalone-validation.ts');
        const { folds, anchored, objective, outOfSamplePct, samples, seed } = options;
        const result = await standaloneValidation({
          ...(await standaloneOptions(options)),
          ...(options.grid === undefined ? {} : { grid: readGrid(options.grid) }),
          checks: {
            outOfSampleShare: outOfSamplePct / 100,
            kind: anchored === true ? 'anchored' : 'rolling',
            ...(folds === undefined ? {} : { folds }),
            ...(objective === undefined ? {} : { objective: await objectiveOf(objective) }),
            ...(samples === undefined ? {} : { samples }),
            ...(seed === undefined ? {} : { seed }),
          },
        });
        output.answer(result, () => `${validationWindows(result)}\n${facts(validationFacts(result))}`);
      }),
    );
};

const objectiveOf = async (name: string): Promise<SweepMetric> => {
  const { sweepMetrics } = await import('../../domain/backtest/sweep-ranking.ts');
  const objective = sweepMetrics.find((each) => each === name);
  if (objective !== undefined) return objective;
  throw new DomainError('BadInput', `a walk forward has no objective '${name}'`, {
    next: `use one of ${sweepMetrics.join(', ')}`,
  });
};
