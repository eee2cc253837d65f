import type { Command } from 'commander';
import { action } from '../../action.ts';
import { moneyArgument, numberArgument, timeArgument } from '../../arguments.ts';
import { facts } from '../../output.ts';
import { askStrategy, type StrategyOptions } from '../../sessions.ts';

interface BacktestOptions extends StrategyOptions {
  readonly from?: number;
  readonly to?: number;
  readonly capital: string;
  readonly feePct: number;
  readonly slippageBps: number;
}

export const addStrategyBacktestCommand = (strategy: Command): void => {
  strategy
    .command('backtest <strategy>')
    .description('run it over the stored candles; a draft becomes backtested')
    .option('--from <time>', 'first open time; default: the first candle', timeArgument('--from'))
    .option('--to <time>', 'last open time; default: the last candle', timeArgument('--to'))
    .option('--capital <amount>', 'starting capital in quote', moneyArgument('--capital'), '10000')
    .option('--fee-pct <number>', 'fee per side, per cent', numberArgument('--fee-pct', 0, 100), 0.1)
    .option('--slippage-bps <number>', 'slippage in basis points', numberArgument('--slippage-bps', 0, 10_000), 0)
    .option('--by <user>', 'who asks, for the audit')
    .action(
      action<BacktestOptions>(async (context, options, [reference]) => {
        const { from = null, to = null, capital, feePct, slippageBps } = options;
        const { result } = await askStrategy(context, reference, options, (trading, found, by) =>
          trading.backtest(found, { by, from, to, capital, feePct, slippageBps }),
        );
        context.output.answer(result, () => facts({ ...result }));
      }),
    );
};
