import { readCandleColumns } from '../adapters/files/candle-csv.ts';
import { readStrategyFile } from '../adapters/files/strategy-json.ts';
import { parseStrategy } from '../contracts/strategy-file.ts';
import type { BacktestMetrics } from '../domain/backtest/metrics.ts';
import { DomainError } from '../domain/errors.ts';
import type { MarketFilters } from '../domain/market/market-filters.ts';
import { backtestTask } from './backtest-task.ts';

export interface StandaloneBacktestOptions {
  /** A strategy file's path, or its parsed JSON under `json`. */
  readonly strategy: string | { readonly json: unknown };
  readonly candlesPath: string;
  /** Starting equity in quote; default 10000. */
  readonly capital?: number;
  /** Per side, per cent of the notional; default 0.1. */
  readonly feePct?: number;
  /** Default 0. */
  readonly slippageBps?: number;
  readonly filters?: MarketFilters | null;
}

/** What `mastertrade backtest --json` prints. */
export interface StandaloneBacktestResult extends BacktestMetrics {
  readonly bars: number;
  readonly seconds: number;
  readonly bars_per_second: number;
}

/**
 * A backtest of a file over a file: no database, no server, nothing started.
 * @throws DomainError `BadStrategy`, `BadCandleFile`, `BadInput`, and where the candles' interval is not the strategy's.
 */
export const standaloneBacktest = async (options: StandaloneBacktestOptions): Promise<StandaloneBacktestResult> => {
  const { strategy, candlesPath, capital = 10_000, feePct = 0.1, slippageBps = 0, filters = null } = options;
  const definition =
    typeof strategy === 'string' ? await readStrategyFile(strategy) : parseStrategy(strategy.json, 'the strategy');
  const { columns, interval } = await readCandleColumns(candlesPath);
  if (interval !== definition.interval) {
    throw new DomainError(
      'BadCandleFile',
      `${candlesPath} holds ${interval} candles, the strategy '${definition.name}' wants ${definition.interval}`,
      { next: `give ${definition.interval} candles, or change the strategy's interval`, details: { interval } },
    );
  }
  const fee = feePct / 100;
  const { metrics, bars, seconds } = backtestTask({
    definition,
    columns,
    capital,
    feeRates: { maker: fee, taker: fee },
    slippageBps,
    filters,
  });
  return { ...metrics, bars, seconds, bars_per_second: bars / seconds };
};
