import { dailyEquity } from '../../domain/backtest/daily-equity.ts';
import { equityFigures } from '../../domain/backtest/equity-figures.ts';
import type { EquityFigures } from '../../domain/backtest/equity-figures.ts';
import { maxDrawdownPct } from '../../domain/backtest/statistics.ts';
import { dayMs, intervalMs } from '../../domain/market/interval.ts';
import type { Interval } from '../../domain/market/interval.ts';

/** By the functions that a backtest's own figures come from; `equity` at each bar's close, `time` the bars' open times (epoch ms). */
export const performanceOf = (
  time: Float64Array,
  interval: Interval,
  capital: number,
  equity: Float64Array,
): EquityFigures => {
  const last = equity.length - 1;
  return equityFigures({
    capital,
    finalEquity: equity[last]!,
    daily: dailyEquity(time, equity).map((day) => day.equity),
    days: (time[last]! + intervalMs[interval] - time[0]!) / dayMs,
    drawdownPct: maxDrawdownPct(capital, equity),
  });
};

/** Fall from the highest equity so far at each bar's close, per cent, zero or negative; `capital` is the first peak. */
export const drawdownPct = (capital: number, equity: Float64Array): Float64Array => {
  let peak = capital;
  return equity.map((value) => {
    peak = Math.max(peak, value);
    return ((value - peak) / peak) * 100;
  });
};
