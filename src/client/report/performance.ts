import { dailyEquity } from '../../domain/backtest/daily-equity.ts';
import {
  compoundAnnualGrowthPct,
  maxDrawdownPct,
  sharpeRatio,
  simpleReturns,
  sortinoRatio,
} from '../../domain/backtest/statistics.ts';
import { dayMs, intervalMs } from '../../domain/market/interval.ts';
import type { Interval } from '../../domain/market/interval.ts';

/** The figures that any equity curve has, under the names and definitions of `backtest_results`. */
export interface Performance {
  readonly final_capital: number;
  readonly total_return_pct: number;
  readonly cagr: number | null;
  readonly sharpe_ratio: number | null;
  readonly sortino_ratio: number | null;
  readonly max_drawdown_pct: number;
}

/** By the functions that a backtest's own figures come from; `equity` at each bar's close, `time` the bars' open times (epoch ms). */
export const performanceOf = (
  time: Float64Array,
  interval: Interval,
  capital: number,
  equity: Float64Array,
): Performance => {
  const last = equity.length - 1;
  const end = equity[last]!;
  const returns = simpleReturns([capital, ...dailyEquity(time, equity).map((day) => day.equity)]);
  const days = (time[last]! + intervalMs[interval] - time[0]!) / dayMs;
  return {
    final_capital: end,
    total_return_pct: (end / capital - 1) * 100,
    cagr: compoundAnnualGrowthPct(capital, end, days),
    sharpe_ratio: sharpeRatio(returns),
    sortino_ratio: sortinoRatio(returns),
    max_drawdown_pct: maxDrawdownPct(capital, equity),
  };
};

/** Fall from the highest equity so far at each bar's close, per cent, zero or negative; `capital` is the first peak. */
export const drawdownPct = (capital: number, equity: Float64Array): Float64Array => {
  let peak = capital;
  return equity.map((value) => {
    peak = Math.max(peak, value);
    return ((value - peak) / peak) * 100;
  });
};
