import type { CandleColumns } from '../../src/domain/market/candle.ts';

/**
 * SMA cross (10/50 unless said otherwise, the slow one longer), stop 2 %, target 4 %, all equity, fee 0.1 % a side, with the engine's
 * conventions: nothing but the loop. Gives the final equity. Prices are to be on a grid whose sums are exact, as those of `randomWalk`.
 */
export const plainLoop = (
  { open, high, low, close, length }: Pick<CandleColumns, 'open' | 'high' | 'low' | 'close' | 'length'>,
  fast = 10,
  slow = 50,
): number => {
  const fee = 0.001;
  let fastSum = 0;
  let slowSum = 0;
  let cash = 10_000;
  let quantity = 0;
  let stop = 0;
  let target = 0;
  let before = 0;
  let signal = 0;
  for (let i = 0; i < length; i += 1) {
    if (signal !== 0) {
      const price = open[i]!;
      if (signal > 0 && quantity === 0) {
        quantity = cash / (price * (1 + fee));
        cash = 0;
        stop = price * 0.98;
        target = price * 1.04;
      } else if (signal < 0 && quantity > 0) {
        cash = quantity * price * (1 - fee);
        quantity = 0;
      }
      signal = 0;
    }
    if (quantity > 0) {
      let price = 0;
      if (low[i]! <= stop) price = Math.min(open[i]!, stop);
      else if (high[i]! >= target) price = Math.max(open[i]!, target);
      if (price > 0) {
        cash = quantity * price * (1 - fee);
        quantity = 0;
      }
    }
    fastSum += close[i]!;
    slowSum += close[i]!;
    if (i >= fast) fastSum -= close[i - fast]!;
    if (i >= slow) slowSum -= close[i - slow]!;
    if (i < slow - 1) continue;
    const a = fastSum * slow;
    const b = slowSum * fast;
    if (a > b) {
      if (before !== 1 && i >= slow) signal = 1;
      before = 1;
    } else if (a < b) {
      if (before !== -1 && i >= slow) signal = -1;
      before = -1;
    } else {
      before = 0;
    }
  }
  return cash + quantity * close[length - 1]!;
};
