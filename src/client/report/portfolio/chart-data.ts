import type { GoalHistory } from '../../../adapters/postgres/portfolio-goals.ts';
import type { FlowRecord } from '../../../adapters/postgres/portfolio-history.ts';
import { dayMs } from '../../../domain/market/interval.ts';
import { rounded, shortened, thinLine } from '../thin-line.ts';
import type { ThinLine } from '../thin-line.ts';
import { exposureLines } from './exposure-lines.ts';
import { goalPath } from './goal-path.ts';
import { incidentSpan } from './incident-span.ts';
import { goalName, quantityText } from './names.ts';
import type { Pane, PaneChart, PaneLine, PaneMarks, Span } from './panes.ts';
import type { PortfolioReport } from './report.ts';

/** What the page's charts are drawn from, and how much was left out of them. */
export interface PortfolioCharts {
  readonly timeline: PaneChart;
  /** Goals by a clock of their own, where the market's is another: goals count wall time. Null where both run together. */
  readonly goals: PaneChart | null;
  readonly isThinned: boolean;
  /** Symbols that are drawn as one, for there are too many. */
  readonly symbolsTogether: number;
  readonly flowsLeftOut: number;
}

const mostPoints = 4_000;
const mostMarks = 1_000;

/** Times as the charts hold them. */
interface Scale {
  readonly start: number;
  readonly end: number;
  readonly seconds: (time: number) => number;
}

const scaleOf = (start: number, end: number): Scale => ({
  start,
  end: Math.max(end, start + 3_600_000),
  seconds: (time) => Math.round((time - start) / 1000),
});

const chartOf = ({ start, end }: Scale, panes: readonly Pane[], spans: readonly Span[]): PaneChart => ({
  start,
  length: Math.round((end - start) / 1000),
  panes,
  spans,
});

/** Bounded data for the charts of a portfolio of any age. */
export const portfolioCharts = (report: PortfolioReport): PortfolioCharts => {
  const { history, shown, newest } = report;
  const paths = history.goals
    .filter(({ goal, progress }) => goal.status === 'active' && progress.length > 0)
    .map((goal) => within(goal, history.from))
    .filter(({ progress }) => progress.length > 0);
  const first = shown[0]!.at;
  const together = paths.every(({ progress }) => runTogether(progress, first, newest.at));
  const ends = together ? paths.map(({ progress }) => progress.at(-1)!.at) : [];
  const scale = scaleOf(first, Math.max(newest.at, ...ends));
  const { flows, leftOut } = flowMarks(history.flows, report, scale);
  const exposure = exposureLines(shown, mostPoints);
  const spans = history.incidents.flatMap((incident) => incidentSpan(incident, scale) ?? []);
  return {
    timeline: chartOf(
      scale,
      [
        ...portfolioPanes(report, scale, flows),
        ...exposurePanes(exposure.lines, scale),
        ...(together ? paths.map((goal) => goalPane(goal, scale)) : []),
      ],
      spans,
    ),
    goals: together ? null : goalsChart(paths),
    isThinned: shown.length > mostPoints || paths.some(({ progress }) => progress.length > mostPoints),
    symbolsTogether: exposure.together,
    flowsLeftOut: leftOut,
  };
};

const within = (goal: GoalHistory, from: number | null): GoalHistory =>
  from === null
    ? goal
    : {
        ...goal,
        progress: goal.progress.filter(({ at }) => at >= from),
        adjustments: goal.adjustments.filter(({ at }) => at >= from),
      };

const runTogether = (progress: GoalHistory['progress'], first: number, last: number): boolean =>
  progress[0]!.at <= last + dayMs && progress.at(-1)!.at >= first - dayMs && progress.at(-1)!.at <= last + 2 * dayMs;

const goalsChart = (paths: readonly GoalHistory[]): PaneChart => {
  const times = paths.flatMap(({ progress }) => [progress[0]!.at, progress.at(-1)!.at]);
  const scale = scaleOf(Math.min(...times), Math.max(...times));
  return chartOf(
    scale,
    paths.map((goal) => goalPane(goal, scale)),
    [],
  );
};

type LineStyle = Pick<PaneLine, 'name' | 'shape' | 'colour'>;

const lineOf = (style: LineStyle, line: ThinLine, { seconds }: Scale): PaneLine => ({
  ...style,
  ...shortened(line, seconds),
});

const plain = { bound: 'none', lines: [], marks: [], levels: [] } as const;

const portfolioPanes = (
  { lines, history }: PortfolioReport,
  scale: Scale,
  flows: readonly PaneMarks[],
): readonly Pane[] => {
  const line = (style: LineStyle, values: Float64Array): PaneLine =>
    lineOf(style, thinLine(lines.time, values, mostPoints), scale);
  const isRebased = lines.breakerPct.some((pct, at) => Math.abs(pct - lines.drawdownPct[at]!) > 0.01);
  return [
    {
      ...plain,
      name: 'Equity',
      title: 'Equity, US dollars',
      height: 'tall',
      unit: 'usd',
      lines: [line({ name: 'Equity', shape: 'line', colour: 'up' }, lines.equity)],
      marks: flows,
    },
    {
      ...plain,
      name: 'Return',
      title: 'Return, without flows',
      height: 'middle',
      unit: 'percent',
      lines: [line({ name: 'Return', shape: 'line', colour: 2 }, lines.returnPct)],
      levels: [{ value: 0, label: '' }],
    },
    {
      ...plain,
      name: 'Drawdown',
      title: 'Drawdown',
      height: 'middle',
      unit: 'percent',
      bound: 'above',
      lines: [
        line({ name: 'Drawdown', shape: 'area', colour: 'down' }, lines.drawdownPct),
        ...(isRebased
          ? [line({ name: "Below the breaker's peak", shape: 'dashed', colour: 'ink' }, lines.breakerPct)]
          : []),
      ],
      levels: history.thresholds.map((threshold) => ({ value: -threshold, label: 'breaker' })),
    },
  ];
};

const exposurePanes = (lines: readonly (ThinLine & { readonly symbol: string })[], scale: Scale): readonly Pane[] => [
  {
    ...plain,
    name: 'Exposure',
    title: 'Exposure by symbol, US dollars',
    height: 'middle',
    unit: 'usd',
    bound: 'below',
    lines: lines.map((line, index) => lineOf({ name: line.symbol, shape: 'stack', colour: index }, line, scale)),
  },
];

const goalPane = (history: GoalHistory, scale: Scale): Pane => {
  const name = goalName(history.goal);
  const path = goalPath(history);
  const line = (style: LineStyle, values: Float64Array): PaneLine =>
    lineOf(style, thinLine(path.time, values, mostPoints), scale);
  const reachedAt = (at: number): number =>
    (history.progress.findLast((point) => point.at <= at) ?? history.progress[0]!).current;
  const points = history.adjustments
    .filter(({ at }) => at >= scale.start && at <= scale.end)
    .slice(-mostMarks)
    .map(({ at, kind, reason }) => {
      const said = [kind.replaceAll('_', ' '), reason].filter((text) => text !== null).join(': ');
      return [scale.seconds(at), rounded(reachedAt(at)), said] as const;
    });
  return {
    ...plain,
    name,
    title: `Goal: ${name}`,
    height: 'middle',
    unit: history.goal.type === 'monthly_return_pct' ? 'percent' : 'usd',
    lines: [
      line({ name: `${name} reached`, shape: 'line', colour: 'up' }, path.reached),
      line({ name: `${name} expected`, shape: 'dashed', colour: 'hold' }, path.expected),
    ],
    marks: points.length === 0 ? [] : [{ name: `${name} adjusted`, symbol: 'diamond', colour: 'ink', points }],
  };
};

/** Deposits and withdrawals on the equity's line; openings where an account was opened after the first snapshot. */
const flowMarks = (
  all: readonly FlowRecord[],
  { shown }: PortfolioReport,
  { start, end, seconds }: Scale,
): { readonly flows: readonly PaneMarks[]; readonly leftOut: number } => {
  const inside = all.filter(({ at, kind }) => at <= end && (kind === 'opening' ? at > start : at >= start));
  const drawn = inside.slice(-mostMarks);
  const marks = (name: string, symbol: PaneMarks['symbol'], colour: 'up' | 'down', isIn: boolean): PaneMarks => ({
    name,
    symbol,
    colour,
    points: drawn
      .filter(({ kind }) => (kind !== 'withdrawal') === isIn)
      .map(({ at, kind, asset, amount }) => {
        const point = shown.findLast((each) => each.at <= at) ?? shown[0]!;
        return [seconds(at), rounded(point.equity), `${kind} of ${quantityText(amount)} ${asset}`] as const;
      }),
  });
  return {
    flows: [marks('Money in', 'triangle', 'up', true), marks('Money out', 'pin-down', 'down', false)].filter(
      ({ points }) => points.length > 0,
    ),
    leftOut: inside.length - drawn.length,
  };
};
