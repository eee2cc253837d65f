import { triggerNames } from '../../breaker-text.ts';
import { formatCount, formatDay, formatPercent, formatReturn, formatTime } from '../format.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { fact, tile } from '../page-figures.ts';
import { usdText } from './names.ts';
import type { PortfolioReport } from './report.ts';

/** What the portfolio is worth, how it stands, and what a reader must know first. */
export const portfolioHead = (report: PortfolioReport): Html => {
  const { history, newest, shown } = report;
  return html`<header>
    <p class="eyebrow">Portfolio report</p>
    <div class="title">
      <h1>${history.environment === 'live' ? 'Live portfolio' : 'Paper portfolio'}</h1>
      ${stateBadge(report)}
    </div>
    ${warningsOf(report).map((warning) => html`<p class="warning" role="alert">${warning}</p>`)}
    <dl class="facts">
      ${fact('As of', `${formatTime(newest.at)} (UTC, market time)`)} ${fact('Since', formatTime(shown[0]!.at))}
      ${fact('Readings', formatCount(shown.length))}
      ${history.state.reason === null ? null : fact('Why', history.state.reason)}
    </dl>
    ${keyFigures(report)}
  </header>`;
};

const stateBadge = ({ history: { state }, open }: PortfolioReport): Html => {
  const why = open.map(({ trigger }) => triggerNames[trigger]).join(', ');
  return html`<a class="badge ${state.state === 'ACTIVE' ? 'up' : 'down'}" href="#incidents"
    >${state.state === 'ACTIVE' ? '✓ Trading is active' : `✗ ${stateText[state.state]}`}${why === '' ? null : ` · ${why}`}</a
  >`;
};

const stateText = { REDUCING: 'Reducing: no entries', HALTED: 'Halted' } as const;

/** A sentence each; the first things that a reader must know. */
export const warningsOf = ({ newest, shown }: PortfolioReport): readonly string[] => {
  const now = newest.unpriced;
  const before = shown.filter(({ unpriced }) => unpriced.length > 0).length;
  if (now.length > 0) {
    return [
      `${now.join(', ')} ${now.length === 1 ? 'has' : 'have'} no price: what is held of ${now.length === 1 ? 'it' : 'them'} is in no figure here.`,
    ];
  }
  return before === 0
    ? []
    : [
        `${formatCount(before)} earlier ${before === 1 ? 'snapshot leaves' : 'snapshots leave'} out assets that had no price then.`,
      ];
};

const keyFigures = (report: PortfolioReport): Html => {
  const { newest, shown, returnPct, monthPct, drawdownPct, breakerPct, worst, open, history } = report;
  const threshold = history.thresholds[0];
  const flows = newest.netFlows === null ? 'US dollars' : `${usdText(newest.netFlows)} put in`;
  return html`<dl class="tiles">
    ${tile('Equity', usdText(newest.equity), flows)}
    ${tile('Return', formatReturn(returnPct), `since ${formatDay(shown[0]!.at)}`, returnPct)}
    ${tile('This month', formatReturn(monthPct), monthText(newest.at), monthPct)}
    ${tile('Drawdown', formatPercent(drawdownPct), breakerText(breakerPct, threshold), drawdownPct)}
    ${tile('Worst drawdown', formatPercent(worst?.pct), worst === null ? '–' : formatDay(worst.at))}
    ${tile('Open incidents', formatCount(open.length), `${formatCount(history.incidents.length)} in all`, open.length === 0 ? null : -1)}
  </dl>`;
};

const monthText = (at: number): string =>
  new Date(at).toLocaleDateString('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' });

/** The breaker counts from a peak of its own. */
const breakerText = (pct: number | null, threshold: number | undefined): string => {
  if (threshold === undefined) return 'no breaker';
  return `${pct === null ? 'breaker' : `breaker counts ${formatPercent(pct)},`} fires at ${formatPercent(-threshold, 0)}`;
};
