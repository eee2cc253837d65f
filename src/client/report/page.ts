import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { chartDataOf } from './chart-data.ts';
import type { ChartBounds } from './chart-data.ts';
import { formatCount } from './format.ts';
import { html, scriptCode, scriptJson, trusted } from './html.ts';
import type { Html } from './html.ts';
import { pageHead } from './page-head.ts';
import { monthlyReturnsSection } from './page-returns.ts';
import { robustnessSection } from './page-robustness.ts';
import { gateSection, metricsSection, tradesSection } from './page-tables.ts';
import type { Report } from './report.ts';

/** The page's own code, in the order that its modules need each other. */
const modules = ['theme.js', 'panes.js', 'series.js', 'timeline.js', 'distribution.js', 'main.js'] as const;

const readBrowserFile = (name: string): Promise<string> =>
  readFile(new URL(`browser/${name}`, import.meta.url), 'utf8');

/**
 * The report as one HTML page that needs nothing else: style, chart library, data and code stand in it, and its content security policy
 * lets it load nothing and run no other script. The same backtest gives the same bytes.
 */
export const reportPage = async (report: Report): Promise<string> => {
  const echarts = await readFile(new URL(import.meta.resolve('echarts/dist/echarts.min.js')), 'utf8');
  const code = (await Promise.all(modules.map(readBrowserFile))).map(withoutModules).join('\n');
  const scripts = [scriptCode(echarts), scriptCode(`(() => {\n${code}})();`)];
  const css = await readBrowserFile('page.css');
  const { data, bounds } = chartDataOf(report.source);
  const { name, symbol, interval } = report.source.definition;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policyFor(scripts)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${name} · ${symbol} ${interval} · backtest report</title>
        <link rel="icon" href="data:," />
        <style>
          ${trusted(css)}
        </style>
      </head>
      <body>
        <main>
          ${pageHead(report)}
          <section>
            <h2>Equity, drawdown and trades</h2>
            <p>
              One crosshair for all panes; the slider below them zooms<span class="mouse"
                >, and so does the wheel while Ctrl is held</span
              >.
            </p>
            <noscript><p class="lead">The charts need JavaScript; the tables do not.</p></noscript>
            <div
              class="chart"
              data-chart="timeline"
              role="img"
              aria-label="Equity against buy and hold, drawdown, and price with entries and exits"
            ></div>
            ${notesOf(report, bounds)}
          </section>
          ${monthlyReturnsSection(report)}
          <div class="pair">${metricsSection(report)} ${gateSection(report)}</div>
          ${distributionSection(report)} ${robustnessSection(report.robustness)} ${tradesSection(report)}
          <section>
            <h2>The strategy</h2>
            <details>
              <summary>Its rules, as in the strategy file</summary>
              <pre>${JSON.stringify(report.source.definition, null, 2)}</pre>
            </details>
          </section>
          <footer>${footerOf(report)}</footer>
        </main>
        ${scriptElement(scriptJson(data), ' type="application/json" id="report-data"')}
        ${scripts.map((script) => scriptElement(script))}
      </body>
    </html> `;
  return page.markup;
};

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

/** A module's code for one scope with all others: a page on its own has nowhere to import from. */
const withoutModules = (code: string): string =>
  code.replaceAll(/^import [^;]+;$/gm, '').replaceAll(/^export (?=const )/gm, '');

/** Not a template: the hash that lets it run counts every space. */
const scriptElement = ({ markup }: Html, attributes = ''): Html => trusted(`<script${attributes}>${markup}</script>\n`);

/** Only the scripts of this page run, and nothing is fetched. */
const policyFor = (scripts: readonly Html[]): string => {
  const hashes = scripts.map(({ markup }) => `'sha256-${createHash('sha256').update(markup).digest('base64')}'`);
  return `default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src ${hashes.join(' ')}`;
};

/** What was left out of the picture so that it stays small. */
const notesOf = ({ source: { notes, columns, definition, result } }: Report, bounds: ChartBounds): Html => {
  const trades = result.trade_log.length;
  const all = [
    bounds.aggregatedTo !== null &&
      `${formatCount(columns.length)} candles of ${definition.interval} are drawn as ${bounds.aggregatedTo} candles.`,
    bounds.linesThinned && 'Lines are thinned out; each stretch keeps its lowest and its highest value.',
    bounds.tradesDrawn < trades &&
      `Entries and exits of the newest ${formatCount(bounds.tradesDrawn)} of ${formatCount(trades)} trades are marked.`,
    bounds.linesLeftOut > 0 && `${formatCount(bounds.linesLeftOut)} more indicators are not drawn.`,
    ...notes,
  ].filter((note) => note !== false);
  return all.length === 0
    ? html``
    : html`<ul class="notes">
        ${all.map((note) => html`<li>${note}</li>`)}
      </ul>`;
};

const footerOf = ({ source: { origin } }: Report): Html =>
  origin.kind === 'file'
    ? html`Strategy ${origin.strategyPath}, candles ${origin.candlesPath}. All times are UTC.`
    : html`Backtest ${origin.backtestId} of strategy ${origin.strategyId}, version
      ${origin.version}${origin.ranAt === null ? null : `, run at ${origin.ranAt}`}. All times are UTC.`;
