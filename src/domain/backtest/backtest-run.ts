import type { CandleColumns } from '../market/candle.ts';
import type { MarketFilters } from '../market/market-filters.ts';
import type { PositionSide } from '../orders/order.ts';
import type { StrategyDefinition } from '../strategy/definition.ts';

/** Fees as fractions of the notional: 0.001 is 0.1 %. Limit fills pay `maker`, all others `taker`. */
export interface NumericFeeRates {
  readonly maker: number;
  readonly taker: number;
}

export interface BacktestInput {
  readonly definition: StrategyDefinition;
  readonly columns: CandleColumns;
  /** Starting equity in quote. */
  readonly capital: number;
  readonly feeRates: NumericFeeRates;
  readonly slippageBps: number;
  /** Quantities and protective prices are fitted to them; absent means no fitting. */
  readonly filters?: MarketFilters | null;
}

export type ExitReason = 'exit_signal' | 'stop_loss' | 'trailing_stop' | 'take_profit' | 'liquidation';

/** One closed trade. Times are the open times (epoch ms) of the bars of the fills; amounts in quote, P&L net of fees. */
export interface TradeRecord {
  readonly side: PositionSide;
  readonly entryBar: number;
  readonly exitBar: number;
  readonly entryTime: number;
  readonly exitTime: number;
  readonly entryPrice: number;
  readonly exitPrice: number;
  readonly quantity: number;
  readonly entryFee: number;
  readonly exitFee: number;
  readonly pnl: number;
  /** P&L in per cent of the entry's notional. */
  readonly returnPct: number;
  readonly reason: ExitReason;
}

/** A position still open at the end, marked at the last close; it is not a trade. */
export interface OpenPosition {
  readonly side: PositionSide;
  readonly entryBar: number;
  readonly entryTime: number;
  readonly entryPrice: number;
  readonly quantity: number;
  readonly entryFee: number;
  readonly markPrice: number;
  readonly unrealizedPnl: number;
}

export interface BacktestRun {
  readonly input: BacktestInput;
  readonly trades: readonly TradeRecord[];
  /** Equity in quote at each bar's close. */
  readonly equity: Float64Array;
  readonly finalEquity: number;
  readonly openPosition: OpenPosition | null;
  readonly feesPaid: number;
  /** Entry signals not acted on, by why. */
  readonly skippedEntries: { readonly tooSmall: number; readonly cooldown: number; readonly limitExpired: number };
}
