import { formatCount, formatPeriod, formatNumber, formatPercent, formatReturn } from './format.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { fact, tile } from './page-figures.ts';
import type { Report } from './report.ts';

/** Title, what was run on what, and the key figures. */
export const pageHead = (report: Report): Html => {
  const { definition, result, origin } = report.source;
  return html`<header>
    <p class="eyebrow">Backtest report</p>
    <div class="title">
      <h1>${definition.name}</h1>
      ${gateBadge(report)}
    </div>
    ${definition.description === undefined ? null : html`<p class="lead">${definition.description}</p>`}
    <dl class="facts">
      ${fact('Market', `${definition.symbol} · ${definition.interval}`)}
      ${fact('Side', definition.risk_params.side.toLowerCase())}
      ${fact('Period', `${formatPeriod(result.start_date, result.end_date)} (UTC)`)}
      ${fact('Bars', formatCount(report.source.columns.length))}
      ${fact('Capital', formatNumber(result.initial_capital, 0))} ${fact('Fee per side', feeText(report))}
      ${fact('Slippage', `${formatNumber(report.source.slippageBps, 0)} bp`)}
      ${report.source.volumeShare === null ? null : fact('Volume limit', formatPercent(report.source.volumeShare * 100, 0))}
      ${origin.kind === 'stored' ? fact('Version', `${origin.version}`) : null}
    </dl>
    ${keyFigures(report)}
  </header>`;
};

const feeText = ({ source: { feeRates } }: Report): string =>
  feeRates.maker === feeRates.taker
    ? formatPercent(feeRates.taker * 100)
    : `${formatPercent(feeRates.maker * 100)} maker, ${formatPercent(feeRates.taker * 100)} taker`;

const gateBadge = ({ gate }: Report): Html => {
  const met = gate.criteria.filter(({ pass }) => pass).length;
  return html`<a class="badge ${gate.pass ? 'up' : 'down'}" href="#gate"
    >${gate.pass ? '✓ Gate to paper passed' : `✗ Gate to paper: ${met} of ${gate.criteria.length} met`}</a
  >`;
};

const keyFigures = ({ source: { result }, hold }: Report): Html => {
  const against = (text: string): string => `buy and hold ${text}`;
  const winners = result.win_rate === null ? null : result.win_rate * 100;
  return html`<dl class="tiles">
    ${tile('Total return', shortReturn(result.total_return_pct), against(shortReturn(hold.total_return_pct)), result.total_return_pct)}
    ${tile('CAGR', shortReturn(result.cagr), against(shortReturn(hold.cagr)), result.cagr)}
    ${tile('Sharpe ratio', formatNumber(result.sharpe_ratio), against(formatNumber(hold.sharpe_ratio)))}
    ${tile('Max drawdown', formatPercent(result.max_drawdown_pct), against(formatPercent(hold.max_drawdown_pct)))}
    ${tile('Win rate', formatPercent(winners, 1), `of ${formatCount(result.total_trades)} closed trades`)}
    ${tile('Profit factor', formatNumber(result.profit_factor), 'gross profit / gross loss')}
  </dl>`;
};

/** Without digits after the point where there are enough before it. */
const shortReturn = (pct: number | null): string => formatReturn(pct, Math.abs(pct ?? 0) >= 1000 ? 0 : 2);
