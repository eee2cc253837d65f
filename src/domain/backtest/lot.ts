import { isGiven, nextBestPrice, onTick, protectionLevels } from '../fills/protection.ts';
import type { ProtectionLevels } from '../fills/protection.ts';
import type { RiskParams } from '../strategy/definition.ts';
import type { ExitReason } from './backtest-run.ts';

/** A price at which a part of a lot is sold; `quantity` is what is left of that part. */
export interface PartialTarget {
  readonly price: number;
  quantity: number;
}

export interface Entry {
  /** Its number in the journal. */
  readonly entry: number;
  readonly bar: number;
  readonly price: number;
  readonly quantity: number;
  readonly fee: number;
  /** A limit entry filled inside the bar: what the bar did before that is unknown. */
  readonly inside: boolean;
}

/** One open position of a backtest, from its entry to its last exit. */
export interface Lot extends Entry {
  /** What is left of `quantity`. */
  held: number;
  bestPrice: number;
  levels: ProtectionLevels;
  /** Nearest first. */
  readonly targets: readonly PartialTarget[];
  /** How many of the targets are done with. */
  targetsDone: number;
  /** Why it is sold at the next opens, at whatever price; null while it stays. */
  leaving: ExitReason | null;
  /** Of its exits so far, their fees paid, the entry's not. */
  realized: number;
}

export const openLot = (risk: RiskParams, tickSize: number, entered: Entry): Lot => ({
  entry: entered.entry,
  bar: entered.bar,
  price: entered.price,
  quantity: entered.quantity,
  fee: entered.fee,
  inside: entered.inside,
  held: entered.quantity,
  bestPrice: entered.price,
  levels: protectionLevels(risk, entered.price, entered.price, tickSize),
  targets: risk.exits === undefined ? noTargets : partialTargets(risk, tickSize, entered),
  targetsDone: 0,
  leaving: null,
  realized: 0,
});

const noTargets: readonly PartialTarget[] = [];

const partialTargets = (risk: RiskParams, tickSize: number, { price, quantity }: Entry): readonly PartialTarget[] => {
  const profitable = risk.side === 'LONG' ? 1 : -1;
  return (risk.exits ?? [])
    .toSorted((a, b) => a.pct - b.pct)
    .map(({ pct, fraction }) => ({
      price: onTick(price * (1 + (profitable * pct) / 100), tickSize),
      quantity: quantity * fraction,
    }));
};

export const hasTrailingStop = ({ trailing_stop_pct: pct }: RiskParams): boolean => isGiven(pct);

/** Moves the trailing stop after a bar. */
export const trail = (lot: Lot, risk: RiskParams, high: number, low: number, tickSize: number): void => {
  const best = nextBestPrice(risk.side, lot.bestPrice, { high, low });
  if (best === lot.bestPrice) return;
  lot.bestPrice = best;
  lot.levels = protectionLevels(risk, lot.price, best, tickSize);
};
