import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readCandleColumns } from '../../src/adapters/files/candle-csv.ts';
import type { BacktestInput } from '../../src/domain/backtest/backtest-run.ts';
import type { CandleColumns } from '../../src/domain/market/candle.ts';
import type { Interval } from '../../src/domain/market/interval.ts';
import type { PositionSide } from '../../src/domain/orders/order.ts';
import type {
  Comparison,
  PartialExit,
  PositionSize,
  StrategyDefinition,
} from '../../src/domain/strategy/definition.ts';
import all from './cases.json' with { type: 'json' };

export type Convention = 'entry_bar' | 'exit_bar' | 'trailing' | 'trailing_close' | 'target_slippage' | 'spread';

/** How many trades a convention touches, and by how many per cent the library's final equity is above ours. */
export interface Effect {
  readonly trades: number;
  readonly equityPct: number;
}

/** A run that a library has made and that the engine is to repeat. Fees in per cent, one rate for makers and takers. */
export interface Case {
  readonly name: string;
  readonly library: string;
  readonly candles: string;
  readonly interval: Interval;
  readonly fast: number;
  readonly slow: number;
  readonly side: PositionSide;
  readonly positionSize: PositionSize;
  /** Decimal text; '0' does not round. */
  readonly stepSize: string;
  readonly capital: number;
  readonly feePct: number;
  readonly slippageBps: number;
  readonly stopLossPct?: number;
  readonly takeProfitPct?: number;
  readonly trailingStopPct?: number;
  readonly limitOffsetBps?: number;
  readonly exits?: readonly PartialExit[];
  readonly maxOpenPositions?: number;
  /** Signals do not close positions. */
  readonly byProtectionAlone?: boolean;
  /** The convention in which the library is left to differ (docs/metrics.md, "Where others differ"). */
  readonly differs?: Partial<Readonly<Record<Convention, Effect>>>;
}

export const cases = all as unknown as readonly Case[];

/** Where a file of candles is: here, or beside the checkout, where it may be absent. */
export const candlesPath = (file: string): string | null =>
  [new URL(file, import.meta.url), new URL(`../../../shared/data/${file}`, import.meta.url)]
    .map((url) => fileURLToPath(url))
    .find((path) => existsSync(path)) ?? null;

const read = new Map<string, Promise<CandleColumns>>();

export const candlesOf = (path: string): Promise<CandleColumns> => {
  const columns = read.get(path) ?? readCandleColumns(path).then((file) => file.columns);
  read.set(path, columns);
  return columns;
};

const never: Comparison = { left: { price: 'close' }, op: '<', right: 0 };

/** A LONG enters where the fast average crosses above the slow one and leaves where it crosses under; a SHORT the other way round. */
export const crossOf = (given: Case): StrategyDefinition => {
  const { side, fast, slow, limitOffsetBps, exits, maxOpenPositions } = given;
  const cross = (op: Comparison['op']): Comparison => ({
    left: { indicator: 'SMA', period: fast },
    op,
    right: { indicator: 'SMA', period: slow },
  });
  const [above, below] = [cross('crosses_above'), cross('crosses_below')];
  return {
    name: given.name,
    strategy_type: 'momentum',
    symbol: 'BTCUSDT',
    interval: given.interval,
    parameters: {},
    entry_conditions: side === 'LONG' ? above : below,
    exit_conditions: given.byProtectionAlone === true ? never : side === 'LONG' ? below : above,
    risk_params: {
      side,
      position_size: given.positionSize,
      stop_loss_pct: given.stopLossPct ?? null,
      take_profit_pct: given.takeProfitPct ?? null,
      trailing_stop_pct: given.trailingStopPct ?? null,
      ...(limitOffsetBps === undefined ? {} : { order: { type: 'limit', offset_bps: limitOffsetBps } }),
      ...(exits === undefined ? {} : { exits }),
      ...(maxOpenPositions === undefined ? {} : { max_open_positions: maxOpenPositions }),
    },
  };
};

export const inputOf = async (given: Case, path: string): Promise<BacktestInput> => {
  const fee = given.feePct / 100;
  const { stepSize } = given;
  return {
    definition: crossOf(given),
    columns: await candlesOf(path),
    capital: given.capital,
    feeRates: { maker: fee, taker: fee },
    slippageBps: given.slippageBps,
    filters:
      stepSize === '0' ? null : { tickSize: '0', stepSize, minQuantity: '0', maxQuantity: '0', minNotional: '0' },
  };
};
