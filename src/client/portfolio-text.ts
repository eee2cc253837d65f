import { dayMs } from '../domain/market/interval.ts';
import { cell, facts, table, utc } from './output.ts';
import type { PortfolioView, Share, ShownBalance } from './portfolio-view.ts';
import { formatDay, formatNumber, formatPercent } from './report/format.ts';
import { usdText } from './report/portfolio/names.ts';
import { riskRows } from './report/portfolio/risk-rows.ts';

const usd = (value: string | null): string => usdText(value === null ? null : Number(value));

const figures = ({ at, equity, netFlows, profit, index, drawdownPct }: PortfolioView): string =>
  facts({
    'market time': utc(at),
    equity: usd(equity),
    'came from outside': usd(netFlows),
    earned: usd(profit),
    'equity index': formatNumber(index, 4, 4),
    'below its peak': formatPercent(drawdownPct),
  });

const balanceColumns = {
  asset: 'asset',
  free: 'free',
  locked: 'locked',
  total: 'total',
  price: 'price',
  value: 'value',
};

/** A price that is older than a day says so: nothing trades there any more. */
const priceText = ({ price, pricedAt }: ShownBalance, now: number | null): string => {
  if (price === null) return 'none';
  return now !== null && pricedAt !== null && now - pricedAt > dayMs ? `${price} (${formatDay(pricedAt)})` : price;
};

const balances = (view: PortfolioView): string =>
  table(
    view.balances.map((balance) => ({
      ...balance,
      price: priceText(balance, view.at),
      value: balance.value === null ? 'unknown' : usd(balance.value),
    })),
    balanceColumns,
  );

const exposure = (what: string, shares: readonly Share[]): string =>
  `By ${what}:\n${table(
    shares.map(({ name, value, pct }) => ({ name, value: usd(value), pct: formatPercent(pct) })),
    { [what]: 'name', value: 'value', 'of equity': 'pct' },
  )}`;

const exposures = ({ exposure: { bySymbol, byStrategy, bySide } }: PortfolioView): string =>
  bySymbol.length === 0
    ? 'Exposure: none, no position is open'
    : ['Exposure', exposure('symbol', bySymbol), exposure('strategy', byStrategy), exposure('side', bySide)].join('\n');

const dayText = (days: number | null): string => (days === 1 ? 'one daily return' : `${cell(days)} daily returns`);

const riskColumns = { figure: 'figure', value: 'value', '': 'meaning' };

const risk = ({ environment, risk: found }: PortfolioView): string =>
  found === null
    ? `Risk: no snapshot has been taken yet; --snapshot takes one, and a worker takes one every hour`
    : `Risk of ${environment} as of ${utc(found.at)}, from ${dayText(found.days)}\n${table(
        riskRows(found).map((row) => ({ ...row })),
        riskColumns,
      )}`;

const missing = ({ unpriced }: PortfolioView): readonly string[] =>
  unpriced.length === 0
    ? []
    : [
        `!! without a price, and in no figure here: ${unpriced.join(', ')}; store candles of a market of it in US dollars (mastertrade import)`,
      ];

/** What an environment holds, is worth and risks, for a person. */
export const portfolioText = (view: PortfolioView): string =>
  [
    `The ${view.environment} portfolio`,
    figures(view),
    ...missing(view),
    `Balances\n${balances(view)}`,
    exposures(view),
    risk(view),
  ].join('\n\n');
