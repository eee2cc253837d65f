import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { html, scriptCode, scriptJson, trusted } from './html.ts';
import type { Html } from './html.ts';

/** What makes one report's page its own. Files are named below `browser/`. */
export interface ShellParts {
  readonly title: string;
  readonly styles: readonly string[];
  /** The page's own code, in the order that its modules need each other; it stands after `chartModules`, in the same scope. */
  readonly modules: readonly string[];
  /** What the code draws. */
  readonly data: unknown;
  /** What a person reads, from top to bottom. */
  readonly content: readonly Html[];
}

/** What draws a chart over time on any page, in the order that its modules need each other. */
const chartModules = ['theme.js', 'panes.js', 'lines.js', 'time-chart.js', 'charts.js'] as const;

const readBrowserFile = (name: string): Promise<string> =>
  readFile(new URL(`browser/${name}`, import.meta.url), 'utf8');

/**
 * One HTML page that needs nothing else: style, chart library, data and code stand in it, and its content security policy
 * lets it load nothing and run no other script. The same parts give the same bytes.
 */
export const pageShell = async ({ title, styles, modules, data, content }: ShellParts): Promise<string> => {
  const echarts = await readFile(new URL(import.meta.resolve('echarts/dist/echarts.min.js')), 'utf8');
  const code = (await Promise.all([...chartModules, ...modules].map(readBrowserFile))).map(withoutModules).join('\n');
  const scripts = [scriptCode(echarts), scriptCode(`(() => {\n${code}})();`)];
  const css = (await Promise.all(styles.map(readBrowserFile))).join('\n');
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policyFor(scripts)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        <style>
          ${trusted(css)}
        </style>
      </head>
      <body>
        <main>${lines(content)}</main>
        ${scriptElement(scriptJson(data), ' type="application/json" id="report-data"')}
        ${scripts.map((script) => scriptElement(script))}
      </body>
    </html> `;
  return page.markup;
};

/** A chart that the page's code draws: `name` is its `data-chart`, `label` says to those who do not see it what it shows. */
export interface ChartPlace {
  readonly title: string;
  readonly name: string;
  readonly label: string;
  /** What a reader must know about the picture, a sentence each. */
  readonly notes: readonly string[];
}

// Written as it is to stand in the page.
// prettier-ignore
export const timelineSection = ({ title, name, label, notes }: ChartPlace): Html =>
  html`<section>
            <h2>${title}</h2>
            <p>
              One crosshair for all panes; the slider below them zooms<span class="mouse"
                >, and so does the wheel while Ctrl is held</span
              >.
            </p>
            <noscript><p class="lead">The charts need JavaScript; the tables do not.</p></noscript>
            <div
              class="chart"
              data-chart="${name}"
              role="img"
              aria-label="${label}"
            ></div>
            ${notesList(notes)}
          </section>`;

const notesList = (notes: readonly string[]): Html =>
  notes.length === 0
    ? html``
    : html`<ul class="notes">
        ${notes.map((note) => html`<li>${note}</li>`)}
      </ul>`;

/** Each part on a line of its own. */
const lines = (parts: readonly Html[]): readonly Html[] => [
  ...parts.flatMap((part) => [trusted(`\n${' '.repeat(10)}`), part]),
  trusted(`\n${' '.repeat(8)}`),
];

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
