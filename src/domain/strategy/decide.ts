import { type HeldPosition, type ProtectionTrigger, followProtection } from '../fills/follow-protection.ts';
import { isGiven } from '../fills/protection.ts';
import type { CandleColumns } from '../market/candle.ts';
import type { CompiledStrategy } from './compile.ts';
import type { RiskParams } from './definition.ts';
import type { IndicatorCache } from './indicator-cache.ts';
import type { StrategyCandles } from './operand-values.ts';

/** What a strategy holds and has working on its market, as of the newest closed candle. */
export interface Standing {
  readonly position: HeldPosition | null;
  /** An order that waits for no price: what rests as protection does not count. */
  readonly hasWorkingOrder: boolean;
  /** Venue time of its newest closing trade with a loss, epoch ms. */
  readonly lastLossAt: number | null;
  /** A paused strategy keeps its exits. */
  readonly mayEnter: boolean;
  /** Of the market; protective prices are rounded to it, 0 leaves them as they are. */
  readonly tickSize: number;
}

export interface Verdict {
  readonly kind: 'entry' | 'exit';
  readonly reason: string;
  /** Only of an exit by protection. */
  readonly trigger?: ProtectionTrigger;
}

/**
 * What to do on the close of the last candle; null where there is nothing to do. An entry and an exit on one
 * close cancel out; after a loss, as many bars as the strategy says pass without an entry. Stops, trailing stops and targets
 * are judged bar by bar since the entry, as far as the columns handed in go back, by the rules of the backtest: one that a
 * candle reached while nobody looked is still found.
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
    const protection =
      isProtected(risk) && protectionVerdict(strategy, columns, standing.position, standing.tickSize, intervalMs);
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
  position: HeldPosition,
  tickSize: number,
  intervalMs: number,
): Verdict | null => {
  const { trigger } = followProtection(strategy.definition.risk_params, columns, position, tickSize, intervalMs);
  return trigger && { kind: 'exit', reason: trigger.reason, trigger };
};

/** Whether a position of such a strategy may be closed without a signal. */
export const isProtected = ({ stop_loss_pct, take_profit_pct, trailing_stop_pct }: RiskParams): boolean =>
  [stop_loss_pct, take_profit_pct, trailing_stop_pct].some(isGiven);

/** Whether the last `bars` candles follow each other without a hole. */
export const isContiguous = (columns: CandleColumns, bars: number, intervalMs: number): boolean => {
  const first = Math.max(columns.length - bars, 0);
  for (let i = first + 1; i < columns.length; i += 1) {
    if ((columns.time[i] ?? 0) - (columns.time[i - 1] ?? 0) !== intervalMs) return false;
  }
  return true;
};
