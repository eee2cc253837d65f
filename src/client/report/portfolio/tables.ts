import type { Amounts } from '../../../adapters/postgres/portfolio-history.ts';
import { formatPercent, formatReturn, formatTime } from '../format.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { quantityText, usdText } from './names.ts';
import type { PortfolioReport } from './report.ts';
import { riskRows } from './risk-rows.ts';
import { dataTable, section, signed } from './table.ts';

const sharePct = (value: number | null, whole: number): string =>
  formatPercent(value === null || whole <= 0 ? null : (value / whole) * 100, 1);

export const balancesSection = ({ history, newest }: PortfolioReport): Html =>
  section('Balances', 'The most valuable first.', [
    history.balances.length === 0
      ? html`<p class="lead">Nothing is held.</p>`
      : dataTable({
          label: 'Balances',
          columns: ['Asset', 'Value', 'Of equity', 'Total', 'Locked'],
          rows: history.balances.map(({ asset, locked, total, value }) => [
            asset,
            value === null ? { text: 'no price', tone: 'down' } : usdText(value),
            sharePct(value, newest.equity),
            quantityText(total),
            quantityText(locked),
          ]),
        }),
  ]);

export const exposureSection = ({ history: { exposure }, newest }: PortfolioReport): Html => {
  const part = (what: string, amounts: Amounts): Html =>
    html`<article>
      ${dataTable({
        label: `Exposure by ${what.toLowerCase()}`,
        columns: [what, 'Value', 'Of equity'],
        rows: rowsOf(amounts, newest.equity),
      })}
    </article>`;
  const isFlat = [exposure.bySymbol, exposure.byStrategy, exposure.bySide].every(
    (each) => rowsOf(each, 1).length === 0,
  );
  return section('Exposure', 'What is at stake in open positions, at their marks.', [
    isFlat
      ? html`<p class="lead">Nothing is at stake.</p>`
      : html`<div class="exposure">
          ${part('Symbol', exposure.bySymbol)} ${part('Strategy', exposure.byStrategy)} ${part('Side', exposure.bySide)}
        </div>`,
  ]);
};

const rowsOf = (amounts: Amounts, equity: number) =>
  Object.entries(amounts)
    .filter(([, value]) => value !== 0)
    .toSorted(([a, x], [b, y]) => Math.abs(y) - Math.abs(x) || (a < b ? -1 : 1))
    .map(([name, value]) => [name, usdText(value), sharePct(value, equity)]);

export const riskSection = ({ history: { figures } }: PortfolioReport): Html =>
  section('Risk', `As of ${formatTime(figures.at)}, from returns without flows.`, [
    dataTable({
      label: 'Risk figures',
      columns: ['Figure', 'Value', '<'],
      rows: riskRows(figures).map(({ figure, value, meaning }) => [figure, value, { text: meaning, tone: 'quiet' }]),
    }),
  ]);

export const monthsSection = ({ months }: PortfolioReport): Html =>
  section(
    'Months',
    'The newest first: return and the furthest below the highest so far, both without flows, and equity at its end.',
    [
      dataTable({
        label: 'Months',
        columns: ['Month', 'Return', 'Drawdown', 'Equity', 'Flows'],
        rows: months
          .toReversed()
          .map(({ month, equity, returnPct, netFlows, worstPct }) => [
            month,
            signed(formatReturn(returnPct), returnPct),
            formatPercent(worstPct),
            usdText(equity),
            usdText(netFlows),
          ]),
        isTall: true,
        isWhole: true,
      }),
    ],
  );
