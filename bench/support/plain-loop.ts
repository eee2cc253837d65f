import type { CandleColumns } from '../../src/domain/market/candle.ts';

/**
 * SMA 10/50 cross, stop 2 %, target 4 %, all equity, fee 0.1 % a side, with the engine's conventions: nothing but the loop. Gives
 * the final equity. Prices are to be on a grid whose sums are exact, as those of `randomWalk`.
 */
export const plainLoop = ({
  open,
  high,
  low,
  close,
  length,
}: Pick<CandleColumns, 'open' | 'high' | 'low' | 'close' | 'length'>): number => {
  const [fast, slow, fee] = [10, 50, 0.001];
  let [fastSum, slowSum, cash, quantity, stop, target] = [0, 0, 10_000, 0, 0, 0];
  let [before, signal] = [0, 0];
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
    if (quantity > 0 && (low[i]! <= stop || high[i]! >= target)) {
      const price = low[i]! <= stop ? Math.min(open[i]!, stop) : Math.max(open[i]!, target);
      cash = quantity * price * (1 - fee);
      quantity = 0;
    }
    fastSum += i >= fast ? close[i]! - close[i - fast]! : close[i]!;
    slowSum += i >= slow ? close[i]! - close[i - slow]! : close[i]!;
    if (i >= slow - 1) {
      const [a, b] = [fastSum * slow, slowSum * fast];
      const side = a > b ? 1 : a < b ? -1 : 0;
      if (side !== before) {
        if (i >= slow) signal = side;
        before = side;
      }
    }
  }
  return cash + quantity * close[length - 1]!;
};
