import type { ClosedPosition } from './closed-position.ts';

/**
 * How many of the newest closed positions lost in a row, net of fees. One that broke even ends the row.
 * @param closed In the order in which they ended.
 */
export const lossStreak = (closed: readonly Pick<ClosedPosition, 'pnl'>[]): number =>
  closed.length - 1 - closed.findLastIndex(({ pnl }) => pnl.gte('0'));
