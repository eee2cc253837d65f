import { pearson, percentile, periodsPerYear, sampleDeviation, sharpeRatio, tailMean } from '../backtest/statistics.ts';
import { fitColumns } from '../backtest/fit-columns.ts';
import { text, zero } from '../decimal.ts';
import { dayMs } from '../market/interval.ts';
import { openPositions } from './exposure.ts';
import { type DailyReturn, type IndexPoint, dailyReturns, indexDrawdownPct } from './index-series.ts';
import type { Valuation } from './valuation.ts';

/** The share of days, fraction, that value at risk leaves out. */
const tail = 0.05;

export interface RiskInput {
  readonly valuation: Valuation;
  /** Every reading of the equity index up to now, the oldest first. */
  readonly points: readonly IndexPoint[];
  /** BTC's last close of each UTC day, by the day's start; days without a candle are not there. */
  readonly btcCloses: ReadonlyMap<number, number>;
}

/** Columns of risk_metrics that are figures; null where one is not defined. */
export interface RiskFigures {
  /** US dollars that one day in twenty loses at least; negative where even such a day gains. */
  readonly var95: number | null;
  /** US dollars, mean of the days beyond that. */
  readonly cvar95: number | null;
  /** Standard deviation of daily returns · √365, fraction. */
  readonly volatility: number | null;
  readonly sharpe: number | null;
  /** Of every reading of the index, per cent, positive. */
  readonly maxDrawdownPct: number | null;
  readonly correlationBtc: number | null;
  /** 0 one asset, 1 evenly spread over those that are held. */
  readonly diversification: number | null;
  readonly positions: number;
  /** Fraction of equity. */
  readonly largestPosition: number | null;
}

export interface RiskReport {
  readonly figures: RiskFigures;
  /** Why a figure is null, by its name. */
  readonly reasons: Readonly<Record<string, string>>;
  /** Daily returns that it is drawn from. */
  readonly days: number;
}

type Figure = readonly [value: number | null, whyNot: string];

const worthOf = ({ equity }: Valuation): number => Number(text(equity));

/** A loss in US dollars from a return, as historical VaR and CVaR give it. */
const lossOf = (valuation: Valuation, returns: readonly number[], pick: typeof percentile): Figure => {
  if (returns.length === 0) return [null, 'there is no daily return yet'];
  if (!valuation.equity.gt(zero)) return [null, 'equity is not above zero'];
  const loss = -pick(returns, tail) * worthOf(valuation);
  return [loss === 0 ? 0 : loss, ''];
};

const volatilityOf = (returns: readonly number[]): Figure =>
  returns.length < 2
    ? [null, 'it takes two daily returns']
    : [sampleDeviation(returns) * Math.sqrt(periodsPerYear), ''];

const sharpeOf = (returns: readonly number[]): Figure => [
  sharpeRatio(returns),
  returns.length < 2 ? 'it takes two daily returns' : 'all daily returns are equal',
];

const correlationOf = (returns: readonly DailyReturn[], closes: ReadonlyMap<number, number>): Figure => {
  const pairs = returns.flatMap(({ day, value }) => {
    const close = closes.get(day);
    const before = closes.get(day - dayMs);
    return close === undefined || before === undefined || before <= 0 ? [] : [[value, close / before - 1] as const];
  });
  const correlation = pearson(
    pairs.map(([own]) => own),
    pairs.map(([, btc]) => btc),
  );
  const whyNot =
    pairs.length < 2 ? 'it takes two days on which candles of BTC are stored' : 'one of the two has not moved';
  return [correlation, whyNot];
};

/** What each asset adds to the equity or takes from it: of what is held, less what is owed of it. */
const weights = ({ assets, positions }: Valuation): readonly number[] => {
  const net = new Map(assets.map(({ asset, value }) => [asset, value ?? zero]));
  for (const { base, value, isOwed } of positions) {
    if (isOwed) net.set(base, (net.get(base) ?? zero).minus(value ?? zero));
  }
  const values = [...net.values()].filter((value) => !value.eq(zero)).map((value) => Math.abs(Number(text(value))));
  const total = values.reduce((sum, value) => sum + value, 0);
  return total > 0 ? values.map((value) => value / total) : [];
};

/** (1 − Σ wᵢ²) / (1 − 1/n), after Herfindahl. */
const diversificationOf = (valuation: Valuation): Figure => {
  const shares = weights(valuation);
  if (shares.length === 0) return [null, 'nothing that has a price is held'];
  if (shares.length === 1) return [0, ''];
  const concentration = shares.reduce((sum, share) => sum + share * share, 0);
  const spread = (1 - concentration) / (1 - 1 / shares.length);
  return [Math.max(0, Math.min(1, spread)), ''];
};

const largestOf = (valuation: Valuation): Figure => {
  const values = openPositions(valuation).flatMap(({ value }) => (value ? [Number(text(value))] : []));
  if (values.length === 0) return openPositions(valuation).length === 0 ? [0, ''] : [null, 'no position has a price'];
  if (!valuation.equity.gt(zero)) return [null, 'equity is not above zero'];
  return [Math.max(...values) / worthOf(valuation), ''];
};

/** Every figure of a risk snapshot, by the definitions of docs/metrics.md, from the equity index: flows change none of them. */
export const riskReport = ({ valuation, points, btcCloses }: RiskInput): RiskReport => {
  const daily = dailyReturns(points);
  const returns = daily.map(({ value }) => value);
  const defined = {
    var95: lossOf(valuation, returns, percentile),
    cvar95: lossOf(valuation, returns, tailMean),
    volatility: volatilityOf(returns),
    sharpe: sharpeOf(returns),
    maxDrawdownPct: (points.length === 0
      ? [null, 'the index has not been read yet']
      : [indexDrawdownPct(points), '']) as Figure,
    correlationBtc: correlationOf(daily, btcCloses),
    diversification: diversificationOf(valuation),
    largestPosition: largestOf(valuation),
  };
  const valueOf = (name: keyof typeof defined): number | null => defined[name][0];
  return {
    figures: {
      var95: valueOf('var95'),
      cvar95: valueOf('cvar95'),
      volatility: valueOf('volatility'),
      sharpe: valueOf('sharpe'),
      maxDrawdownPct: valueOf('maxDrawdownPct'),
      correlationBtc: valueOf('correlationBtc'),
      diversification: valueOf('diversification'),
      positions: openPositions(valuation).length,
      largestPosition: valueOf('largestPosition'),
    },
    reasons: Object.fromEntries(
      Object.entries(defined).flatMap(([name, [value, whyNot]]) => (value === null ? [[name, whyNot]] : [])),
    ),
    days: returns.length,
  };
};

/** Greatest magnitude of the columns of risk_metrics, by figure. */
const limits: Readonly<Record<string, number>> = {
  var95: 999_999_999_999_999_000,
  cvar95: 999_999_999_999_999_000,
  volatility: 999_999.9999,
  sharpe: 999_999.9999,
  maxDrawdownPct: 999_999.9999,
  correlationBtc: 9.9999,
  diversification: 9.9999,
  largestPosition: 9.9999,
};

/** Clamped to what the columns hold, with the value before of each that was. */
export const fitFigures = (figures: RiskFigures) => fitColumns({ ...figures }, limits);
