import { type Interval, intervalMs } from '../../domain/market/interval.ts';

/** Market time that a drawdown cools down for: an hour, or twenty candles where that is longer. */
const coolDownHours = (interval: Interval): number => Math.max(1, (20 * intervalMs[interval]) / intervalMs['1h']);

/**
 * The part of the breaker's policy that the demo sets: a drawdown of 10 % halts. Its strategy loses too often, and a day is too short
 * a history, for the other triggers to say anything.
 */
export const breakerPolicy = (interval: Interval) => ({
  drawdown: { threshold: 10, coolDownHours: coolDownHours(interval), requiresApproval: false },
  lossStreak: null,
  volatilitySpike: null,
});
