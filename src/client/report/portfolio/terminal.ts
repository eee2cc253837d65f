import type { GoalHistory } from '../../../adapters/postgres/portfolio-goals.ts';
import { triggerNames } from '../../breaker-text.ts';
import { facts } from '../../output.ts';
import { asciiChart } from '../ascii-chart.ts';
import { formatCount, formatDay, formatPercent, formatReturn, formatTime } from '../format.ts';
import { goalPath } from './goal-path.ts';
import { goalRows } from './goal-tables.ts';
import { warningsOf } from './head.ts';
import { lastedText } from './incidents.ts';
import { goalName, usdText } from './names.ts';
import type { PortfolioReport } from './report.ts';
import { riskRows } from './risk-rows.ts';

const barWidth = 36;
const mostBars = 12;

/** The report in a terminal of 80 columns: figures, and small pictures of equity, drawdown, exposure and the goals' paths. */
export const portfolioText = (report: PortfolioReport): string => {
  const { history, shown, newest, lines } = report;
  const drawdown = lines.drawdownPct.filter((pct) => !Number.isNaN(pct));
  return [
    `The ${history.environment} portfolio as of ${formatTime(newest.at)} UTC (market time)`,
    `${formatCount(shown.length)} readings since ${formatTime(shown[0]!.at)}`,
    ...warningsOf(report).map((warning) => `!! ${warning}`),
    '',
    facts(figuresOf(report)),
    '',
    'Equity, US dollars',
    asciiChart(lines.equity),
    ...(drawdown.length === 0 ? [] : ['', 'Drawdown, per cent below the highest so far', asciiChart(drawdown)]),
    '',
    ...exposureBars(report),
    ...history.goals.filter(({ goal }) => goal.status === 'active').flatMap(goalLines),
    ...incidentLines(report),
  ].join('\n');
};

const figuresOf = (report: PortfolioReport): Readonly<Record<string, string>> => {
  const { history, shown, newest, returnPct, monthPct, drawdownPct, worst } = report;
  const { state, reason } = history.state;
  return {
    Trading: reason === null ? state : `${state}: ${reason}`,
    Equity: usdText(newest.equity),
    'Return since the start': `${formatReturn(returnPct)} (${formatDay(shown[0]!.at)})`,
    'Return this month': formatReturn(monthPct),
    Drawdown: formatPercent(drawdownPct),
    'Worst drawdown': worst === null ? '–' : `${formatPercent(worst.pct)} (${formatDay(worst.at)})`,
    ...Object.fromEntries(
      riskRows(history.figures).map(({ figure, value, isMissing, meaning }) => [
        figure,
        isMissing ? `${value} ${meaning}` : value,
      ]),
    ),
  };
};

const exposureBars = ({ history: { exposure }, newest }: PortfolioReport): readonly string[] => {
  const held = Object.entries(exposure.bySymbol)
    .filter(([, value]) => value !== 0)
    .toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  if (held.length === 0) return ['Exposure: none'];
  const listed = held.slice(0, mostBars);
  const width = Math.max(...listed.map(([symbol]) => symbol.length));
  const texts = listed.map(([, value]) => usdText(value));
  const valueWidth = Math.max(...texts.map((text) => text.length));
  return [
    'Exposure by symbol, of equity',
    ...listed.map(([symbol, value], index) => {
      const share = newest.equity > 0 ? value / newest.equity : null;
      const bar = '█'.repeat(Math.max(1, Math.round((value / listed[0]![1]) * barWidth)));
      const pct = formatPercent(share === null ? null : share * 100, 1);
      return `${symbol.padEnd(width)}  ${texts[index]!.padStart(valueWidth)}  ${pct.padStart(7)}  ${bar}`;
    }),
    ...(held.length > listed.length ? [`and ${formatCount(held.length - listed.length)} more`] : []),
  ];
};

/** The path of the period that runs: a month's, or all of it. */
const goalLines = (history: GoalHistory): readonly string[] => {
  const [row] = goalRows([history]);
  const title = `Goal: ${goalName(history.goal)}, ${row!.standing}`;
  const path = goalPath(history);
  if (path.reached.length === 0) return ['', title];
  const from = path.reached.findLastIndex((value) => Number.isNaN(value)) + 1;
  const said = `${row!.current} reached, ${row!.expected} expected (dots)`;
  const picture = asciiChart(path.reached.slice(from), path.expected.slice(from));
  return ['', title, said, ...(path.reached.length - from > 1 ? [picture] : [])];
};

const incidentLines = ({ history: { incidents }, newest }: PortfolioReport): readonly string[] =>
  incidents.length === 0
    ? []
    : [
        '',
        'Incidents',
        ...incidents
          .slice(0, 5)
          .map(
            (incident) =>
              `${formatTime(incident.marketTime)}  event ${incident.eventId}, ${triggerNames[incident.trigger]}, ${incident.state}, ${lastedText(incident, newest.at)}`,
          ),
        ...(incidents.length > 5 ? [`and ${formatCount(incidents.length - 5)} earlier ones`] : []),
      ];
