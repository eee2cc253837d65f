import type { Candle } from '../market/candle.ts';
import type { PaperCosts, PaperOrder, PaperOutcome } from './paper-order.ts';
import { createPaperWalk } from './paper-walk.ts';
import type { PaperWalk } from './paper-walk.ts';

/** A stop and a target that were placed together: whichever is triggered or trades first ends the other. */
export interface PaperPair {
  readonly stop: PaperOrder;
  readonly target: PaperOrder;
}

const isCancelledBy = (order: PaperOrder, walk: PaperWalk, time: number): boolean =>
  !walk.isOver() && order.cancelledAt !== null && time >= order.cancelledAt;

/**
 * What became of both orders of a pair, by the rules of `paperOutcome`. The stop comes first on a candle that touches both: what the
 * candle did first is unknown. An order that has filled in part, or was triggered, leaves the other `expired`; a cancel of the one that still
 * works cancels both.
 */
export const pairOutcome = (
  { stop, target }: PaperPair,
  candles: readonly Candle[],
  costs: PaperCosts,
): { readonly stop: PaperOutcome; readonly target: PaperOutcome } => {
  const stopWalk = createPaperWalk(stop, costs);
  const targetWalk = createPaperWalk(target, costs);
  const isCancelledAt = (time: number): boolean =>
    isCancelledBy(stop, stopWalk, time) || isCancelledBy(target, targetWalk, time);
  const end = (status: 'cancelled' | 'expired'): void => {
    stopWalk.end(status);
    targetWalk.end(status);
  };
  const step = (walk: PaperWalk, other: PaperWalk, candle: Candle): void => {
    if (walk.isOver()) return;
    walk.pass(candle);
    if (walk.hasStarted() || walk.isOver()) other.end('expired');
  };

  for (const candle of candles) {
    if (candle.time < Math.max(stop.from, target.from)) continue;
    if (isCancelledAt(candle.time)) break;
    step(stopWalk, targetWalk, candle);
    step(targetWalk, stopWalk, candle);
  }
  if (isCancelledAt(Infinity)) end('cancelled');
  return { stop: stopWalk.outcome(), target: targetWalk.outcome() };
};
