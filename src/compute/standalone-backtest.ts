import { readCandleColumns } from '../adapters/files/candle-csv.ts';
import { readStrategyFile } from '../adapters/files/strategy-json.ts';
import { parseStrategy } from '../contracts/strategy-file.ts';
import type { BacktestInput } from '../domain/backtest/backtest-run.ts';
import type { BacktestMetrics } from '../domain/backtest/metrics.ts';
import { DomainError } from '../domain/errors.ts';
import type { MarketFilters } from '../domain/market/market-filters.ts';
import { backtestTask } from './backtest-task.ts';
import { readMarketFiles } from './market-files.ts';
import type { MarketFile } from './market-files.ts';

export interface StandaloneBacktestOptions {
  /** A strategy file's path, or its parsed JSON under `json`. */
  readonly strategy: string | { readonly json: unknown };
  readonly candlesPath: string;
  /** Starting equity in quote; default 10000. */
  readonly capital?: number;
  /** Per side, per cent of the notional; default 0.1. */
  readonly feePct?: number;
  /** Of limit orders and targets, per cent of the notional; null or absent: `feePct`. */
  readonly makerFeePct?: number | null;
  /** Default 0. */
  readonly slippageBps?: number;
  readonly filters?: MarketFilters | null;
  /** Candles of the other markets that the strategy looks at. */
  readonly markets?: readonly MarketFile[];
  /** What one order takes of a bar's volume at most, per cent; null or absent: no limit. */
  readonly volumeLimitPct?: number | null;
}

/** What `mastertrade backtest --json` prints. */
export interface StandaloneBacktestResult extends BacktestMetrics {
  readonly bars: number;
  /** Wall time of the run up to its final equity, without loading and metrics. */
  readonly seconds: number;
  readonly bars_per_second: number;
}

/**
 * What a backtest of a file over a file runs on.
 * @throws DomainError `BadStrategy`, `BadCandleFile` (also where the candles' interval is not the strategy's), `BadInput`,
 * `NotEnoughCandles`.
 */
export const readBacktestInput = async (options: StandaloneBacktestOptions): Promise<BacktestInput> => {
  const { strategy, candlesPath, capital = 10_000, feePct = 0.1, slippageBps = 0, filters = null } = options;
  const { markets: marketFiles = [], volumeLimitPct = null, makerFeePct } = options;
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
  const markets = await readMarketFiles(definition, marketFiles);
  return {
    definition,
    columns,
    capital,
    feeRates: { maker: (makerFeePct ?? feePct) / 100, taker: feePct / 100 },
    slippageBps,
    filters,
    markets,
    volumeShare: volumeLimitPct === null ? null : volumeLimitPct / 100,
  };
};

/**
 * A backtest of a file over a file: no database, no server, nothing started. It is not validated (`mastertrade validate` is for that).
 * @throws as `readBacktestInput` and `runBacktest`
 */
export const standaloneBacktest = async (options: StandaloneBacktestOptions): Promise<StandaloneBacktestResult> => {
  const input = await readBacktestInput(options);
  const { metrics, bars, seconds } = backtestTask(input, { validates: false });
  return { ...metrics, bars, seconds, bars_per_second: bars / seconds };
};
