import type { Interval } from '../market/interval.ts';
import type { PositionSide } from '../orders/order.ts';

/**
 * A strategy as data, in the words of its JSON file (`docs/strategies.md`). The same object is the file, the
 * `strategies` row and what evolution breeds. It is trusted only after `parseStrategy` (contracts/strategy-file.ts).
 */
export interface StrategyDefinition {
  readonly name: string;
  readonly description?: string;
  readonly strategy_type: StrategyType;
  readonly symbol: string;
  readonly interval: Interval;
  readonly parameters: StrategyParameters;
  readonly entry_conditions: Condition;
  readonly exit_conditions: Condition;
  readonly risk_params: RiskParams;
}

export const strategyTypes = ['momentum', 'mean_reversion', 'arbitrage'] as const;
export type StrategyType = (typeof strategyTypes)[number];

/** Named numbers that conditions refer to by `{ "param": name }`. */
export type StrategyParameters = Readonly<Record<string, number>>;

export const priceFields = ['open', 'high', 'low', 'close', 'volume'] as const;
export type PriceField = (typeof priceFields)[number];

export const comparisonOperators = ['>', '>=', '<', '<=', 'crosses_above', 'crosses_below'] as const;
export type ComparisonOperator = (typeof comparisonOperators)[number];

export interface ParamReference {
  readonly param: string;
}
export type NumberOrParam = number | ParamReference;

/** Another series to look at, as of its last closed candle ("informative"). */
export interface MarketReference {
  readonly symbol?: string;
  readonly interval?: Interval;
}

export interface PriceOperand {
  readonly price: PriceField;
  /** Bars back; 0 is the bar itself. */
  readonly offset?: number;
  readonly market?: MarketReference;
}

/** `indicator` names an entry of the registry; its own parameters stand beside it (`"period": 20`). */
export interface IndicatorOperand {
  readonly indicator: string;
  readonly output?: string;
  readonly source?: PriceField;
  /** Bars back; 0 is the bar itself. */
  readonly offset?: number;
  readonly market?: MarketReference;
  readonly [parameter: string]: NumberOrParam | MarketReference | string | undefined;
}

export type Operand = number | ParamReference | PriceOperand | IndicatorOperand;

export interface Comparison {
  readonly left: Operand;
  readonly op: ComparisonOperator;
  readonly right: Operand;
}
export interface AllGroup {
  readonly all: readonly Condition[];
}
export interface AnyGroup {
  readonly any: readonly Condition[];
}
export interface NotGroup {
  readonly not: Condition;
}
export type Condition = Comparison | AllGroup | AnyGroup | NotGroup;

/**
 * `equity_fraction`: share of equity spent, fees included. `fixed_quote`: quote currency spent, fees included.
 * `risk_fraction`: share of equity lost when the stop fills at its level, fees apart; never more than the cash at hand.
 * `kelly`: share of equity by the closed trades' record, `value` at most.
 */
export interface PositionSize {
  readonly type: PositionSizeType;
  readonly value: number;
}
export const positionSizeTypes = ['equity_fraction', 'fixed_quote', 'risk_fraction', 'kelly'] as const;
export type PositionSizeType = (typeof positionSizeTypes)[number];

/** Limit entries rest `offset_bps` better than the signal's close for `expire_bars` bars (default 1). */
export interface EntryOrder {
  readonly type: 'market' | 'limit';
  readonly offset_bps?: number;
  readonly expire_bars?: number;
}

export interface PartialExit {
  readonly pct: number;
  readonly fraction: number;
}

/** Percentages are per cent of the entry price: 2 is 2 %. Null and absent both mean none. */
export interface RiskParams {
  readonly side: PositionSide;
  readonly position_size: PositionSize;
  readonly stop_loss_pct?: number | null;
  readonly take_profit_pct?: number | null;
  readonly trailing_stop_pct?: number | null;
  readonly order?: EntryOrder;
  /** Parts sold on the way to the target: `pct` per cent of profit, `fraction` of what was bought. */
  readonly exits?: readonly PartialExit[];
  readonly max_open_positions?: number;
  /** Bars without an entry after a losing trade was closed. */
  readonly cooldown_bars_after_loss?: number;
  readonly leverage?: number;
}

export const isParam = (operand: unknown): operand is ParamReference =>
  typeof operand === 'object' && operand !== null && 'param' in operand;
export const isIndicator = (operand: Operand): operand is IndicatorOperand =>
  typeof operand === 'object' && 'indicator' in operand;
