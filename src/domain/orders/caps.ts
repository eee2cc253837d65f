import { type Money, dec, divide, sum, text, zero } from '../decimal.ts';

/** What an environment may have at work and at stake at most. Null: no such cap. */
export interface OrderCaps {
  /** Orders at work that are not reduce-only. */
  readonly openOrders: number | null;
  /** Per cent of equity: in one symbol, for one strategy, in all. */
  readonly symbolPct: number | null;
  readonly strategyPct: number | null;
  readonly totalPct: number | null;
}

/** Quote that is at stake: a position at its mark, or what a working entry has reserved. */
export interface Exposure {
  readonly symbol: string;
  readonly strategyId: string;
  readonly amount: Money;
}

/** Strategies that may hold or work something at a time, and how many others do; null: no limit. */
export interface StrategyLimit {
  readonly most: number;
  readonly others: number;
}

export interface CapInput {
  readonly caps: OrderCaps;
  readonly strategies?: StrategyLimit | null;
  /** Of the environment without the order: at work, and all balances in quote at their last marks. */
  readonly openOrders: number;
  readonly equity: Money;
  readonly exposures: readonly Exposure[];
  /** What the order would add. */
  readonly order: Exposure;
}

export interface CapBreach {
  /** The cap as a person would name it. */
  readonly cap: string;
  /** The most it allows and what it would come to with the order: a number of orders, or an amount of quote. */
  readonly most: string;
  readonly wouldBe: string;
  /** Where the cap is a share of equity, per cent. */
  readonly pct: number | null;
}

/** Digits kept of a cap's amount of quote. */
const amountScale = 8;

/** The first cap that an order would pass, the numbers of strategies and of orders first; null where it may go. */
export const breachOf = (input: CapInput): CapBreach | null => {
  const { caps, strategies, openOrders, equity, exposures, order } = input;
  if (strategies && strategies.others + 1 > strategies.most) {
    const { most, others } = strategies;
    return { cap: 'strategies at a time', most: String(most), wouldBe: String(others + 1), pct: null };
  }
  if (caps.openOrders !== null && openOrders + 1 > caps.openOrders) {
    return { cap: 'open orders', most: String(caps.openOrders), wouldBe: String(openOrders + 1), pct: null };
  }
  const shares = [
    ['exposure per symbol', caps.symbolPct, (each: Exposure) => each.symbol === order.symbol],
    ['exposure per strategy', caps.strategyPct, (each: Exposure) => each.strategyId === order.strategyId],
    ['exposure', caps.totalPct, () => true],
  ] as const;
  for (const [cap, pct, isCounted] of shares) {
    if (pct === null || order.amount.lte(zero)) continue;
    const most = divide(equity.times(dec(pct)), dec('100'), amountScale);
    const wouldBe = sum([order, ...exposures.filter(isCounted)].map(({ amount }) => amount));
    if (wouldBe.gt(most)) return { cap, most: text(most), wouldBe: text(wouldBe), pct };
  }
  return null;
};
