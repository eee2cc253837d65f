import type { NumericFeeRates } from '../../domain/backtest/backtest-run.ts';
import type { BacktestMetrics } from '../../domain/backtest/metrics.ts';
import type { GatePolicy } from '../../domain/lifecycle/gates.ts';
import type { CandleColumns } from '../../domain/market/candle.ts';
import type { InformativeMarkets } from '../../domain/market/informative.ts';
import type { StrategyDefinition } from '../../domain/strategy/definition.ts';

/** Where the backtest of a report comes from. */
export type ReportOrigin =
  | { readonly kind: 'file'; readonly strategyPath: string; readonly candlesPath: string }
  | {
      readonly kind: 'stored';
      readonly backtestId: number;
      readonly strategyId: string;
      readonly version: number;
      /** When it was run, ISO 8601; null where the row does not say. */
      readonly ranAt: string | null;
    };

/** A finished backtest with what it ran on: all that a report is made of. */
export interface ReportSource {
  readonly origin: ReportOrigin;
  readonly definition: StrategyDefinition;
  readonly columns: CandleColumns;
  /** Other markets that the strategy looks at; those that are absent are not drawn. */
  readonly markets: InformativeMarkets;
  readonly result: BacktestMetrics;
  /** Equity in quote at each bar's close. */
  readonly equity: Float64Array;
  readonly feeRates: NumericFeeRates;
  readonly slippageBps: number;
  /** Fraction of a bar's volume that one order takes at most; null: no limit. */
  readonly volumeShare: number | null;
  readonly policy: GatePolicy;
  /** What a reader must know about these numbers, a sentence each. */
  readonly notes: readonly string[];
}
