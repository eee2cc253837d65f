import type { TradeRecord } from '../backtest-run.ts';
import type { BarRange } from './windows.ts';

/**
 * Numbers of bars after which to cut candles, ascending, each once: `count` at most, within the range. They grow with the sixth
 * power of their place, so that most lie early, where little has to be run again, and few late. By turns a cut is at such a place,
 * right before the entry of the first trade after it (the entry's decision is the last thing before the cut), right after the bar of
 * an entry, and right after that of an exit.
 */
export const cutPoints = ({ from, to }: BarRange, trades: readonly TradeRecord[], count: number): readonly number[] => {
  const cuts = new Set<number>();
  if (from >= to) return [];
  let trade = 0;
  for (let index = 1; index <= count; index += 1) {
    const place = from + Math.floor((to - 1 - from) * (index / (count + 1)) ** 6);
    while (trade < trades.length && trades[trade]!.entryBar < place) trade += 1;
    const near = nearTrade(trades[trade], index) ?? place;
    cuts.add(near >= from && near < to && !cuts.has(near) ? near : place);
  }
  return [...cuts].sort((a, b) => a - b);
};

const nearTrade = (trade: TradeRecord | undefined, turn: number): number | null => {
  if (trade === undefined) return null;
  const { entryBar, exitBar } = trade;
  return [null, entryBar, entryBar + 1, exitBar + 1][turn % 4] ?? null;
};
