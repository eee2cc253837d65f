import type { CandleColumns } from '../market/candle.ts';
import type { RiskParams } from '../strategy/definition.ts';
import {
  type ProtectionExit,
  type ProtectionLevels,
  nextBestPrice,
  protectionExit,
  protectionLevels,
} from './protection.ts';

/** A position by its entry: average price of the entry's fills, fees apart, and the venue time of the first, epoch ms. */
export interface HeldPosition {
  readonly entryPrice: number;
  readonly openedAt: number;
}

/** The protective order that would have closed a position, had it rested at the venue since the entry. */
export interface ProtectionTrigger {
  readonly type: 'STOP_LOSS' | 'TAKE_PROFIT';
  readonly reason: ProtectionExit['reason'];
  /** Price at which it rested, in quote. */
  readonly level: number;
  /** Open time of the candle that reached it, epoch ms. */
  readonly candleTime: number;
}

export interface FollowedProtection {
  /** The first candle that reached a level; null where none did. */
  readonly trigger: ProtectionTrigger | null;
  /** In force on the candle after the last one handed in, or where the trigger was. */
  readonly levels: ProtectionLevels;
}

/**
 * Follows a position's stop, trailing stop and target bar by bar since its entry, by the rules of the backtest, as far as the
 * columns handed in go back: a level that a candle reached while nobody looked is still found.
 * @param tickSize of the market; levels are rounded to it, 0 leaves them as they are. @param intervalMs length of a candle
 */
export const followProtection = (
  risk: Pick<RiskParams, 'side' | 'stop_loss_pct' | 'take_profit_pct' | 'trailing_stop_pct' | 'order'>,
  { time, open, high, low, length }: CandleColumns,
  { entryPrice, openedAt }: HeldPosition,
  tickSize: number,
  intervalMs: number,
): FollowedProtection => {
  const entryBar = openedAt - (openedAt % intervalMs);
  let best = entryPrice;
  let levels = protectionLevels(risk, entryPrice, best, tickSize);
  for (let i = 0; i < length; i += 1) {
    if (time[i]! < entryBar) continue;
    // What the candle did before a limit filled inside it is unknown: its stop counts, its target does not.
    const isInside = time[i] === entryBar && risk.order?.type === 'limit' && entryPrice !== open[i];
    const candle = { open: open[i]!, high: high[i]!, low: low[i]! };
    const exit = protectionExit(isInside ? { ...levels, target: null } : levels, risk.side, candle, 0);
    if (exit !== null) {
      const [type, level] =
        exit.reason === 'take_profit'
          ? (['TAKE_PROFIT', levels.target] as const)
          : (['STOP_LOSS', levels.stop] as const);
      const trigger = { type, reason: exit.reason, level: level ?? exit.price, candleTime: time[i]! };
      return { trigger, levels };
    }
    const better = isInside ? best : nextBestPrice(risk.side, best, candle);
    if (better === best) continue;
    best = better;
    levels = protectionLevels(risk, entryPrice, best, tickSize);
  }
  return { trigger: null, levels };
};
