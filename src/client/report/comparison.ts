import { buyAndHoldEquity } from './buy-and-hold.ts';
import { formatCount, formatNumber, formatPercent, formatReturn } from './format.ts';
import { performanceOf } from './performance.ts';
import type { EquityFigures } from '../../domain/backtest/equity-figures.ts';
import type { ReportSource } from './report-source.ts';

export interface MetricRow {
  readonly metric: string;
  readonly strategy: string;
  /** Null where buying and holding has no such figure. */
  readonly buyAndHold: string | null;
}

/** The figures of buying at the first open and holding, at the strategy's own costs. */
export const buyAndHoldOf = (source: ReportSource): EquityFigures => {
  const { columns, definition, result } = source;
  const capital = result.initial_capital;
  const equity = buyAndHoldEquity(columns, { capital, ...source });
  return performanceOf(columns.time, definition.interval, capital, equity);
};

/** The strategy's figures beside those of buying and holding, as text; what is not defined is a dash. */
export const metricRows = ({ result }: ReportSource, hold: EquityFigures): readonly MetricRow[] => {
  const both = (metric: string, key: keyof EquityFigures, text: (value: number | null) => string): MetricRow => ({
    metric,
    strategy: text(result[key]),
    buyAndHold: text(hold[key]),
  });
  const own = (metric: string, strategy: string): MetricRow => ({ metric, strategy, buyAndHold: null });
  const { feesPaid } = result.metadata as { feesPaid?: number };
  return [
    both('Total return', 'total_return_pct', formatReturn),
    both('CAGR', 'cagr', formatReturn),
    both('Sharpe ratio', 'sharpe_ratio', formatNumber),
    both('Sortino ratio', 'sortino_ratio', formatNumber),
    both('Max drawdown', 'max_drawdown_pct', formatPercent),
    both('Final capital', 'final_capital', formatNumber),
    own('Closed trades', formatCount(result.total_trades)),
    own('Win rate', formatPercent(result.win_rate === null ? null : result.win_rate * 100)),
    own('Profit factor', formatNumber(result.profit_factor)),
    own('Average win', formatNumber(result.avg_win)),
    own('Average loss', formatNumber(result.avg_loss)),
    own('Largest win', formatNumber(result.largest_win)),
    own('Largest loss', formatNumber(result.largest_loss)),
    own('Fees paid', formatNumber(feesPaid)),
  ];
};
