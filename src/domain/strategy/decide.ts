import { nextBestPrice, protectionExit, protectionLevels } from '../fills/protection.ts';
import type { CandleColumns } from '../market/candle.ts';
import type { CompiledStrategy } from './compile.ts';
import type { IndicatorCache } from './indicator-cache.ts';
import type { StrategyCandles } from './operand-values.ts';

/** What a strategy holds and has working on its market, as of the newest closed candle. */
export interface Standing {
  readonly position: { readonly entryPrice: number; readonly openedAt: number } | null;
  readonly hasWorkingOrder: boolean;
  /** Venue time of its newest closing trade with a loss, epoch ms. */
  readonly lastLossAt: number | null;
  /** A paused strategy keeps its exits. */
  readonly mayEnter: boolean;
}

export interface Verdict {
  readonly kind: 'entry' | 'exit';
  readonly reason: string;
}

/**
 * What to do on the close of the last candle; null where there is nothing to do. An entry and an exit on one
 * close cancel out; after a loss, as many bars as the strategy says pass without an entry. Stops and targets are
 * judged by the candle's range and leave at the next open. A trailing stop follows the best price since the entry
 * within the columns handed in.
 * @param intervalMs Length of a candle.
 * @param cache as for `evaluateLast`
 */
export const decide = (
  strategy: CompiledStrategy,
  candles: StrategyCandles,
  standing: Standing,
  intervalMs: number,
  cache?: IndicatorCache,
): Verdict | null => {
  const { columns } = candles;
  if (standing.hasWorkingOrder || columns.length === 0) return null;
  const { risk_params: risk } = strategy.definition;
  if (standing.position) {
    const protection = protectionVerdict(strategy, columns, standing.position);
    if (protection) return protection;
    return strategy.evaluateLast(candles, cache).exit ? { kind: 'exit', reason: 'exit conditions met' } : null;
  }
  if (!standing.mayEnter) return null;
  if (standing.lastLossAt !== null) {
    const lossBar = standing.lastLossAt - (standing.lastLossAt % intervalMs);
    const fillBar = (columns.time[columns.length - 1] ?? 0) + intervalMs;
    if (fillBar <= lossBar + (risk.cooldown_bars_after_loss ?? 0) * intervalMs) return null;
  }
  const { entry, exit } = strategy.evaluateLast(candles, cache);
  return entry && !exit ? { kind: 'entry', reason: 'entry conditions met' } : null;
};

const protectionVerdict = (
  strategy: CompiledStrategy,
  columns: CandleColumns,
  position: { entryPrice: number; openedAt: number },
): Verdict | null => {
  const { risk_params: risk } = strategy.definition;
  const last = columns.length - 1;
  let best = position.entryPrice;
  for (let i = 0; i < last; i += 1) {
    if ((columns.time[i] ?? 0) < position.openedAt) continue;
    best = nextBestPrice(risk.side, best, { high: columns.high[i] ?? best, low: columns.low[i] ?? best });
  }
  const levels = protectionLevels(risk, position.entryPrice, best);
  const candle = { open: columns.open[last] ?? 0, high: columns.high[last] ?? 0, low: columns.low[last] ?? 0 };
  const exit = protectionExit(levels, risk.side, candle, 0);
  return exit ? { kind: 'exit', reason: exit.reason } : null;
};

/** Whether the last `bars` candles follow each other without a hole. */
export const isContiguous = (columns: CandleColumns, bars: number, intervalMs: number): boolean => {
  const first = Math.max(columns.length - bars, 0);
  for (let i = first + 1; i < columns.length; i += 1) {
    if ((columns.time[i] ?? 0) - (columns.time[i - 1] ?? 0) !== intervalMs) return false;
  }
  return true;
};
