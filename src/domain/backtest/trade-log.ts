import type { PositionSide } from '../orders/order.ts';
import type { ExitReason, TradeRecord } from './backtest-run.ts';

/** A closed trade as `backtest_results.trade_log` keeps it. Times are ISO 8601, UTC. */
export interface TradeLogEntry {
  readonly side: PositionSide;
  readonly entry_bar: number;
  readonly exit_bar: number;
  readonly entry_time: string;
  readonly exit_time: string;
  readonly entry_price: number;
  readonly exit_price: number;
  readonly quantity: number;
  readonly entry_fee: number;
  readonly exit_fee: number;
  readonly pnl: number;
  readonly return_pct: number;
  readonly exit_reason: ExitReason;
  /** The fills that closed it, one unless it left in parts. */
  readonly exits: readonly {
    readonly bar: number;
    readonly time: string;
    readonly price: number;
    readonly quantity: number;
    readonly fee: number;
    readonly reason: ExitReason;
  }[];
}

export const tradeLog = (trades: readonly TradeRecord[]): readonly TradeLogEntry[] =>
  trades.map((trade) => {
    const exits = trade.exits.map((exit) => ({ ...exit, time: new Date(exit.time).toISOString() }));
    return {
      side: trade.side,
      entry_bar: trade.entryBar,
      exit_bar: trade.exitBar,
      entry_time: new Date(trade.entryTime).toISOString(),
      exit_time: new Date(trade.exitTime).toISOString(),
      entry_price: trade.entryPrice,
      exit_price: trade.exitPrice,
      quantity: trade.quantity,
      entry_fee: trade.entryFee,
      exit_fee: trade.exitFee,
      pnl: trade.pnl,
      return_pct: trade.returnPct,
      exit_reason: trade.reason,
      exits,
    };
  });
