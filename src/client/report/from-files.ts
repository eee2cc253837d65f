import { readBacktestInput } from '../../compute/standalone-backtest.ts';
import type { StandaloneBacktestOptions } from '../../compute/standalone-backtest.ts';
import { runBacktest } from '../../domain/backtest/engine.ts';
import { backtestMetrics } from '../../domain/backtest/metrics.ts';
import { validateBacktest, withValidation } from '../../domain/backtest/validation/validate-backtest.ts';
import { gatePolicies } from '../../domain/lifecycle/gates.ts';
import type { ReportSource } from './report-source.ts';

/** Runs a strategy file over a file of candles. @throws as `readBacktestInput` and `runBacktest` */
export const sourceFromFiles = async (
  options: StandaloneBacktestOptions & { readonly strategy: string },
): Promise<ReportSource> => {
  const input = await readBacktestInput(options);
  const run = runBacktest(input);
  return {
    origin: { kind: 'file', strategyPath: options.strategy, candlesPath: options.candlesPath },
    definition: input.definition,
    columns: input.columns,
    markets: input.markets ?? {},
    result: withValidation(backtestMetrics(run), validateBacktest(run)),
    equity: run.equity,
    feeRates: input.feeRates,
    slippageBps: input.slippageBps,
    volumeShare: input.volumeShare ?? null,
    policy: gatePolicies.production,
    notes: [],
  };
};
