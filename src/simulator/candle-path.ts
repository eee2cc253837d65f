import { type Decimal, dec, divide, floorToStep, max, min, rounding, roundToTick, text } from '../domain/decimal.ts';
import type { Candle } from '../domain/market/candle.ts';
import { type Direction, isReached } from './order-types.ts';

/**
 * What happens within one candle, which its four prices do not say: a rising candle goes open → low → high → close, a
 * falling one open → high → low → close, each leg straight and a third of the time.
 */
const corners = (candle: Candle): readonly [Decimal, Decimal, Decimal, Decimal] => {
  const [open, high, low, close] = [dec(candle.open), dec(candle.high), dec(candle.low), dec(candle.close)];
  return close.gte(open) ? [open, low, high, close] : [open, high, low, close];
};

/** Price `elapsed` ms after the open of a candle that lasts `duration` ms, on the tick between the corners. */
export const priceWithin = (candle: Candle, elapsed: number, duration: number, tick: Decimal): Decimal => {
  const path = corners(candle);
  if (elapsed <= 0) return path[0];
  if (elapsed >= duration) return path[3];
  const leg = Math.floor((elapsed * 3) / duration);
  const onLeg = elapsed * 3 - leg * duration;
  const [from, to] = [path[leg] ?? path[0], path[leg + 1] ?? path[3]];
  if (onLeg === 0) return from;
  return roundToTick(from.plus(divide(to.minus(from).times(dec(onLeg)), dec(duration), 12)), tick);
};

/**
 * When and at what price the path first stands at a stop price or beyond it, in a part of a candle (ms since its open):
 * the stop price itself, or the price of the moment `from` where that is beyond it already. Null where it does not.
 */
export const firstReach = (
  candle: Candle,
  part: { readonly from: number; readonly to: number; readonly duration: number; readonly tick: Decimal },
  stop: { readonly price: Decimal; readonly direction: Direction },
): { readonly elapsed: number; readonly price: Decimal } | null => {
  const { from, to, duration, tick } = part;
  const reached = (price: Decimal): boolean => isReached(price, stop.price, stop.direction);
  const first = priceWithin(candle, from, duration, tick);
  if (reached(first)) return { elapsed: from, price: first };
  const path = corners(candle);
  for (const [leg, start] of path.slice(0, 3).entries()) {
    const end = path[leg + 1] ?? path[3];
    if ((leg + 1) * duration < from * 3 || !reached(end)) continue;
    const onLeg = divide(stop.price.minus(start).times(dec(duration)), end.minus(start), 0, rounding.up);
    const elapsed = Math.max(from, Math.ceil((leg * duration + Number(text(onLeg))) / 3));
    return elapsed > to ? null : { elapsed, price: stop.price };
  }
  return null;
};

/** What traded in a part of a candle. */
export interface CandleSlice {
  readonly low: Decimal;
  readonly high: Decimal;
  readonly volume: Decimal;
}

/** The part of a candle from `from` to `to`, both in ms since its open. */
export const sliceOf = (candle: Candle, from: number, to: number, duration: number, tick: Decimal): CandleSlice => {
  const path = corners(candle);
  const passed = [
    priceWithin(candle, from, duration, tick),
    ...path.filter((_, corner) => corner * duration >= from * 3 && corner * duration <= to * 3),
    priceWithin(candle, to, duration, tick),
  ];
  const share = dec(candle.volume).times(dec(to - from));
  return {
    low: passed.reduce(min),
    high: passed.reduce(max),
    volume:
      to - from === duration ? dec(candle.volume) : floorToStep(divide(share, dec(duration), 12), dec('0.00000001')),
  };
};

/** An open candle as it stands `elapsed` ms after its open. */
export const partialCandle = (candle: Candle, elapsed: number, duration: number, tick: Decimal): Candle => {
  const slice = sliceOf(candle, 0, elapsed, duration, tick);
  return {
    time: candle.time,
    open: candle.open,
    high: text(slice.high),
    low: text(slice.low),
    close: text(priceWithin(candle, elapsed, duration, tick)),
    volume: text(slice.volume),
  };
};
