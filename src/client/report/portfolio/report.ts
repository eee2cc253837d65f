import type { EquityPoint } from '../../../adapters/postgres/portfolio-history.ts';
import type { IncidentRecord } from '../../../adapters/postgres/portfolio-incidents.ts';
import { monthName, monthOf } from '../../../domain/goals/period.ts';
import type { PortfolioHistory } from './history.ts';
import { marketEnd } from './incident-span.ts';

/** The lines of a portfolio, a value for each snapshot that is shown; NaN where it is not known. */
export interface PortfolioLines {
  /** Epoch ms. */
  readonly time: Float64Array;
  /** US dollars. */
  readonly equity: Float64Array;
  /** Per cent since the first snapshot that is shown, without what came from or went to the outside. */
  readonly returnPct: Float64Array;
  /** Per cent below the highest so far, zero or negative. */
  readonly drawdownPct: Float64Array;
  /** Per cent below the peak that the breaker counts from, which the end of an incident sets anew. */
  readonly breakerPct: Float64Array;
}

/** A UTC month, as far as it is shown. */
export interface MonthFigures {
  /** `2026-03` */
  readonly month: string;
  /** US dollars at its end. */
  readonly equity: number;
  readonly returnPct: number | null;
  /** US dollars that came from the outside, less what went there. */
  readonly netFlows: number | null;
  /** Per cent below the highest so far, zero or negative: the furthest. */
  readonly worstPct: number | null;
}

/** What is said of a portfolio, on a page and in a terminal. */
export interface PortfolioReport {
  readonly history: PortfolioHistory;
  readonly shown: readonly EquityPoint[];
  readonly lines: PortfolioLines;
  readonly newest: EquityPoint;
  readonly returnPct: number | null;
  /** Since the newest snapshot's UTC month began. */
  readonly monthPct: number | null;
  readonly drawdownPct: number | null;
  readonly breakerPct: number | null;
  readonly worst: { readonly pct: number; readonly at: number } | null;
  readonly months: readonly MonthFigures[];
  readonly open: readonly IncidentRecord[];
}

/** @param given With at least one snapshot at or after its `from`. */
export const portfolioReportOf = (given: PortfolioHistory): PortfolioReport => {
  const history = shownPart(given);
  const { points, from } = history;
  const shown = points.filter(({ at }) => from === null || at >= from);
  const drawdowns = drawdownsOf(points).slice(points.length - shown.length);
  const lines = linesOf(shown, drawdowns);
  const newest = shown.at(-1)!;
  return {
    history,
    shown,
    lines,
    newest,
    returnPct: known(lines.returnPct.at(-1)!),
    monthPct: growthPct(points.findLast(({ at }) => at <= monthOf(newest.at).from) ?? shown[0]!, newest),
    drawdownPct: known(lines.drawdownPct.at(-1)!),
    breakerPct: known(lines.breakerPct.at(-1)!),
    worst: worstOf(lines),
    months: monthsOf(shown, points[points.length - shown.length - 1] ?? null, drawdowns),
    open: history.incidents.filter(({ resolvedAt }) => resolvedAt === null),
  };
};

/** What is listed: flows, incidents and adjustments since `from`. A goal keeps its hours: what its path asks for counts from its month's start. */
const shownPart = (history: PortfolioHistory): PortfolioHistory => {
  const { from, flows, incidents, goals } = history;
  if (from === null) return history;
  return {
    ...history,
    flows: flows.filter(({ at }) => at >= from),
    incidents: incidents.filter((incident) => (marketEnd(incident) ?? from) >= from),
    goals: goals.map((goal) => ({ ...goal, adjustments: goal.adjustments.filter(({ at }) => at >= from) })),
  };
};

const known = (value: number): number | null => (Number.isNaN(value) ? null : value);

/** Growth of the equity index, per cent. */
const growthPct = (from: EquityPoint, to: EquityPoint): number | null =>
  from.index === null || to.index === null || from.index <= 0 ? null : (to.index / from.index - 1) * 100;

const belowPct = (index: number | null, peak: number | null): number =>
  index === null || peak === null || peak <= 0 ? Number.NaN : Math.min((index / peak - 1) * 100, 0);

const drawdownsOf = (points: readonly EquityPoint[]): readonly number[] => {
  let peak = 0;
  return points.map(({ index }) => {
    peak = Math.max(peak, index ?? 0);
    return belowPct(index, peak);
  });
};

const linesOf = (shown: readonly EquityPoint[], drawdowns: readonly number[]): PortfolioLines => {
  const first = shown.find(({ index }) => index !== null) ?? shown[0]!;
  return {
    time: Float64Array.from(shown, ({ at }) => at),
    equity: Float64Array.from(shown, ({ equity }) => equity),
    returnPct: Float64Array.from(shown, (point) => growthPct(first, point) ?? Number.NaN),
    drawdownPct: Float64Array.from(drawdowns),
    breakerPct: Float64Array.from(shown, ({ index, peakIndex }) => belowPct(index, peakIndex)),
  };
};

const worstOf = ({ time, drawdownPct }: PortfolioLines): PortfolioReport['worst'] => {
  let worst: PortfolioReport['worst'] = null;
  drawdownPct.forEach((pct, at) => {
    if (!Number.isNaN(pct) && (worst === null || pct < worst.pct)) worst = { pct, at: time[at]! };
  });
  return worst;
};

/** Each month counts from the last snapshot at or before its first instant; the first one from its own first where there is none. */
const monthsOf = (
  shown: readonly EquityPoint[],
  before: EquityPoint | null,
  drawdowns: readonly number[],
): readonly MonthFigures[] => {
  const months = Map.groupBy(
    shown.map((point, at) => ({ point, drawdown: drawdowns[at]! })),
    // What is seen at a month's first instant is the end of the one before.
    ({ point }) => monthName(before === null && point === shown[0] ? point.at : point.at - 1),
  );
  let previous = before;
  return [...months].map(([month, entries]) => {
    const start = previous ?? entries[0]!.point;
    const end = entries.at(-1)!.point;
    const falls = entries.map(({ drawdown }) => drawdown).filter((pct) => !Number.isNaN(pct));
    previous = end;
    return {
      month,
      equity: end.equity,
      returnPct: growthPct(start, end),
      netFlows: start.netFlows === null || end.netFlows === null ? null : end.netFlows - start.netFlows,
      worstPct: falls.length === 0 ? null : falls.reduce((least, pct) => Math.min(least, pct)),
    };
  });
};
