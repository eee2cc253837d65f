import type { Validation } from '../domain/backtest/validation/validate-backtest.ts';
import type { WindowFigures } from '../domain/backtest/validation/window-figures.ts';
import { table, utc } from './output.ts';
import type { Row } from './output.ts';

/** What a validation found, a line each. */
export const validationFacts = ({ outOfSample, walkForward, monteCarlo, lookahead }: Validation): Row => ({
  'out of sample: share of bars': outOfSample?.share ?? null,
  'out of sample: return %': outOfSample?.out_of_sample.total_return_pct ?? null,
  'out of sample: return % a day, less in sample': outOfSample?.return_gap_pct_per_day ?? null,
  'walk forward: return % out of sample': walkForward?.total_return_pct ?? null,
  'walk forward: share of profitable windows': walkForward?.profitable_share ?? null,
  'walk forward: efficiency': walkForward?.efficiency ?? null,
  'shuffled trades: drawdown %, 5th/50th/95th percentile': percentiles(monteCarlo?.drawdown_pct),
  'drawn trades: return %, 5th/50th/95th percentile': percentiles(monteCarlo?.return_pct),
  'drawn trades: probability of a loss': monteCarlo?.loss_probability ?? null,
  'lookahead check': lookaheadText(lookahead),
});

const percentiles = (of: { readonly p5: number; readonly p50: number; readonly p95: number } | undefined) =>
  of === undefined ? null : `${rounded(of.p5)} / ${rounded(of.p50)} / ${rounded(of.p95)}`;

const lookaheadText = ({ checked, mismatches }: Validation['lookahead']): string => {
  if (checked === 0) return 'not done: too few candles';
  const [first] = mismatches;
  if (first === undefined) return `passed at ${checked} places`;
  return `FAILED: ${mismatches.length} differences, the first in the ${first.what} of bar ${first.bar}`;
};

/** The windows of the split and of the walk forward, oldest first. */
export const validationWindows = ({ outOfSample, walkForward }: Validation): string => {
  const split = outOfSample === null ? [] : pairOf('split', outOfSample);
  const folds = walkForward?.folds ?? [];
  const rows = folds.flatMap((fold, index) => pairOf(`fold ${index + 1}`, fold, describe(fold.parameters)));
  return table([...split, ...rows], {
    window: 'window',
    from: 'from',
    to: 'to',
    bars: 'bars',
    'return %': 'total_return_pct',
    'a day': 'return_pct_per_day',
    sharpe: 'sharpe_ratio',
    'drawdown %': 'max_drawdown_pct',
    trades: 'total_trades',
    parameters: 'parameters',
  });
};

const pairOf = (
  name: string,
  { in_sample, out_of_sample }: { readonly in_sample: WindowFigures; readonly out_of_sample: WindowFigures },
  parameters = '',
): readonly Row[] => [
  rowOf(`${name} in sample`, in_sample, parameters),
  rowOf(`${name} out of sample`, out_of_sample, parameters),
];

const rowOf = (window: string, { start_date, end_date, ...figures }: WindowFigures, parameters: string): Row => ({
  window,
  from: utc(Date.parse(start_date)),
  to: utc(Date.parse(end_date)),
  ...Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, rounded(value)])),
  parameters,
});

const describe = (parameters: Readonly<Record<string, number>>): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');

const rounded = (value: number | null): number | null => (value === null ? null : Number(value.toFixed(4)));
