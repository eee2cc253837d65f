import { nextBestPrice, protectionLevels } from '../fills/protection.ts';
import type { ProtectionLevels } from '../fills/protection.ts';
import type { CandleColumns } from '../market/candle.ts';
import { onTick } from '../fills/protection.ts';
import type { RiskParams } from '../strategy/definition.ts';
import type { ExitReason, TradeExit, TradeRecord } from './backtest-run.ts';

/** A price at which a part of a lot is sold; `quantity` is what is left of that part. */
export interface PartialTarget {
  readonly price: number;
  quantity: number;
}

/** One open position of a backtest, from its entry to its last exit. */
export interface Lot {
  readonly entryBar: number;
  readonly entryPrice: number;
  readonly quantity: number;
  readonly entryFee: number;
  /** A limit entry filled inside the bar: what the bar did before that is unknown. */
  readonly enteredInside: boolean;
  /** What is left of `quantity`. */
  held: number;
  bestPrice: number;
  levels: ProtectionLevels;
  /** Nearest first. */
  readonly targets: PartialTarget[];
  /** Why it is sold at the next opens, at whatever price; null while it stays. */
  leaving: ExitReason | null;
  readonly exits: TradeExit[];
  /** Of its exits so far, their fees paid, the entry's not. */
  realized: number;
}

export type Entry = Pick<Lot, 'entryBar' | 'entryPrice' | 'quantity' | 'entryFee' | 'enteredInside'>;

export const openLot = (risk: RiskParams, tickSize: number, entry: Entry): Lot => ({
  ...entry,
  held: entry.quantity,
  bestPrice: entry.entryPrice,
  levels: protectionLevels(risk, entry.entryPrice, entry.entryPrice, tickSize),
  targets: partialTargets(risk, tickSize, entry),
  leaving: null,
  exits: [],
  realized: 0,
});

const partialTargets = (risk: RiskParams, tickSize: number, { entryPrice, quantity }: Entry): PartialTarget[] => {
  const profitable = risk.side === 'LONG' ? 1 : -1;
  return (risk.exits ?? [])
    .toSorted((a, b) => a.pct - b.pct)
    .map(({ pct, fraction }) => ({
      price: onTick(entryPrice * (1 + (profitable * pct) / 100), tickSize),
      quantity: quantity * fraction,
    }));
};

/** Moves the trailing stop after a bar. Without one, nothing changes. */
export const trail = (lot: Lot, risk: RiskParams, high: number, low: number, tickSize: number): void => {
  if (risk.trailing_stop_pct === null || risk.trailing_stop_pct === undefined) return;
  const best = nextBestPrice(risk.side, lot.bestPrice, { high, low });
  if (best === lot.bestPrice) return;
  lot.bestPrice = best;
  lot.levels = protectionLevels(risk, lot.entryPrice, best, tickSize);
};

/** The trade that a lot has become with its last exit. */
export const tradeOf = (lot: Lot, risk: RiskParams, { time }: CandleColumns): TradeRecord => {
  const { entryBar, entryPrice, quantity, entryFee, exits } = lot;
  const last = exits.at(-1);
  if (last === undefined) throw new TypeError('a lot without an exit is no trade');
  const pnl = lot.realized - entryFee;
  return {
    side: risk.side,
    entryBar,
    exitBar: last.bar,
    entryTime: time[entryBar]!,
    exitTime: last.time,
    entryPrice,
    exitPrice: exits.length === 1 ? last.price : averagePrice(exits),
    quantity,
    entryFee,
    exitFee: exits.reduce((total, { fee }) => total + fee, 0),
    pnl,
    returnPct: (pnl / (quantity * entryPrice)) * 100,
    reason: last.reason,
    exits,
  };
};

const averagePrice = (exits: readonly TradeExit[]): number => {
  let quantity = 0;
  let notional = 0;
  for (const exit of exits) {
    quantity += exit.quantity;
    notional += exit.quantity * exit.price;
  }
  return notional / quantity;
};
