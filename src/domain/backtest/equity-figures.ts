import { compoundAnnualGrowthPct, sharpeRatio, simpleReturns, sortinoRatio } from './statistics.ts';

/** The figures that any equity curve has, under the names and definitions of `backtest_results`. */
export interface EquityFigures {
  readonly final_capital: number;
  readonly total_return_pct: number;
  readonly cagr: number | null;
  readonly sharpe_ratio: number | null;
  readonly sortino_ratio: number | null;
  readonly max_drawdown_pct: number;
}

/**
 * @param curve.daily equity at the end of each UTC day, without the starting capital
 * @param curve.days calendar days from the first bar's open to the last one's close
 * @param curve.drawdownPct the greatest fall from a peak of any bar's equity, per cent
 */
export const equityFigures = (curve: {
  readonly capital: number;
  readonly finalEquity: number;
  readonly daily: readonly number[];
  readonly days: number;
  readonly drawdownPct: number;
}): EquityFigures => {
  const { capital, finalEquity, daily, days, drawdownPct } = curve;
  const returns = simpleReturns([capital, ...daily]);
  return {
    final_capital: finalEquity,
    total_return_pct: (finalEquity / capital - 1) * 100,
    cagr: compoundAnnualGrowthPct(capital, finalEquity, days),
    sharpe_ratio: sharpeRatio(returns),
    sortino_ratio: sortinoRatio(returns),
    max_drawdown_pct: drawdownPct,
  };
};
