import { createRandom } from '../../random.ts';
import type { BacktestRun } from '../backtest-run.ts';
import { draw, equityFactors } from './resampling.ts';

/** The 5th, 50th and 95th percentile of something in the samples. */
export interface Percentiles {
  readonly p5: number;
  readonly p50: number;
  readonly p95: number;
}

/** What else the trades of a backtest could have come to. Drawdowns are those from trade to trade, not inside a trade. */
export interface MonteCarlo {
  readonly trades: number;
  readonly samples: number;
  readonly seed: number;
  /** Greatest drawdown of the trades in their own order, per cent. */
  readonly trade_drawdown_pct: number;
  /** Greatest drawdowns of the same trades in other orders, per cent. */
  readonly drawdown_pct: Percentiles;
  /** Fraction of the orders that have a greater drawdown than their own order. */
  readonly greater_drawdown_probability: number;
  /** Returns of as many trades drawn from them with replacement, per cent. */
  readonly return_pct: Percentiles;
  /** Fraction of those draws that lose. */
  readonly loss_probability: number;
}

export interface MonteCarloOptions {
  readonly samples?: number;
  readonly seed?: number;
}

const defaultSeed = 1;

/** As many as usual; fewer for very many trades, whose samples differ less, so that the cost stays within bounds. */
const samplesFor = (trades: number): number => Math.max(200, Math.min(1_000, Math.floor(1_000_000 / trades)));

/**
 * Shuffles the closed trades (their order was luck) and draws as many again with replacement (that there were these was luck too).
 * A trade counts with its return on equity: its net P&L by the capital and the net P&L of all trades closed before it.
 * The same input and seed give the same numbers everywhere.
 * @returns null under two closed trades.
 */
export const monteCarlo = (
  { input, trades }: Pick<BacktestRun, 'input' | 'trades'>,
  { samples = samplesFor(trades.length), seed = defaultSeed }: MonteCarloOptions = {},
): MonteCarlo | null => {
  if (trades.length < 2) return null;
  const factors = equityFactors(
    input.capital,
    trades.map(({ pnl }) => pnl),
  );
  const order = factors.slice();
  const random = createRandom(seed);
  const drawdowns = new Float64Array(samples);
  const returns = new Float64Array(samples);
  const own = drawdownOf(factors);
  let greater = 0;
  let losses = 0;
  for (let sample = 0; sample < samples; sample += 1) {
    const factor = draw(order, factors, random);
    const drawdown = drawdownOf(order);
    drawdowns[sample] = drawdown * 100;
    if (drawdown > own + tolerance) greater += 1;
    returns[sample] = (factor - 1) * 100;
    if (factor < 1) losses += 1;
  }
  return {
    trades: trades.length,
    samples,
    seed,
    trade_drawdown_pct: own * 100,
    drawdown_pct: percentilesOf(drawdowns),
    greater_drawdown_probability: greater / samples,
    return_pct: percentilesOf(returns),
    loss_probability: losses / samples,
  };
};

/** What another order of the same factors may differ by without being different. */
const tolerance = 1e-12;

/** Greatest fall from a peak as a fraction, the start being the first peak. */
const drawdownOf = (factors: Float64Array): number => {
  let equity = 1;
  let peak = 1;
  let worst = 0;
  for (let trade = 0; trade < factors.length; trade += 1) {
    equity *= factors[trade]!;
    if (equity > peak) peak = equity;
    else if (peak - equity > worst * peak) worst = (peak - equity) / peak;
  }
  return worst;
};

const percentilesOf = (values: Float64Array): Percentiles => {
  const sorted = values.slice().sort();
  return { p5: percentile(sorted, 0.05), p50: percentile(sorted, 0.5), p95: percentile(sorted, 0.95) };
};

/** Between the two nearest ranks in proportion (R's type 7, numpy's default). */
const percentile = (sorted: Float64Array, share: number): number => {
  const rank = (sorted.length - 1) * share;
  const below = sorted[Math.floor(rank)]!;
  return below + (sorted[Math.ceil(rank)]! - below) * (rank - Math.floor(rank));
};
