import type { Candle } from '../../domain/market/candle.ts';
import { DomainError } from '../../domain/errors.ts';
import { type Interval, intervalMs, intervals } from '../../domain/market/interval.ts';

/**
 * The interval of a series, from the smallest step between its candles.
 * @throws DomainError `BadCandleFile` where that step is no interval we know.
 */
export const intervalOf = (candles: readonly Candle[]): Interval => {
  const steps = candles.slice(1).map((candle, index) => candle.time - (candles[index]?.time ?? 0));
  const step = steps.reduce((least, each) => Math.min(least, each), Infinity);
  const interval = intervals.find((each) => intervalMs[each] === step);
  if (interval !== undefined) return interval;
  throw new DomainError('BadCandleFile', `the candles are ${step / 1000} s apart, which is no interval`, {
    next: `give candles of one interval: ${intervals.join(', ')}`,
  });
};
