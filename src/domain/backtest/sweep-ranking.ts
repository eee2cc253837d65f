import { DomainError } from '../errors.ts';
import type { BacktestFigures } from './metrics.ts';

/** Figures that a sweep can be sorted by, and which end of them is the better one. */
const betterEnd: Readonly<Partial<Record<keyof BacktestFigures, 'high' | 'low'>>> = {
  final_capital: 'high',
  total_return_pct: 'high',
  cagr: 'high',
  sharpe_ratio: 'high',
  sortino_ratio: 'high',
  max_drawdown_pct: 'low',
  win_rate: 'high',
  profit_factor: 'high',
  total_trades: 'high',
  winning_trades: 'high',
  losing_trades: 'low',
  avg_win: 'high',
  avg_loss: 'high',
  largest_win: 'high',
  largest_loss: 'high',
};

export type SweepMetric = keyof typeof betterEnd;
export const sweepMetrics = Object.keys(betterEnd) as readonly SweepMetric[];

/** @throws DomainError `BadInput` listing what a sweep can be sorted by. */
export const sweepMetricOf = (name: string): SweepMetric => {
  const metric = sweepMetrics.find((known) => known === name);
  if (metric !== undefined) return metric;
  throw new DomainError('BadInput', `a sweep cannot be sorted by '${name}'`, {
    next: `use one of ${sweepMetrics.join(', ')}`,
    details: { metric: name, known: sweepMetrics },
  });
};

/** Orders figures by a metric, the best first; where it is null it is the worst. Equals keep their order in a stable sort. */
export const byMetric = (metric: SweepMetric) => {
  const sign = betterEnd[metric] === 'low' ? 1 : -1;
  return (a: BacktestFigures, b: BacktestFigures): number => {
    const [left, right] = [a[metric], b[metric]];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return sign * (left - right);
  };
};

/**
 * Keeps the best rows of many, however many there are.
 * @param most how many it keeps
 */
export const createBestRows = <Row extends BacktestFigures>(metric: SweepMetric, most: number) => {
  const compare = byMetric(metric);
  const rows: Row[] = [];
  return {
    /** The best so far, the best first; of equals the one that came first. */
    rows: rows as readonly Row[],
    add: (row: Row): void => {
      const place = rows.findIndex((kept) => compare(row, kept) < 0);
      if (place < 0 && rows.length >= most) return;
      rows.splice(place < 0 ? rows.length : place, 0, row);
      if (rows.length > most) rows.length = most;
    },
  };
};
