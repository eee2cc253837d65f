import type { OrderSide, PositionSide } from '../orders/order.ts';

/**
 * How orders fill against a candle: the one set of rules that the backtest and the paper venue share. Prices are
 * numbers in quote per base; an order is assumed to rest from the candle's open on.
 */
export interface CandlePrices {
  readonly open: number;
  readonly high: number;
  readonly low: number;
}

const basisPoint = 10_000;

/** A market order fills at `price` moved against it by `slippageBps` basis points. */
export const marketFillPrice = (price: number, side: OrderSide, slippageBps: number): number =>
  slippageBps === 0 ? price : price * (1 + (side === 'BUY' ? slippageBps : -slippageBps) / basisPoint);

/**
 * A limit order fills at the open where that is at its limit or better, else at its limit as soon as the candle touches it
 * (a touch is enough), else not at all. Makers pay no slippage.
 */
export const limitFill = (order: { side: OrderSide; limit: number }, candle: CandlePrices): number | null => {
  if (order.side === 'BUY') {
    if (candle.open <= order.limit) return candle.open;
    return candle.low <= order.limit ? order.limit : null;
  }
  if (candle.open >= order.limit) return candle.open;
  return candle.high >= order.limit ? order.limit : null;
};

/**
 * A stop order triggers at the open where the market gapped through it (and fills there), else at its level when the candle
 * touches it. The answer is before slippage: a triggered stop is a market order.
 */
export const stopFill = (order: { side: OrderSide; stop: number }, candle: CandlePrices): number | null => {
  if (order.side === 'SELL') {
    if (candle.open <= order.stop) return candle.open;
    return candle.low <= order.stop ? order.stop : null;
  }
  if (candle.open >= order.stop) return candle.open;
  return candle.high >= order.stop ? order.stop : null;
};

/** The greatest quantity (base) that one order takes of a candle: `share` (fraction) of its volume. */
export const volumeCap = (volume: number, share: number): number => volume * share;

export const entrySide = (side: PositionSide): OrderSide => (side === 'LONG' ? 'BUY' : 'SELL');
export const exitSide = (side: PositionSide): OrderSide => (side === 'LONG' ? 'SELL' : 'BUY');
