import { intervalMs } from '../../domain/market/interval.ts';
import { alignedNumbers, formatCount, formatNumber, formatReturn, formatTime } from './format.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import type { Report } from './report.ts';

const mostTrades = 200;

export const metricsSection = ({ metrics }: Report): Html =>
  html`<section>
    <h2>Metrics</h2>
    <p>Buy and hold buys at the first open at the same costs, and never sells.</p>
    <div class="scroll" tabindex="0" role="region" aria-label="Metrics">
      <table>
        <thead>
          <tr>
            <th scope="col">Metric</th>
            <th scope="col">Strategy</th>
            <th scope="col">Buy and hold</th>
          </tr>
        </thead>
        <tbody>
          ${metrics.map(
            ({ metric, strategy, buyAndHold }) =>
              html`<tr>
                <th scope="row">${metric}</th>
                <td>${strategy}</td>
                <td>${buyAndHold ?? ''}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;

export const gateSection = ({ gate }: Report): Html =>
  html`<section id="gate">
    <h2>Gate: backtested → paper</h2>
    <p>
      Policy ${gate.policy}.
      ${gate.pass ? 'Every criterion is met.' : 'The strategy may not go on paper with this backtest.'}
    </p>
    <div class="scroll" tabindex="0" role="region" aria-label="Gate criteria">
      <table>
        <thead>
          <tr>
            <th scope="col">Criterion</th>
            <th scope="col">Required</th>
            <th scope="col">Actual</th>
            <th scope="col" class="text">Met</th>
          </tr>
        </thead>
        <tbody>
          ${gate.criteria.map(
            ({ name, required, actual, pass }) =>
              html`<tr>
                <th scope="row">${name}</th>
                <td>${required}</td>
                <td>${actual.replace(/^-/, '−')}</td>
                <td class="text ${pass ? 'up' : 'down'}">${pass ? '✓ yes' : '✗ no'}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;

const tradeColumns = [
  'Side',
  'Entry (UTC)',
  'Price',
  'Exit (UTC)',
  'Price',
  'Quantity',
  'Bars',
  'P&L',
  'Return',
  'Exit by',
];

/** The newest trades, the newest first; the others are counted. */
export const tradesSection = ({ source: { result, definition } }: Report): Html => {
  const trades = result.trade_log.slice(-mostTrades).toReversed();
  const left = result.trade_log.length - trades.length;
  const price = alignedNumbers(trades.flatMap((trade) => [trade.entry_price, trade.exit_price]));
  const quantity = alignedNumbers(
    trades.map((trade) => trade.quantity),
    5,
  );
  const barMs = intervalMs[definition.interval];
  const text = new Set(['Side', 'Entry (UTC)', 'Exit (UTC)', 'Exit by']);
  return html`<section>
    <h2>Trades</h2>
    <p>
      ${trades.length === 0 ? 'No trade was closed.' : `The newest first, P&L net of fees in quote currency.`}
      ${left > 0 ? `${formatCount(left)} earlier trades are not listed; mastertrade report --json has all.` : null}
    </p>
    ${
      trades.length === 0
        ? null
        : html`<div class="scroll tall" tabindex="0" role="region" aria-label="Trades">
            <table>
              <thead>
                <tr>
                  ${tradeColumns.map((name) => html`<th scope="col" class="${text.has(name) ? 'text' : ''}">${name}</th>`)}
                </tr>
              </thead>
              <tbody>
                ${trades.map((trade) => {
                  const bars = (Date.parse(trade.exit_time) - Date.parse(trade.entry_time)) / barMs;
                  const tone = trade.pnl > 0 ? 'up' : trade.pnl < 0 ? 'down' : '';
                  return html`<tr>
                    <td class="text">${trade.side.toLowerCase()}</td>
                    <td class="text">${formatTime(trade.entry_time)}</td>
                    <td>${price(trade.entry_price)}</td>
                    <td class="text">${formatTime(trade.exit_time)}</td>
                    <td>${price(trade.exit_price)}</td>
                    <td>${quantity(trade.quantity)}</td>
                    <td>${formatCount(bars)}</td>
                    <td class="${tone}">${formatNumber(trade.pnl)}</td>
                    <td class="${tone}">${formatReturn(trade.return_pct)}</td>
                    <td class="text">${trade.exit_reason.replaceAll('_', ' ')}</td>
                  </tr>`;
                })}
              </tbody>
            </table>
          </div>`
    }
  </section>`;
};
