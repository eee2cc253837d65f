import type { CandleColumns } from '../market/candle.ts';
import type { InformativeMarkets } from '../market/informative.ts';
import type { MarketFilters } from '../market/market-filters.ts';
import type { PositionSide } from '../orders/order.ts';
import type { StrategyDefinition } from '../strategy/definition.ts';
import type { Journal } from './journal.ts';

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
  /** The candles of the other markets that conditions look at, by `marketKey`. */
  readonly markets?: InformativeMarkets;
  /** Greatest share (fraction) of a bar's volume that one order takes of it; null or absent: no limit. */
  readonly volumeShare?: number | null;
  /** The first bar that is traded on. Bars before it only warm indicators up; equity there is the capital. Default 0. */
  readonly firstBar?: number;
}

export type ExitReason = 'exit_signal' | 'stop_loss' | 'trailing_stop' | 'take_profit' | 'liquidation';

/** One fill that closed a position, or a part of it. */
export interface TradeExit {
  readonly bar: number;
  /** Open time of the bar, epoch ms. */
  readonly time: number;
  readonly price: number;
  readonly quantity: number;
  readonly fee: number;
  readonly reason: ExitReason;
}

/**
 * One closed trade: a position from its entry to its last exit. Times are the open times (epoch ms) of the bars of the fills; amounts
 * in quote, P&L net of fees. Where it left in parts, `exitPrice` is their average by quantity, and `exitBar`, `exitTime` and
 * `reason` are those of the last.
 */
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
  readonly exits: readonly TradeExit[];
}

/** What is still open at the end, marked at the last close; it is not a trade. Several positions are shown as one, at their average entry. */
export interface OpenPosition {
  readonly side: PositionSide;
  readonly entryBar: number;
  readonly entryTime: number;
  readonly entryPrice: number;
  readonly quantity: number;
  readonly entryFee: number;
  readonly markPrice: number;
  /** Net of the entries' fees. */
  readonly unrealizedPnl: number;
  /** Of parts that were sold already, net of their exit fees. */
  readonly realizedPnl: number;
}

export interface BacktestRun {
  readonly input: BacktestInput;
  readonly trades: readonly TradeRecord[];
  /** Equity in quote at each bar's close. */
  readonly equity: Float64Array;
  readonly finalEquity: number;
  readonly openPosition: OpenPosition | null;
  readonly feesPaid: number;
  readonly skippedEntries: SkippedEntries;
}

/** Entry signals not acted on, by why. */
export interface SkippedEntries {
  /** Under the market's minimum, or nothing to spend. */
  readonly tooSmall: number;
  readonly cooldown: number;
  readonly limitExpired: number;
  /** The bar's volume left nothing to buy. */
  readonly noVolume: number;
  /** Kelly's formula staked nothing. */
  readonly noEdge: number;
}

/** A run with its journal, for figures that need neither its trades nor its equity as lists. */
export interface JournaledRun extends BacktestRun {
  readonly journal: Journal;
}
