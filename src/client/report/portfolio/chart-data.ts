import { dayMs } from '../../../domain/market/interval.ts';
import { thinLine } from '../thin-line.ts';
import type { ThinLine } from '../thin-line.ts';
import { exposureLines } from './exposure-lines.ts';
import { flowMarks } from './flow-marks.ts';
import { drawnGoals, goalPane, goalsChart, runsTogether } from './goal-panes.ts';
import { incidentSpan } from './incident-span.ts';
import type { Pane, PaneChart, PaneLine, PaneMarks } from './panes.ts';
import type { PortfolioReport } from './report.ts';
import { chartOf, emptyPane, lineOf, mostPoints, scaleOf } from './scale.ts';
import type { Scale } from './scale.ts';

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

/** Bounded data for the charts of a portfolio of any age. */
export const portfolioCharts = (report: PortfolioReport): PortfolioCharts => {
  const { history, shown, newest } = report;
  const goals = drawnGoals(history.goals, history.from);
  const first = shown[0]!.at;
  const together = goals.every((goal) => runsTogether(goal, first, newest.at));
  const ends = together ? goals.map(({ path }) => path.time.at(-1)!) : [];
  // What has fired since the newest snapshot belongs to it.
  const fired = history.incidents.map(({ marketTime }) => marketTime).filter((at) => at < newest.at + dayMs);
  const scale = scaleOf(first, Math.max(newest.at, ...ends, ...fired));
  const flows = flowMarks(report, scale);
  const exposure = exposureLines(shown, mostPoints);
  const spans = history.incidents.flatMap((incident) => incidentSpan(incident, scale) ?? []);
  return {
    timeline: chartOf(
      scale,
      [
        ...portfolioPanes(report, scale, flows.marks),
        ...exposurePanes(exposure.lines, scale),
        ...(together ? goals.map((goal) => goalPane(goal, scale)) : []),
      ],
      spans,
    ),
    goals: together ? null : goalsChart(goals),
    isThinned: shown.length > mostPoints || goals.some(({ path }) => path.time.length > mostPoints),
    symbolsTogether: exposure.together,
    flowsLeftOut: flows.leftOut,
  };
};

const portfolioPanes = (
  { lines, history }: PortfolioReport,
  scale: Scale,
  flows: readonly PaneMarks[],
): readonly Pane[] => {
  const line = (style: Pick<PaneLine, 'name' | 'shape' | 'colour'>, values: Float64Array): PaneLine =>
    lineOf(style, thinLine(lines.time, values, mostPoints), scale);
  const isRebased = lines.breakerPct.some((pct, at) => Math.abs(pct - lines.drawdownPct[at]!) > 0.01);
  return [
    {
      ...emptyPane,
      name: 'Equity',
      title: 'Equity, US dollars',
      height: 'tall',
      unit: 'usd',
      lines: [line({ name: 'Equity', shape: 'line', colour: 'up' }, lines.equity)],
      marks: flows,
    },
    {
      ...emptyPane,
      name: 'Return',
      title: 'Return, without flows',
      height: 'middle',
      unit: 'percent',
      lines: [line({ name: 'Return', shape: 'line', colour: 2 }, lines.returnPct)],
      levels: [{ value: 0, label: '' }],
    },
    {
      ...emptyPane,
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
    ...emptyPane,
    name: 'Exposure',
    title: 'Exposure by symbol, US dollars',
    height: 'middle',
    unit: 'usd',
    bound: 'below',
    lines: lines.map((line, index) => lineOf({ name: line.symbol, shape: 'stack', colour: index }, line, scale)),
  },
];
