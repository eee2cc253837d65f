import type { PositionSide } from '../orders/order.ts';
import type { RiskParams } from '../strategy/definition.ts';
import { exitSide, limitFill, marketFillPrice, stopFill } from './fill-model.ts';
import type { CandlePrices } from './fill-model.ts';

/** Where a position is closed without a signal. Prices in quote per base; null where there is none. */
export interface ProtectionLevels {
  readonly stop: number | null;
  readonly stopReason: 'stop_loss' | 'trailing_stop';
  readonly target: number | null;
}

export interface ProtectionExit {
  readonly price: number;
  readonly reason: 'stop_loss' | 'trailing_stop' | 'take_profit';
}

type ProtectiveParams = Pick<RiskParams, 'side' | 'stop_loss_pct' | 'take_profit_pct' | 'trailing_stop_pct'>;

/**
 * Levels in force during a candle. The trailing stop follows `bestPrice`, the best price from the entry up to the candle
 * before (`nextBestPrice`), never the candle's own high; the tighter of the two stops counts.
 * @param tickSize levels are rounded to it; 0 leaves them as they are.
 */
export const protectionLevels = (
  risk: ProtectiveParams,
  entryPrice: number,
  bestPrice: number,
  tickSize = 0,
): ProtectionLevels => {
  const long = risk.side === 'LONG';
  const adverse = (price: number, pct: number): number => price * (long ? 1 - pct / 100 : 1 + pct / 100);
  const fixed = isGiven(risk.stop_loss_pct) ? onTick(adverse(entryPrice, risk.stop_loss_pct), tickSize) : null;
  const trailing = isGiven(risk.trailing_stop_pct)
    ? onTick(adverse(bestPrice, risk.trailing_stop_pct), tickSize)
    : null;
  const target = isGiven(risk.take_profit_pct) ? onTick(adverse(entryPrice, -risk.take_profit_pct), tickSize) : null;
  if (trailing === null) return { stop: fixed, stopReason: 'stop_loss', target };
  const tighter = fixed === null || (long ? trailing > fixed : trailing < fixed);
  return { stop: tighter ? trailing : fixed, stopReason: tighter ? 'trailing_stop' : 'stop_loss', target };
};

/** The best price after a candle: its high for a LONG, its low for a SHORT, where better than before. */
export const nextBestPrice = (side: PositionSide, best: number, candle: { high: number; low: number }): number =>
  side === 'LONG' ? Math.max(best, candle.high) : Math.min(best, candle.low);

/**
 * Whether a candle closes a position by its protection, and at what price (slippage included for stops, none for targets).
 * A candle that touches both counts as stopped.
 */
export const protectionExit = (
  levels: ProtectionLevels,
  side: PositionSide,
  candle: CandlePrices,
  slippageBps: number,
): ProtectionExit | null => {
  const closing = exitSide(side);
  const stopped = levels.stop === null ? null : stopFill({ side: closing, stop: levels.stop }, candle);
  if (stopped !== null) return { price: marketFillPrice(stopped, closing, slippageBps), reason: levels.stopReason };
  const reached = levels.target === null ? null : limitFill({ side: closing, limit: levels.target }, candle);
  return reached === null ? null : { price: reached, reason: 'take_profit' };
};

/** Whether a percentage is set: null and absent both mean none. */
export const isGiven = (value: number | null | undefined): value is number => value !== null && value !== undefined;

/** The multiple of `tickSize` nearest to `price`, as the number its decimal text gives. */
export const onTick = (price: number, tickSize: number): number => {
  if (tickSize <= 0) return price;
  const perUnit = Math.round(1 / tickSize);
  const inverse = Math.abs(perUnit * tickSize - 1) < 1e-12;
  return inverse ? Math.round(price * perUnit) / perUnit : Math.round(price / tickSize) * tickSize;
};
