import type { Candle } from '../market/candle.ts';
import type { PaperCosts, PaperOrder, PaperOutcome } from './paper-order.ts';
import { createPaperWalk } from './paper-walk.ts';

/**
 * What became of a paper order, from the stored candles alone, by the rules that the backtest fills by: the same order over the
 * same candles always has the same fills, and more candles add to them without changing one. Prices have 8 digits; the fee is in quote.
 *
 * A market order fills at the first open, moved by the slippage. A limit order waits for its price and pays the maker fee. What waits
 * for a trigger is a market order from there on, at an open beyond it where the market gapped, and pays slippage and the taker fee; with a
 * limit it takes what is within that at once, and else rests there from the next candle on. One order takes at most `volumeShare` of a
 * candle's volume: an exit goes on, a triggered one at the next opens, and so does a limit that stays in the book; the rest of an entry
 * expires.
 */
export const paperOutcome = (order: PaperOrder, candles: readonly Candle[], costs: PaperCosts): PaperOutcome => {
  const walk = createPaperWalk(order, costs);
  const { from, cancelledAt } = order;
  for (const candle of candles) {
    if (candle.time < from) continue;
    if (walk.isOver() || (cancelledAt !== null && candle.time >= cancelledAt)) break;
    walk.pass(candle);
  }
  if (cancelledAt !== null) walk.end('cancelled');
  return walk.outcome();
};
