import type { Command } from 'commander';
import type { MarketFile } from '../../compute/market-files.ts';
import type { StandaloneBacktestOptions } from '../../compute/standalone-backtest.ts';
import { moneyArgument, numberArgument, percentArgument } from '../arguments.ts';
import { marketArgument } from '../market-argument.ts';

/** What a backtest over files is told beside the strategy and its candles. */
export interface BacktestCosts extends Readonly<Record<string, unknown>> {
  readonly capital: string;
  readonly feePct: number;
  readonly makerFeePct?: number;
  readonly slippageBps: number;
  readonly filters?: string;
  readonly market?: readonly MarketFile[];
  readonly volumeLimitPct?: number;
}

const defaults = { capital: '10000', feePct: 0.1, slippageBps: 0 } as const;

/** Which strategy file is run over which candles, and how. */
export interface BacktestFiles extends BacktestCosts {
  readonly strategy: string;
  readonly candles: string;
}

/** Adds the options of every command that can run a backtest over files, but not the files. */
export const addBacktestOptions = (command: Command): Command =>
  command
    .option('--capital <amount>', 'starting capital in quote', moneyArgument('--capital'), defaults.capital)
    .option('--fee-pct <number>', 'fee per side, per cent', numberArgument('--fee-pct', 0, 100), defaults.feePct)
    .option(
      '--maker-fee-pct <number>',
      'fee of what limit orders and targets fill, per cent; that of --fee-pct unless given',
      numberArgument('--maker-fee-pct', 0, 100),
    )
    .option(
      '--slippage-bps <number>',
      'slippage in basis points',
      numberArgument('--slippage-bps', 0, 10_000),
      defaults.slippageBps,
    )
    .option('--filters <file>', "a market's tick and step sizes (JSON); left out, quantities are not rounded")
    .option(
      '--market <symbol:interval=csv>',
      'candles of another market that the strategy looks at; once for each',
      marketArgument,
    )
    .option(
      '--volume-limit-pct <number>',
      "what one order takes of a bar's volume at most, per cent",
      percentArgument('--volume-limit-pct'),
    );

/** The same with the files, for commands that always need both. */
export const addFileOptions = (command: Command): Command =>
  addBacktestOptions(
    command
      .requiredOption('--strategy <file>', 'strategy file (JSON)')
      .requiredOption('--candles <csv>', 'file with the header timestamp,open,high,low,close,volume'),
  );

/** True where one of the options is given and says something else than its default. */
export const changesBacktest = (given: BacktestCosts): boolean => {
  const { capital, feePct, makerFeePct, slippageBps, filters, market, volumeLimitPct } = given;
  return (
    capital !== defaults.capital ||
    feePct !== defaults.feePct ||
    slippageBps !== defaults.slippageBps ||
    [makerFeePct, filters, market, volumeLimitPct].some((option) => option !== undefined)
  );
};

/** What the options ask of `standaloneBacktest`. @throws DomainError `BadInput` where the filters file does not hold what it should */
export const standaloneOptions = async ({
  strategy,
  candles,
  ...costs
}: BacktestFiles): Promise<StandaloneBacktestOptions> => ({
  strategy,
  candlesPath: candles,
  capital: Number(costs.capital),
  feePct: costs.feePct,
  makerFeePct: costs.makerFeePct ?? null,
  slippageBps: costs.slippageBps,
  filters:
    costs.filters === undefined ? null : await (await import('../filters-file.ts')).readFiltersFile(costs.filters),
  markets: costs.market ?? [],
  volumeLimitPct: costs.volumeLimitPct ?? null,
});
