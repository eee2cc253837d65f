import { formatReturn } from './format.ts';
import { heatMap } from './heat-map.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import type { Report } from './report.ts';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A table of years and months, each cell as deep in colour as its return is far from zero. */
export const monthlyReturnsSection = ({ source: { result } }: Report): Html => {
  const years = heatMap(result.monthly_returns);
  const furthest = Math.max(...years.flatMap((year) => year.months.map((pct) => Math.abs(pct ?? 0))), 0);
  const cell = (pct: number | null): Html =>
    pct === null
      ? html`<td class="none">·</td>`
      : html`<td style="background:${shade(pct, furthest)}">${formatReturn(pct, 1)}</td>`;
  return html`<section>
    <h2>Monthly returns</h2>
    <p>From the daily equity; the first and the last month count as far as the candles go.</p>
    <div class="scroll" tabindex="0" role="region" aria-label="Monthly returns">
      <table class="heat">
        <thead>
          <tr>
            <th scope="col">Year</th>
            ${months.map((month) => html`<th scope="col">${month}</th>`)}
            <th scope="col">Total</th>
          </tr>
        </thead>
        <tbody>
          ${years.map(
            (year) =>
              html`<tr>
                <th scope="row">${year.year}</th>
                ${year.months.map(cell)}
                <td class="total">${formatReturn(year.total, 1)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
};

/** From a breath of colour to half of it: text stays readable on the deepest. */
const shade = (pct: number, furthest: number): string => {
  const depth = furthest === 0 ? 0 : Math.round(8 + (Math.abs(pct) / furthest) * 42);
  return pct === 0
    ? 'var(--sunken)'
    : `color-mix(in srgb, var(--${pct > 0 ? 'up' : 'down'}) ${depth}%, var(--surface))`;
};
