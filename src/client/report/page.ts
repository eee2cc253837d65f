import { chartDataOf } from './chart-data.ts';
import type { ChartBounds } from './chart-data.ts';
import { formatCount } from './format.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { pageHead } from './page-head.ts';
import { monthlyReturnsSection } from './page-returns.ts';
import { robustnessSection } from './page-robustness.ts';
import { pageShell, timelineSection } from './page-shell.ts';
import { gateSection, metricsSection, tradesSection } from './page-tables.ts';
import type { Report } from './report.ts';

/** The page's own code, in the order that its modules need each other. */
const modules = ['series.js', 'timeline.js', 'distribution.js', 'main.js'] as const;

/** The report as one HTML page that needs nothing else. The same backtest gives the same bytes. */
export const reportPage = async (report: Report): Promise<string> => {
  const { data, bounds } = chartDataOf(report.source);
  const { name, symbol, interval } = report.source.definition;
  return await pageShell({
    title: `${name} · ${symbol} ${interval} · backtest report`,
    styles: ['page.css'],
    modules,
    data,
    content: [
      pageHead(report),
      timelineSection({
        title: 'Equity, drawdown and trades',
        name: 'timeline',
        label: 'Equity against buy and hold, drawdown, and price with entries and exits',
        notes: notesOf(report, bounds),
      }),
      monthlyReturnsSection(report),
      html`<div class="pair">${metricsSection(report)} ${gateSection(report)}</div>`,
      html`${distributionSection(report)} ${robustnessSection(report.robustness)} ${tradesSection(report)}`,
      rulesSection(report),
      html`<footer>${footerOf(report)}</footer>`,
    ],
  });
};

// Written as it is to stand in the page.
// prettier-ignore
const rulesSection = ({ source: { definition } }: Report): Html =>
  html`<section>
            <h2>The strategy</h2>
            <details>
              <summary>Its rules, as in the strategy file</summary>
              <pre>${JSON.stringify(definition, null, 2)}</pre>
            </details>
          </section>`;

const distributionSection = ({ source: { result } }: Report): Html =>
  html`<section>
    <h2>Distribution of trades</h2>
    <p>${formatCount(result.winning_trades)} gained, ${formatCount(result.losing_trades)} lost.</p>
    ${
      result.trade_log.length === 0
        ? html`<p class="lead">No trade was closed.</p>`
        : html`<div
            class="chart"
            data-chart="distribution"
            role="img"
            aria-label="Histogram of the trades' returns in per cent"
          ></div>`
    }
  </section>`;

/** What was left out of the picture so that it stays small. */
const notesOf = (
  { source: { notes, columns, definition, result } }: Report,
  bounds: ChartBounds,
): readonly string[] => {
  const trades = result.trade_log.length;
  return [
    bounds.aggregatedTo !== null &&
      `${formatCount(columns.length)} candles of ${definition.interval} are drawn as ${bounds.aggregatedTo} candles.`,
    bounds.linesThinned && 'Lines are thinned out; each stretch keeps its lowest and its highest value.',
    bounds.tradesDrawn < trades &&
      `Entries and exits of the newest ${formatCount(bounds.tradesDrawn)} of ${formatCount(trades)} trades are marked.`,
    bounds.linesLeftOut > 0 && `${formatCount(bounds.linesLeftOut)} more indicators are not drawn.`,
    ...notes,
  ].filter((note) => note !== false);
};

const footerOf = ({ source: { origin } }: Report): Html =>
  origin.kind === 'file'
    ? html`Strategy ${origin.strategyPath}, candles ${origin.candlesPath}. All times are UTC.`
    : html`Backtest ${origin.backtestId} of strategy ${origin.strategyId}, version
      ${origin.version}${origin.ranAt === null ? null : `, run at ${origin.ranAt}`}. All times are UTC.`;
