import { nextBestPrice, protectionLevels } from '../fills/protection.ts';
import type { ProtectionLevels } from '../fills/protection.ts';
import type { RiskParams } from '../strategy/definition.ts';
import type { CandleColumns } from '../market/candle.ts';
import type { ExitReason, OpenPosition, TradeRecord } from './backtest-run.ts';

/** The one position of a backtest while it is open. `cashBefore` is all the equity there was at its entry. */
export interface Holding {
  readonly entryBar: number;
  readonly entryPrice: number;
  readonly quantity: number;
  readonly entryFee: number;
  readonly cashBefore: number;
  /** A limit entry filled inside the bar: what the bar did before that is unknown. */
  readonly enteredInside: boolean;
  bestPrice: number;
  levels: ProtectionLevels;
}

export const openHolding = (
  risk: RiskParams,
  tickSize: number,
  entry: Pick<Holding, 'entryBar' | 'entryPrice' | 'quantity' | 'entryFee' | 'cashBefore' | 'enteredInside'>,
): Holding => ({
  ...entry,
  bestPrice: entry.entryPrice,
  levels: protectionLevels(risk, entry.entryPrice, entry.entryPrice, tickSize),
});

/** Moves the trailing stop after a bar. Without one, nothing changes. */
export const trail = (holding: Holding, risk: RiskParams, high: number, low: number, tickSize: number): void => {
  if (risk.trailing_stop_pct === null || risk.trailing_stop_pct === undefined) return;
  const best = nextBestPrice(risk.side, holding.bestPrice, { high, low });
  if (best === holding.bestPrice) return;
  holding.bestPrice = best;
  holding.levels = protectionLevels(risk, holding.entryPrice, best, tickSize);
};

/** The price at which a SHORT has lost all equity; none for a LONG, which is paid for. */
export const liquidationPrice = (
  risk: RiskParams,
  { cashBefore, entryFee, entryPrice, quantity }: Holding,
): number | null => (risk.side === 'LONG' ? null : entryPrice + (cashBefore - entryFee) / quantity);

const direction = (risk: RiskParams): 1 | -1 => (risk.side === 'LONG' ? 1 : -1);

/** Equity with the position marked at `price`, its entry fee paid. */
export const equityAt = (holding: Holding, risk: RiskParams, price: number): number =>
  holding.cashBefore + unrealized(holding, risk, price);

const unrealized = (holding: Holding, risk: RiskParams, price: number): number =>
  direction(risk) * holding.quantity * (price - holding.entryPrice) - holding.entryFee;

export const closeHolding = (
  holding: Holding,
  risk: RiskParams,
  columns: CandleColumns,
  exit: { bar: number; price: number; feeRate: number; reason: ExitReason },
): TradeRecord => {
  const { entryBar, entryPrice, quantity, entryFee } = holding;
  const exitFee = quantity * exit.price * exit.feeRate;
  const pnl = unrealized(holding, risk, exit.price) - exitFee;
  return {
    side: risk.side,
    entryBar,
    exitBar: exit.bar,
    entryTime: columns.time[entryBar]!,
    exitTime: columns.time[exit.bar]!,
    entryPrice,
    exitPrice: exit.price,
    quantity,
    entryFee,
    exitFee,
    pnl,
    returnPct: (pnl / (quantity * entryPrice)) * 100,
    reason: exit.reason,
    exits: [
      { bar: exit.bar, time: columns.time[exit.bar]!, price: exit.price, quantity, fee: exitFee, reason: exit.reason },
    ],
  };
};

export const markHolding = (holding: Holding, risk: RiskParams, columns: CandleColumns): OpenPosition => {
  const markPrice = columns.close[columns.length - 1]!;
  const { entryBar, entryPrice, quantity, entryFee } = holding;
  return {
    side: risk.side,
    entryBar,
    entryTime: columns.time[entryBar]!,
    entryPrice,
    quantity,
    entryFee,
    markPrice,
    unrealizedPnl: unrealized(holding, risk, markPrice),
  };
};
