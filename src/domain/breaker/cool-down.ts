/** Times are epoch ms. */
export interface CoolDown {
  /** Market time of the environment when it fired, and until when it cools down. */
  readonly firedAt: number;
  readonly until: number;
  /** Wall time when it fired. */
  readonly triggeredAt: number;
}

export interface Clock {
  /** Market time of the environment; null without a candle. */
  readonly marketTime: number | null;
  /** Wall time. */
  readonly now: number;
  /** Whether any strategy trades in the environment, so that candles move its market time. */
  readonly runs: boolean;
}

/**
 * Whether a cool-down has passed. It counts market time; where no clock runs, which could stand still for ever, as much wall time since
 * it fired does as well.
 */
export const isCooledDown = ({ firedAt, until, triggeredAt }: CoolDown, { marketTime, now, runs }: Clock): boolean =>
  (marketTime !== null && marketTime >= until) || (!runs && now - triggeredAt >= until - firedAt);
