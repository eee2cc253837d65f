import type { Command } from 'commander';
import type { MarketFile } from '../../compute/market-files.ts';
import { action } from '../action.ts';
import { moneyArgument, numberArgument, percentArgument } from '../arguments.ts';
import { marketArgument } from '../market-argument.ts';
import { facts } from '../output.ts';

interface BacktestOptions extends Readonly<Record<string, unknown>> {
  readonly strategy: string;
  readonly candles: string;
  readonly capital: string;
  readonly feePct: number;
  readonly slippageBps: number;
  readonly filters?: string;
  readonly market?: readonly MarketFile[];
  readonly volumeLimitPct?: number;
}

export const addBacktestCommand = (program: Command): void => {
  program
    .command('backtest')
    .description('run a strategy file over a CSV of candles, on its own: no database, no server, nothing started')
    .requiredOption('--strategy <file>', 'strategy file (JSON)')
    .requiredOption('--candles <csv>', 'file with the header timestamp,open,high,low,close,volume')
    .option('--capital <amount>', 'starting capital in quote', moneyArgument('--capital'), '10000')
    .option('--fee-pct <number>', 'fee per side, per cent', numberArgument('--fee-pct', 0, 100), 0.1)
    .option('--slippage-bps <number>', 'slippage in basis points', numberArgument('--slippage-bps', 0, 10_000), 0)
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
    )
    .action(
      action<BacktestOptions>(async ({ output }, options) => {
        const { standaloneBacktest } = await import('../../compute/standalone-backtest.ts');
        const {
          strategy,
          candles,
          capital,
          feePct,
          slippageBps,
          filters,
          market = [],
          volumeLimitPct = null,
        } = options;
        const result = await standaloneBacktest({
          strategy,
          candlesPath: candles,
          capital: Number(capital),
          feePct,
          slippageBps,
          filters: filters === undefined ? null : await (await import('../filters-file.ts')).readFiltersFile(filters),
          markets: market,
          volumeLimitPct,
        });
        output.answer(result, () => facts(withoutSeries({ ...result })));
      }),
    );
};

/** What fits on a line: lists such as the trade log are for `--json`. */
const withoutSeries = (result: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(result).filter(([, value]) => typeof value !== 'object' || value === null));
