import { sliceColumns } from '../../market/columns.ts';
import { closedBy } from '../../market/informative.ts';
import { closeTimeOf } from '../../market/interval.ts';
import { compileStrategy } from '../../strategy/compile.ts';
import { createIndicatorCache } from '../../strategy/indicator-cache.ts';
import type { IndicatorCache } from '../../strategy/indicator-cache.ts';
import type { BacktestInput, BacktestRun, TradeRecord } from '../backtest-run.ts';
import { runBacktest } from '../engine.ts';
import { cutPoints } from './cut-points.ts';
import { lookBackOf, warmsUp } from './windows.ts';

/** What is compared of a run: its trades, the equity and the signals of each bar. */
export interface ObservedRun extends Pick<BacktestRun, 'trades' | 'equity'> {
  readonly signals: Uint8Array;
}

export type BacktestRunner = (input: BacktestInput) => ObservedRun;

/** A bar whose result is another one when the bars from `cut` on are not there. */
export interface LookaheadMismatch {
  readonly cut: number;
  readonly bar: number;
  readonly what: 'signals' | 'equity' | 'trades';
}

export interface LookaheadCheck {
  /** Places at which the candles were cut. */
  readonly checked: number;
  /** The first of each kind at each cut. */
  readonly mismatches: readonly LookaheadMismatch[];
  /** False also where nothing could be checked. */
  readonly pass: boolean;
}

const defaultCuts = 20;
/** Nothing is cut later than this: what looks ahead does so early as well. */
const lastCut = 250_000;

export interface LookaheadOptions {
  /** What is checked; the engine unless another is given. */
  readonly runner?: BacktestRunner;
  readonly cuts?: number;
}

/**
 * Runs a backtest again over candles that end early and compares everything before the cut exactly: what changes there has looked
 * ahead. Candles of other markets are cut at the same time. Three of four cuts lie where a trade was decided, entered or left; all
 * of them together cost two runs and a half, less for more bars than 250,000: those are cut no later.
 * @param whole the run over all candles; made by the runner where it is not given.
 */
export const lookaheadCheck = (
  input: BacktestInput,
  { runner = observedRun, cuts = defaultCuts }: LookaheadOptions = {},
  whole: ObservedRun = runner(input),
): LookaheadCheck => {
  const { firstBar = 0, columns, definition } = input;
  const lookBack = lookBackOf([definition]);
  const range = { from: Math.max(firstBar, lookBack.warmup) + 1, to: Math.min(columns.length, lastCut) };
  const parts = cutPoints(range, whole.trades, cuts)
    .map((cut) => ({ cut, part: cutAt(input, cut) }))
    .filter(({ part }) => warmsUp(part, lookBack));
  const mismatches = parts.flatMap(({ cut, part }) => differences(whole, runner(part), cut));
  return { checked: parts.length, mismatches, pass: parts.length > 0 && mismatches.length === 0 };
};

/** A run of the engine with what is compared of it. */
export const observed = ({ input, trades, equity }: BacktestRun, indicators?: IndicatorCache): ObservedRun => ({
  trades,
  equity,
  signals: compileStrategy(input.definition).signals(input, indicators),
});

export const observedRun: BacktestRunner = (input) => {
  const indicators = createIndicatorCache(Number.POSITIVE_INFINITY);
  return observed(runBacktest(input, { indicators }), indicators);
};

const cutAt = (input: BacktestInput, cut: number): BacktestInput => {
  const columns = sliceColumns(input.columns, 0, cut);
  if (input.markets === undefined) return { ...input, columns };
  const close = closeTimeOf(columns.time[cut - 1]!, input.definition.interval);
  const intervals = new Map(compileStrategy(input.definition).markets.map(({ key, interval }) => [key, interval]));
  const markets = Object.entries(input.markets).map(([key, candles]) => {
    const interval = intervals.get(key);
    return [key, interval === undefined ? candles : closedBy(candles, interval, close)] as const;
  });
  return { ...input, columns, markets: Object.fromEntries(markets) };
};

const differences = (whole: ObservedRun, part: ObservedRun, cut: number): readonly LookaheadMismatch[] => {
  const found = {
    signals: firstDifference(whole.signals, part.signals, cut),
    equity: firstDifference(whole.equity, part.equity, cut),
    trades: firstTradeDifference(whole.trades, part.trades, cut),
  };
  return (['signals', 'equity', 'trades'] as const).flatMap((what) => {
    const bar = found[what];
    return bar === null ? [] : [{ cut, bar, what }];
  });
};

const firstDifference = (
  whole: Float64Array | Uint8Array,
  part: Float64Array | Uint8Array,
  cut: number,
): number | null => {
  for (let bar = 0; bar < cut; bar += 1) if (whole[bar] !== part[bar]) return bar;
  return null;
};

/** The exit bar of the first trade closed before the cut that one of the runs does not have, or has otherwise. */
const firstTradeDifference = (
  whole: readonly TradeRecord[],
  part: readonly TradeRecord[],
  cut: number,
): number | null => {
  const closed = whole.filter(({ exitBar }) => exitBar < cut);
  const most = Math.max(closed.length, part.length);
  for (let index = 0; index < most; index += 1) {
    const [left, right] = [closed[index], part[index]];
    if (left === undefined || right === undefined) return (left ?? right)?.exitBar ?? null;
    if (!sameTrade(left, right)) return Math.min(left.exitBar, right.exitBar);
  }
  return null;
};

const sameTrade = (a: TradeRecord, b: TradeRecord): boolean =>
  a.side === b.side &&
  a.entryBar === b.entryBar &&
  a.exitBar === b.exitBar &&
  a.entryPrice === b.entryPrice &&
  a.exitPrice === b.exitPrice &&
  a.quantity === b.quantity &&
  a.pnl === b.pnl &&
  a.reason === b.reason &&
  a.exits.length === b.exits.length;
