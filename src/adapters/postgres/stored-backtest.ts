import { sql } from 'slonik';
import type { CommonQueryMethods } from 'slonik';
import { z } from 'zod';
import type { NumericFeeRates, OpenPosition } from '../../domain/backtest/backtest-run.ts';
import type { MonthlyReturn } from '../../domain/backtest/daily-equity.ts';
import type { BacktestMetrics } from '../../domain/backtest/metrics.ts';
import type { TradeLogEntry } from '../../domain/backtest/trade-log.ts';
import type {
  Condition,
  RiskParams,
  StrategyDefinition,
  StrategyParameters,
} from '../../domain/strategy/definition.ts';
import { numberText, numberTextOrNull } from './rows.ts';

/** A row of `backtest_results` with the version of the strategy that was run. */
export interface StoredBacktest {
  readonly backtestId: number;
  readonly version: number;
  readonly ranAt: string | null;
  readonly definition: Pick<StrategyDefinition, 'parameters' | 'entry_conditions' | 'exit_conditions' | 'risk_params'>;
  /** The row's columns: ratios as far as the columns hold digits. */
  readonly result: BacktestMetrics;
  readonly bars: number | null;
  readonly feeRates: NumericFeeRates;
  readonly slippageBps: number;
  readonly volumeShare: number | null;
  readonly openPosition: OpenPosition | null;
}

const iso = z.number().transform((time) => new Date(time).toISOString());
const count = z
  .number()
  .nullable()
  .transform((value) => value ?? 0);

const row = z.object({
  id: z.number(),
  strategy_version: z.number(),
  created_at: iso.nullable(),
  start_date: iso,
  end_date: iso,
  initial_capital: numberText,
  final_capital: numberText,
  total_return_pct: numberText,
  cagr: numberTextOrNull,
  sharpe_ratio: numberTextOrNull,
  sortino_ratio: numberTextOrNull,
  max_drawdown_pct: numberText,
  win_rate: numberTextOrNull,
  profit_factor: numberTextOrNull,
  total_trades: count,
  winning_trades: count,
  losing_trades: count,
  avg_win: numberTextOrNull,
  avg_loss: numberTextOrNull,
  largest_win: numberTextOrNull,
  largest_loss: numberTextOrNull,
  monthly_returns: z.unknown(),
  trade_log: z.unknown(),
  metadata: z.record(z.string(), z.unknown()),
  parameters: z.unknown(),
  entry_conditions: z.unknown(),
  exit_conditions: z.unknown(),
  risk_params: z.unknown(),
});

/** What `backtestMetrics` puts into `metadata`, as far as it is read back. */
interface StoredMetadata {
  readonly bars?: number;
  readonly feeRates?: NumericFeeRates;
  readonly slippageBps?: number;
  readonly volumeShare?: number | null;
  readonly openPosition?: OpenPosition | null;
}

/** A strategy's newest backtest, of whichever version; null where it has none. */
export const newestBacktest = async (db: CommonQueryMethods, strategyId: string): Promise<StoredBacktest | null> => {
  const found = await db.maybeOne(sql.type(row)`
    SELECT b.id, b.strategy_version, b.created_at, b.start_date, b.end_date, b.initial_capital, b.final_capital, b.total_return_pct, b.cagr,
      b.sharpe_ratio, b.sortino_ratio, b.max_drawdown_pct, b.win_rate, b.profit_factor, b.total_trades, b.winning_trades, b.losing_trades,
      b.avg_win, b.avg_loss, b.largest_win, b.largest_loss, b.monthly_returns, b.trade_log, b.metadata,
      v.parameters, v.entry_conditions, v.exit_conditions, v.risk_params
    FROM backtest_results b
    JOIN strategy_versions v ON v.strategy_id = b.strategy_id AND v.version = b.strategy_version
    WHERE b.strategy_id = ${strategyId}
    ORDER BY b.id DESC LIMIT 1`);
  if (found === null) return null;
  const { id, strategy_version: version, created_at: ranAt, ...rest } = found;
  const { parameters, entry_conditions, exit_conditions, risk_params, ...columns } = rest;
  const metadata = columns.metadata as StoredMetadata;
  return {
    backtestId: id,
    version,
    ranAt,
    // Both are written by this program only, from definitions and results that it has checked.
    definition: {
      parameters: parameters as StrategyParameters,
      entry_conditions: entry_conditions as Condition,
      exit_conditions: exit_conditions as Condition,
      risk_params: risk_params as RiskParams,
    },
    result: {
      ...columns,
      monthly_returns: columns.monthly_returns as readonly MonthlyReturn[],
      trade_log: columns.trade_log as readonly TradeLogEntry[],
    },
    bars: metadata.bars ?? null,
    feeRates: metadata.feeRates ?? { maker: 0, taker: 0 },
    slippageBps: metadata.slippageBps ?? 0,
    volumeShare: metadata.volumeShare ?? null,
    openPosition: metadata.openPosition ?? null,
  };
};
