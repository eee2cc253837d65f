import type { Candle } from '../../domain/market/candle.ts';
import { DomainError } from '../../domain/errors.ts';

/** One market cut into the part that is known, and the two that are replayed. Oldest first, nothing left out between. */
export interface SplitMarket {
  readonly history: readonly Candle[];
  readonly paper: readonly Candle[];
  readonly live: readonly Candle[];
}

export const leastCandles = 240;
const mostHistory = 10_000;
/** The paper part must outlast the demo policy's 0.05 days of minutes. */
const paperCandles = { least: 80, most: 180 };
const liveCandles = { least: 60, most: 180 };

const sixthOf = (total: number, bounds: { least: number; most: number }): number =>
  Math.min(bounds.most, Math.max(bounds.least, Math.floor(total / 6)));

/**
 * The last sixth is replayed live, the sixth before it on paper (within bounds that keep the demo short), and the rest,
 * 10,000 candles at most, is history.
 * @throws DomainError `NotEnoughCandles` below 240.
 */
export const splitMarket = (candles: readonly Candle[]): SplitMarket => {
  if (candles.length < leastCandles) {
    throw new DomainError(
      'NotEnoughCandles',
      `the demo needs ${leastCandles} candles and was given ${candles.length}`,
      {
        next: 'give a file with a longer period, or leave --candles out for a generated market',
        details: { needed: leastCandles, found: candles.length },
      },
    );
  }
  const live = candles.length - sixthOf(candles.length, liveCandles);
  const paper = live - sixthOf(candles.length, paperCandles);
  return {
    history: candles.slice(Math.max(0, paper - mostHistory), paper),
    paper: candles.slice(paper, live),
    live: candles.slice(live),
  };
};
