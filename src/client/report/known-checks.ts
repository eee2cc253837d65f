import { z } from 'zod';
import { formatCount, formatNumber, formatPercent, formatPeriod, formatReturn } from './format.ts';
import type { RobustnessCheck } from './robustness-check.ts';

const number = z.number().nullable();
const figures = z.object({
  bars: z.number(),
  start_date: z.string(),
  end_date: z.string(),
  total_return_pct: number,
  return_pct_per_day: number,
  sharpe_ratio: number,
  max_drawdown_pct: number,
  total_trades: number,
});
const percentiles = z.object({ p5: number, p50: number, p95: number });

const shapes = {
  outOfSample: z.object({ share: number, in_sample: figures, out_of_sample: figures, efficiency: number }),
  walkForward: z.object({
    kind: z.string(),
    combinations: z.number(),
    total_return_pct: number,
    profitable_share: number,
    efficiency: number,
    folds: z.array(
      z.object({ parameters: z.record(z.string(), z.number()), in_sample: figures, out_of_sample: figures }),
    ),
  }),
  monteCarlo: z.object({
    trades: z.number(),
    samples: z.number(),
    trade_drawdown_pct: number,
    drawdown_pct: percentiles,
    greater_drawdown_probability: number,
    return_pct: percentiles,
    loss_probability: number,
  }),
  lookahead: z.object({ checked: z.number(), mismatches: z.array(z.unknown()), pass: z.boolean() }),
};

type Shapes = typeof shapes;
type Figures = z.infer<typeof figures>;

const share = (fraction: number | null): string => formatPercent(fraction === null ? null : fraction * 100, 0);
const period = (window: Figures): string => formatPeriod(window.start_date, window.end_date);

const outOfSample = (check: z.infer<Shapes['outOfSample']>): RobustnessCheck => {
  const row = (name: string, text: (window: Figures) => string): readonly string[] => [
    name,
    text(check.in_sample),
    text(check.out_of_sample),
  ];
  return {
    title: 'Out of sample',
    summary: `The last ${share(check.share)} of the bars (${period(check.out_of_sample)}), run apart from those before.`,
    facts: [],
    tables: [
      {
        title: 'In and out of sample',
        columns: ['Figure', 'In sample', 'Out of sample'],
        rows: [
          row('Return', (window) => formatReturn(window.total_return_pct)),
          row('Return a day', (window) => formatReturn(window.return_pct_per_day, 3)),
          row('Sharpe ratio', (window) => formatNumber(window.sharpe_ratio)),
          row('Max drawdown', (window) => formatPercent(window.max_drawdown_pct)),
          row('Trades', (window) => formatCount(window.total_trades)),
          ['Efficiency', '', formatNumber(check.efficiency)],
        ],
      },
    ],
  };
};

const walkForward = (check: z.infer<Shapes['walkForward']>): RobustnessCheck => {
  const fitted = check.combinations > 1;
  return {
    title: 'Walk-forward',
    summary:
      `${formatCount(check.folds.length)} ${check.kind} windows, each followed by one out of sample; ` +
      (fitted ? `the best of ${formatCount(check.combinations)} combinations goes on.` : 'parameters as they are.'),
    facts: [
      { label: 'Profitable windows out of sample', value: share(check.profitable_share) },
      { label: 'Return out of sample', value: formatReturn(check.total_return_pct) },
      { label: 'Efficiency', value: formatNumber(check.efficiency) },
    ],
    tables: [
      {
        title: 'Windows',
        columns: [
          'Window out of sample',
          'Return before',
          'Return',
          'Drawdown',
          'Trades',
          ...(fitted ? ['Parameters'] : []),
        ],
        rows: check.folds.map(({ parameters, in_sample: before, out_of_sample: after }) => [
          period(after),
          formatReturn(before.total_return_pct),
          formatReturn(after.total_return_pct),
          formatPercent(after.max_drawdown_pct),
          formatCount(after.total_trades),
          ...(fitted
            ? [
                Object.entries(parameters)
                  .map(([name, value]) => `${name} ${value}`)
                  .join(', '),
              ]
            : []),
        ]),
      },
    ],
  };
};

const monteCarlo = (check: z.infer<Shapes['monteCarlo']>): RobustnessCheck => ({
  title: 'Monte Carlo',
  summary: `${formatCount(check.samples)} other orders and draws of the ${formatCount(check.trades)} trades.`,
  facts: [
    { label: 'Drawdown from trade to trade, as it happened', value: formatPercent(check.trade_drawdown_pct) },
    { label: 'Orders with a greater drawdown', value: share(check.greater_drawdown_probability) },
    { label: 'Draws that lose', value: share(check.loss_probability) },
  ],
  tables: [
    {
      title: 'Percentiles',
      columns: ['Percentile', '5th', '50th', '95th'],
      rows: [
        ['Drawdown, shuffled', ...spread(check.drawdown_pct, formatPercent)],
        ['Return, drawn again', ...spread(check.return_pct, formatReturn)],
      ],
    },
  ],
});

const spread = (
  { p5, p50, p95 }: z.infer<typeof percentiles>,
  text: (value: number | null) => string,
): readonly string[] => [text(p5), text(p50), text(p95)];

const lookahead = (check: z.infer<Shapes['lookahead']>): RobustnessCheck => ({
  title: 'Lookahead',
  summary: check.pass
    ? 'Nothing before a cut changes where the candles after it are taken away.'
    : 'Results before a cut are not the same where the candles after it are taken away, or nothing could be checked.',
  facts: [
    { label: 'Places cut', value: formatCount(check.checked) },
    { label: 'Mismatches', value: formatCount(check.mismatches.length) },
    { label: 'Check', value: check.pass ? 'passed' : 'not passed' },
  ],
  tables: [],
});

const known = <K extends keyof Shapes>(name: K, show: (check: z.infer<Shapes[K]>) => RobustnessCheck) =>
  [
    name,
    (value: unknown): RobustnessCheck | null => {
      const parsed = shapes[name].safeParse(value);
      return parsed.success ? show(parsed.data as z.infer<Shapes[K]>) : null;
    },
  ] as const;

const shown = new Map<string, (value: unknown) => RobustnessCheck | null>([
  known('outOfSample', outOfSample),
  known('walkForward', walkForward),
  known('monteCarlo', monteCarlo),
  known('lookahead', lookahead),
]);

/** A check of a name and shape that are known, laid out for it; null for any other. */
export const knownCheck = (name: string, value: unknown): RobustnessCheck | null => shown.get(name)?.(value) ?? null;
