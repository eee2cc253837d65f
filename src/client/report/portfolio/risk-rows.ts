import type { RiskFigures } from '../../../adapters/postgres/portfolio-history.ts';
import { formatCount, formatNumber, formatPercent } from '../format.ts';
import { usdText } from './names.ts';

export interface RiskRow {
  readonly figure: string;
  readonly value: string;
  /** What it says, or why there is none. */
  readonly meaning: string;
  readonly isMissing: boolean;
}

/** The columns of risk_metrics as a person reads them. */
export const riskRows = (figures: RiskFigures): readonly RiskRow[] => {
  const pct = (fraction: number | null): string => formatPercent(fraction === null ? null : fraction * 100);
  const row = (figure: string, key: keyof RiskFigures, value: string, meaning: string): RiskRow => ({
    figure,
    value,
    meaning: figures[key] === null ? (figures.reasons[key] ?? 'not defined yet') : meaning,
    isMissing: figures[key] === null,
  });
  return [
    row('Value at risk, 95 %', 'var95', usdText(figures.var95), 'one day in twenty loses at least this'),
    row('Conditional value at risk', 'cvar95', usdText(figures.cvar95), 'what such days lose on average'),
    row('Volatility', 'volatility', pct(figures.volatility), 'of daily returns, for a year'),
    row('Sharpe ratio', 'sharpe', formatNumber(figures.sharpe), 'return for its volatility, for a year'),
    row('Max drawdown', 'maxDrawdownPct', formatPercent(figures.maxDrawdownPct), 'of every snapshot, without flows'),
    row('Correlation with BTC', 'correlationBtc', formatNumber(figures.correlationBtc), 'of daily returns, −1 to 1'),
    row('Diversification', 'diversification', formatNumber(figures.diversification), '0: one asset, 1: evenly spread'),
    row('Open positions', 'positions', formatCount(figures.positions), ''),
    row('Largest position', 'largestPosition', pct(figures.largestPosition), 'of equity'),
  ];
};
