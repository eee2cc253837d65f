import { html } from './html.ts';
import type { Html } from './html.ts';
import type { RobustnessCheck, RobustnessTable } from './robustness-check.ts';

export const robustnessSection = (checks: readonly RobustnessCheck[]): Html =>
  html`<section>
    <h2>Robustness</h2>
    <p>Whether the result holds beyond the data and the order of trades that made it.</p>
    ${checks.length === 0 ? html`<p class="lead">No checks were run with this backtest.</p>` : html`<div class="checks">${checks.map(checkOf)}</div>`}
  </section>`;

const checkOf = ({ title, summary, facts, tables }: RobustnessCheck): Html =>
  html`<article>
    <h3>${title}</h3>
    ${summary === null ? null : html`<p>${summary}</p>`}
    ${
      facts.length === 0
        ? null
        : html`<table>
            <tbody>
              ${facts.map(
                ({ label, value }) =>
                  html`<tr>
                    <th scope="row">${label}</th>
                    <td>${value}</td>
                  </tr>`,
              )}
            </tbody>
          </table>`
    }
    ${tables.map(tableOf)}
  </article>`;

const tableOf = ({ title, columns, rows }: RobustnessTable): Html =>
  html`<div class="scroll" tabindex="0" role="region" aria-label="${title}">
    <table>
      <thead>
        <tr>
          ${columns.map((column) => html`<th scope="col">${column}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([name, ...cells]) =>
            html`<tr>
              <th scope="row">${name}</th>
              ${cells.map((cell) => html`<td>${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
