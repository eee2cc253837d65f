import type { Command } from 'commander';
import type { StandaloneSweepResult } from '../../compute/sweep-files.ts';
import type { SweepRow } from '../../compute/sweep.ts';
import { DomainError } from '../../domain/errors.ts';
import { action } from '../action.ts';
import { wholeNumberArgument } from '../arguments.ts';
import { readGrid } from '../grid-argument.ts';
import { table } from '../output.ts';
import { addFileOptions, standaloneOptions } from './backtest-options.ts';
import type { BacktestFiles } from './backtest-options.ts';

interface SweepOptions extends BacktestFiles {
  readonly grid: string;
  readonly random?: number;
  readonly seed?: number;
  readonly sort: string;
  readonly top: number;
  readonly threads?: number;
}

export const addSweepCommand = (program: Command): void => {
  const command = program
    .command('sweep')
    .description('run a strategy file with many combinations of its parameters over a CSV of candles, on all cores');
  addFileOptions(command)
    .requiredOption('--grid <json>', 'values of each parameter: {"fast":[5,10],"slow":{"from":50,"to":200,"step":50}}')
    .option('--random <count>', 'draw so many combinations of the grid', wholeNumberArgument('--random', 1))
    .option('--seed <number>', 'what --random draws by (default 1)', wholeNumberArgument('--seed', 0))
    .option('--sort <metric>', 'which figure makes a combination the best', 'sharpe_ratio')
    .option('--top <count>', 'rows of the table', wholeNumberArgument('--top', 1, 10_000), 20)
    .option('--threads <count>', 'threads to run on (default one a core)', wholeNumberArgument('--threads', 1, 1_024))
    .action(
      action<SweepOptions>(async ({ output }, options) => {
        const { sweepMetricOf } = await import('../../domain/backtest/sweep-ranking.ts');
        const { standaloneSweep } = await import('../../compute/sweep-files.ts');
        const sort = sweepMetricOf(options.sort);
        const { best, ...total } = await standaloneSweep({
          ...(await standaloneOptions(options)),
          grid: readGrid(options.grid),
          ...randomOf(options),
          ...(options.threads === undefined ? {} : { threads: options.threads }),
          sort,
          top: output.json ? 1 : options.top,
          onRow: output.json ? output.row : () => true,
          onProgress: occasionally(output.progress),
        });
        output.answer({ ...total, sorted_by: sort, best: best[0] ?? null }, () => shown(total, best, sort));
      }),
    );
};

const randomOf = ({ random, seed }: SweepOptions): { random?: { count: number; seed: number } } => {
  if (random !== undefined) return { random: { count: random, seed: seed ?? 1 } };
  if (seed === undefined) return {};
  throw new DomainError('BadInput', '--seed is given without --random', {
    next: 'add --random COUNT, or leave --seed out: all combinations of the grid need no chance',
  });
};

/** A line at every twentieth part of the way at most. */
const occasionally = (tell: (line: string) => void) => {
  let told = 0;
  return ({ done, total }: { readonly done: number; readonly total: number }): void => {
    const part = Math.floor((done / total) * 20);
    if (part === told) return;
    told = part;
    tell(`${done} of ${total} combinations`);
  };
};

const figureColumns = [
  'total_return_pct',
  'cagr',
  'sharpe_ratio',
  'sortino_ratio',
  'max_drawdown_pct',
  'win_rate',
  'profit_factor',
  'total_trades',
] as const;

const shown = (total: Omit<StandaloneSweepResult, 'best'>, best: readonly SweepRow[], sort: keyof SweepRow): string => {
  const names = Object.keys(best[0]?.parameters ?? {});
  const figures = [...new Set([sort, ...figureColumns])];
  const rows = best.map((row) => ({
    ...Object.fromEntries(names.map((name) => [`parameter ${name}`, row.parameters[name]])),
    ...Object.fromEntries(figures.map((figure) => [figure, rounded(row[figure])])),
  }));
  const columns = Object.fromEntries([
    ...names.map((name) => [name, `parameter ${name}`]),
    ...figures.map((figure) => [figure, figure]),
  ]);
  const speed = (total.combination_bars_per_second / 1e6).toFixed(1);
  const summary =
    `Combinations: ${total.combinations} of ${total.bars} bars each, in ${total.seconds.toFixed(2)} s; threads: ${total.threads}; ` +
    `${speed} million bars a second. Sorted by ${sort}, the best first.`;
  return `${table(rows, columns)}\n${summary}`;
};

const rounded = (value: unknown): unknown => (typeof value === 'number' ? Number(value.toFixed(4)) : value);
