import { type Decimal, dec, divide, one, rounding, zero } from '../decimal.ts';
import type { Candle } from '../market/candle.ts';
import { limitFill, marketFillPrice, stopFill } from './fill-model.ts';
import { onStep, paperFills, paperPrice, pricesOf, withinVolume } from './paper-bar.ts';
import type { PaperTrade } from './paper-bar.ts';
import type { PaperCosts, PaperOrder, PaperOutcome } from './paper-order.ts';

/** Price and fee rate at which a candle fills an order; null where it does not. A stop that was triggered is a market order. */
const fillOn = (
  { type, side, price }: PaperOrder,
  candle: Candle,
  isTriggered: boolean,
  { maker, taker, slippageBps }: PaperCosts,
): { price: Decimal; rate: string } | null => {
  const bar = pricesOf(candle);
  const resting = type === 'LIMIT' || type === 'TAKE_PROFIT';
  const atOpen = type === 'MARKET' || isTriggered;
  const level = Number(price);
  const found = atOpen
    ? bar.open
    : resting
      ? limitFill({ side, limit: level }, bar)
      : stopFill({ side, stop: level }, bar);
  if (found === null) return null;
  return resting
    ? { price: paperPrice(found), rate: maker }
    : { price: paperPrice(marketFillPrice(found, side, slippageBps)), rate: taker };
};

/** A gap beyond what was reserved fills what the reservation pays for, and the rest expires, as a market order does. */
const affordable = (order: PaperOrder, price: Decimal, rate: string): Decimal => {
  const wanted = dec(order.quantity);
  if (order.side === 'SELL' || order.budget === null) return wanted;
  const most = divide(dec(order.budget), price.times(one.plus(rate)), 18, rounding.down);
  return most.gte(wanted) ? wanted : onStep(most, order.stepSize);
};

const isWorthwhile = (quantity: Decimal, price: Decimal, { minimum }: PaperOrder): boolean =>
  quantity.gt(zero) &&
  (minimum === undefined || (quantity.gte(minimum.quantity) && quantity.times(price).gte(minimum.notional)));

/** An entry takes what the first candle that fills it gives; the rest expires. */
const entryOutcome = (
  order: PaperOrder,
  candle: Candle,
  found: { price: Decimal; rate: string },
  costs: PaperCosts,
): PaperOutcome => {
  const { price, rate } = found;
  const wanted = affordable(order, price, rate);
  const quantity = withinVolume(wanted, candle, costs.volumeShare, order.stepSize);
  if (!isWorthwhile(quantity, price, order)) return { status: 'expired', fills: [] };
  return {
    status: quantity.eq(order.quantity) ? 'filled' : 'expired',
    fills: paperFills(order.clientOrderId, [{ price, quantity, rate, at: candle.time }], costs),
  };
};

/**
 * What became of a paper order, from the stored candles alone, by the rules that the backtest fills by: the same order over the
 * same candles always has the same fills, and more candles add to them without changing one. Prices have 8 digits; the fee is in quote.
 *
 * A market order fills at the first open, moved by the slippage. A LIMIT or TAKE_PROFIT waits for its price and pays the maker fee. A
 * STOP_LOSS waits for its trigger, fills there or at an open beyond it, and pays slippage and the taker fee. One order takes at most
 * `volumeShare` of a candle's volume: an exit goes on, a triggered stop at the next opens; of an entry the rest expires.
 */
export const paperOutcome = (order: PaperOrder, candles: readonly Candle[], costs: PaperCosts): PaperOutcome => {
  const trades: PaperTrade[] = [];
  let left = dec(order.quantity);
  let isTriggered = false;
  let bars = 0;
  const ended = (status: PaperOutcome['status']): PaperOutcome => ({
    status,
    fills: paperFills(order.clientOrderId, trades, costs),
  });
  for (const candle of candles) {
    if (candle.time < order.from) continue;
    if (order.cancelledAt !== null && candle.time >= order.cancelledAt) return ended('cancelled');
    bars += 1;
    const found = fillOn(order, candle, isTriggered, costs);
    if (found !== null) {
      if (order.reduceOnly !== true) return entryOutcome(order, candle, found, costs);
      isTriggered = order.type === 'STOP_LOSS';
      const quantity = withinVolume(left, candle, costs.volumeShare, order.stepSize);
      if (quantity.gt(zero)) trades.push({ ...found, quantity, at: candle.time });
      left = left.minus(quantity);
      if (left.eq(zero)) return ended('filled');
    }
    if (bars === order.expireBars && !isTriggered) return ended('expired');
  }
  if (order.cancelledAt !== null) return ended('cancelled');
  return ended(trades.length === 0 ? 'open' : 'partially_filled');
};
