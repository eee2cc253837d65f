import { formatCount } from '../format.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { pageShell, timelineSection } from '../page-shell.ts';
import { portfolioCharts } from './chart-data.ts';
import type { PortfolioCharts } from './chart-data.ts';
import { goalsSection } from './goal-tables.ts';
import { portfolioHead } from './head.ts';
import { incidentsSection } from './incidents.ts';
import type { PortfolioReport } from './report.ts';
import { balancesSection, exposureSection, monthsSection, riskSection } from './tables.ts';

/** The page's own code, in the order that its modules need each other. */
const modules = ['portfolio/pane-series.js', 'portfolio/pane-chart.js', 'portfolio/main.js'] as const;

/** A portfolio's report as one HTML page that needs nothing else. The same history gives the same bytes. */
export const portfolioPage = async (report: PortfolioReport): Promise<string> => {
  const { timeline, goals, ...bounds } = portfolioCharts(report);
  const { environment } = report.history;
  return await pageShell({
    title: `${environment} portfolio · report`,
    styles: ['page.css', 'portfolio/portfolio.css'],
    modules,
    data: { timeline, goals },
    content: [
      portfolioHead(report),
      timelineSection({
        title: timeline.panes.length > 4 ? 'Equity, drawdown, exposure and goals' : 'Equity, drawdown and exposure',
        name: 'timeline',
        label:
          'Equity with flows, return, drawdown, incidents of the breaker, exposure by symbol, and paths of the goals',
        notes: notesOf(bounds),
      }),
      ...(goals === null
        ? []
        : [
            timelineSection({
              title: 'Paths of the goals',
              name: 'goals',
              label: 'What each goal has reached, and what its path expects',
              notes: ['Goals count the wall’s time, and this market is a replay: its time is another.'],
            }),
          ]),
      html`<div class="pair">${balancesSection(report)} ${riskSection(report)}</div>`,
      exposureSection(report),
      incidentsSection(report),
      goalsSection(report),
      monthsSection(report),
      footerOf(report),
    ],
  });
};

/** What was left out of the picture so that it stays small. */
const notesOf = ({ isThinned, symbolsTogether, flowsLeftOut }: Omit<PortfolioCharts, 'timeline' | 'goals'>) =>
  [
    isThinned && 'Lines are thinned out; each stretch keeps its lowest and its highest value.',
    symbolsTogether > 0 && `${formatCount(symbolsTogether)} symbols with the least exposure are drawn as one.`,
    flowsLeftOut > 0 && `${formatCount(flowsLeftOut)} earlier flows are not marked.`,
  ].filter((note) => note !== false);

const footerOf = ({ history: { environment } }: PortfolioReport): Html =>
  html`<footer>
    Snapshots of the ${environment} portfolio. Equity is all that has a price, less what shorts owe; US dollars by any
    of their coins count as one. All times are UTC.
  </footer>`;
