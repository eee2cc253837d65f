import { Option, type Command } from 'commander';
import { DomainError } from '../../domain/errors.ts';
import { intervals, type Interval } from '../../domain/market/interval.ts';
import { action, type CommandContext } from '../action.ts';
import { timeArgument } from '../arguments.ts';
import { utc } from '../output.ts';
import { withDatabase, withTrading } from '../sessions.ts';

interface ImportOptions extends Readonly<Record<string, unknown>> {
  readonly candles?: string;
  readonly exchange?: string;
  readonly symbol: string;
  readonly interval?: Interval;
  readonly from?: number;
  readonly to?: number;
}

const refuse = (message: string): DomainError =>
  new DomainError('BadInput', message, {
    next: 'give --candles FILE for a file, or --exchange, --interval and --from for a download',
  });

/** The file is read and checked whole before the database is touched, and stored whole or not at all. */
const importFile = async (context: CommandContext, options: ImportOptions, file: string): Promise<void> => {
  if (options.from !== undefined || options.to !== undefined) {
    throw refuse('--from and --to cut a download; a file is imported whole');
  }
  const { readCandleCsv } = await import('../../adapters/files/candle-csv.ts');
  const { candles, interval } = await readCandleCsv(file);
  if (options.interval !== undefined && options.interval !== interval) {
    throw new DomainError('BadCandleFile', `${file} holds ${interval} candles, not ${options.interval}`, {
      next: `leave --interval out, or give a file of ${options.interval} candles`,
    });
  }
  const config = await context.config();
  const exchange = options.exchange ?? config.marketData.exchange;
  const { storeImport } = await import('../store-import.ts');
  const { symbol } = options;
  const counts = await withDatabase(config, (pool) => storeImport(pool, { exchange, symbol, interval, candles }));
  const first = utc(candles[0]?.time ?? null);
  const last = utc(candles.at(-1)?.time ?? null);
  context.output.answer(
    { exchange, interval, candles: candles.length, first, last, ...counts },
    () =>
      `${candles.length} ${counts.symbol} ${interval} candles from ${first} to ${last}: ` +
      `${counts.inserted} inserted, ${counts.updated} updated, ${counts.unchanged} unchanged.`,
  );
};

const download = async (context: CommandContext, options: ImportOptions, exchange: string): Promise<void> => {
  const { symbol, interval, from, to = Date.now() } = options;
  if (interval === undefined || from === undefined) throw refuse('a download needs --interval and --from');
  if (to <= from) throw refuse(`--from (${utc(from)}) is not before --to (${utc(to)})`);
  const config = await context.config();
  context.output.progress(`Downloading ${symbol} ${interval} from ${exchange}; it goes on even if this command ends.`);
  const { stored } = await withTrading(config, (trading) => trading.backfill({ exchange, symbol, interval, from, to }));
  context.output.answer(
    { exchange, symbol, interval, from: utc(from), to: utc(to), stored },
    () => `${stored} ${symbol} ${interval} candles stored.`,
  );
};

export const addImportCommand = (program: Command): void => {
  program
    .command('import')
    .description('store candles from a CSV file, or download them from an exchange')
    .requiredOption('--symbol <symbol>', 'the market, such as BTCUSDT')
    .option('--candles <csv>', 'file with the header timestamp,open,high,low,close,volume')
    .option('--exchange <id>', 'the exchange to download from; with --candles, the one the file came from')
    .addOption(new Option('--interval <interval>', 'of the candles; a file tells it itself').choices(intervals))
    .option('--from <time>', 'first open time of the download', timeArgument('--from'))
    .option('--to <time>', 'last open time of the download; default: now', timeArgument('--to'))
    .action(
      action<ImportOptions>(async (context, options) => {
        if (options.candles !== undefined) return importFile(context, options, options.candles);
        if (options.exchange !== undefined) return download(context, options, options.exchange);
        throw refuse('there is nothing to import');
      }),
    );
};
