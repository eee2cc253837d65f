import { type Command, Option } from 'commander';
import { DomainError } from '../../domain/errors.ts';
import { action } from '../action.ts';
import type { CommandContext } from '../action.ts';
import { timeArgument } from '../arguments.ts';
import { type PortfolioOptions, showPortfolio } from './report-portfolio.ts';
import type { ReportSource } from '../report/report-source.ts';
import { addBacktestOptions, changesBacktest, standaloneOptions } from './backtest-options.ts';
import type { BacktestCosts } from './backtest-options.ts';

interface ReportOptions extends BacktestCosts, PortfolioOptions {
  readonly candles?: string;
}

/** The options that a portfolio's report takes, and no other. */
const portfolioOptions = ['--environment', '--from', '--to'];

export const addReportCommand = (program: Command): void => {
  const command = program
    .command('report <strategy|file|portfolio>')
    .description(
      "show a backtest, a strategy's newest stored one or one of a strategy file over a CSV of candles; or the portfolio",
    )
    .option('--html <file>', 'write it as one page that needs nothing else, not even a network')
    .addOption(
      new Option('--environment <environment>', 'which portfolio; live unless only paper has a history').choices([
        'paper',
        'live',
      ]),
    )
    .option('--from <time>', 'the portfolio from then on', timeArgument('--from'))
    .option('--to <time>', 'the portfolio up to then', timeArgument('--to'))
    .option('--candles <csv>', 'candles to run a strategy file over; the options below are for that');
  addBacktestOptions(command).action(
    action<ReportOptions>(async (context, options, [reference = '']) => {
      const isPortfolio = reference === 'portfolio';
      refuseOthers(command, isPortfolio);
      await (isPortfolio ? showPortfolio(context, options) : showBacktest(context, options, reference));
    }),
  );
};

/** @throws DomainError `BadInput` naming every option that is given and means nothing there */
const refuseOthers = (command: Command, isPortfolio: boolean): void => {
  const given = command.options
    .filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli')
    .map(({ long }) => long ?? '');
  const isMeant = (name: string): boolean => name === '--html' || portfolioOptions.includes(name) === isPortfolio;
  const others = given.filter((name) => !isMeant(name));
  if (others.length === 0) return;
  throw new DomainError(
    'BadInput',
    `${others.join(', ')} ${isPortfolio ? 'is for a backtest, not for the portfolio' : 'is for the portfolio, not for a backtest'}`,
    {
      next: isPortfolio
        ? 'leave it out; a strategy that is named portfolio is shown by its id, a file by ./portfolio'
        : 'leave it out, or show the portfolio: mastertrade report portfolio',
    },
  );
};

const showBacktest = async (context: CommandContext, options: ReportOptions, reference: string): Promise<void> => {
  const source = await sourceOf(context, options, reference);
  const { reportOf } = await import('../report/report.ts');
  const report = reportOf(source);
  if (options.html !== undefined) {
    const { writeFile } = await import('node:fs/promises');
    const { reportPage } = await import('../report/page.ts');
    await writeFile(options.html, await reportPage(report));
  }
  const { reportText } = await import('../report/terminal.ts');
  const { definition, result, origin, notes } = source;
  const answer = {
    strategy: definition,
    origin,
    backtest: result,
    buy_and_hold: report.hold,
    gate: report.gate,
    notes,
    html: options.html ?? null,
  };
  context.output.answer(answer, () =>
    [reportText(report), ...(options.html === undefined ? [] : [`Wrote ${options.html}`])].join('\n'),
  );
};

/** A file is run; what is no file names a stored strategy. */
const sourceOf = async (
  { config }: CommandContext,
  options: ReportOptions,
  reference: string,
): Promise<ReportSource> => {
  const { candles } = options;
  if (candles !== undefined) {
    const { sourceFromFiles } = await import('../report/from-files.ts');
    return await sourceFromFiles({
      ...(await standaloneOptions({ ...options, candles, strategy: reference })),
      strategy: reference,
    });
  }
  const { existsSync } = await import('node:fs');
  if (reference.endsWith('.json') || existsSync(reference)) {
    throw new DomainError('BadInput', `${reference} is a strategy file, and no candles are given`, {
      next: 'add --candles CSV to run it over them, or name a stored strategy',
    });
  }
  if (changesBacktest(options)) {
    throw new DomainError('BadInput', `a stored backtest of '${reference}' is shown as it was run`, {
      next: 'leave the options of a backtest out, or give a strategy file and --candles CSV',
    });
  }
  const { sourceFromDatabase } = await import('../report/from-database.ts');
  const { withDatabase } = await import('../sessions.ts');
  return await withDatabase(await config(), (pool) => sourceFromDatabase(pool, reference));
};
