import { type Decimal, dec, divide, floorToStep, one, rounding, text, zero } from '../decimal.ts';
import type { Candle } from '../market/candle.ts';
import type { Fill, OrderSide, OrderStatus, OrderType } from '../orders/order.ts';
import { limitFill, marketFillPrice } from './fill-model.ts';

/** Digits of a paper price: the seed's NUMERIC(20,8). */
const priceScale = 8;

export interface PaperOrder {
  readonly clientOrderId: string;
  readonly side: OrderSide;
  readonly type: OrderType;
  /** Decimal text; `price` is null for a market order. */
  readonly quantity: string;
  readonly price: string | null;
  /** Quote that it may spend, fee included; null where that does not limit it. */
  readonly budget: string | null;
  readonly stepSize: string;
  /** Market time from which candles count, and from which they no longer do: epoch ms. */
  readonly from: number;
  readonly cancelledAt: number | null;
}

export interface PaperCosts {
  /** Fractions of the notional, decimal text. */
  readonly maker: string;
  readonly taker: string;
  readonly slippageBps: number;
  readonly quote: string;
}

export interface PaperOutcome {
  readonly status: Extract<OrderStatus, 'open' | 'filled' | 'cancelled' | 'expired'>;
  readonly fills: readonly Fill[];
}

const rounded = (price: number): Decimal => divide(dec(price), dec('1'), priceScale);

const numeric = (candle: Candle) => ({
  open: Number(candle.open),
  high: Number(candle.high),
  low: Number(candle.low),
  close: Number(candle.close),
});

/** Where and how the first candle that fills the order fills it; a market order fills at the first open. */
const firstFill = (
  order: PaperOrder,
  candles: readonly Candle[],
  costs: PaperCosts,
): { price: number; at: number; rate: string } | null => {
  for (const candle of candles) {
    if (candle.time < order.from) continue;
    if (order.cancelledAt !== null && candle.time >= order.cancelledAt) return null;
    const bar = numeric(candle);
    if (order.type === 'MARKET')
      return { price: marketFillPrice(bar.open, order.side, costs.slippageBps), at: candle.time, rate: costs.taker };
    const price = limitFill({ side: order.side, limit: Number(order.price) }, bar);
    if (price !== null) return { price, at: candle.time, rate: costs.maker };
  }
  return null;
};

/** A gap beyond what was reserved fills what the reservation pays for, and the rest expires, as a market order does. */
const affordable = (order: PaperOrder, price: Decimal, rate: string): Decimal => {
  const wanted = dec(order.quantity);
  if (order.side === 'SELL' || order.budget === null) return wanted;
  const most = divide(dec(order.budget), price.times(one.plus(rate)), 18, rounding.down);
  return most.gte(wanted) ? wanted : floorToStep(most, dec(order.stepSize));
};

/**
 * What became of a paper order, from the stored candles alone: the same order over the same candles always has the
 * same fills, so asking twice repeats nothing. Fills by the rules that the back-test uses; the fee is in quote.
 */
export const paperOutcome = (order: PaperOrder, candles: readonly Candle[], costs: PaperCosts): PaperOutcome => {
  const fill = firstFill(order, candles, costs);
  if (!fill) return { status: order.cancelledAt === null ? 'open' : 'cancelled', fills: [] };
  const price = rounded(fill.price);
  const quantity = affordable(order, price, fill.rate);
  if (quantity.eq(zero)) return { status: 'expired', fills: [] };
  const commission = price.times(quantity).times(fill.rate);
  return {
    status: quantity.eq(order.quantity) ? 'filled' : 'expired',
    fills: [
      {
        tradeId: `${order.clientOrderId}-1`,
        price: text(price),
        quantity: text(quantity),
        commission: text(divide(commission, dec('1'), priceScale)),
        commissionAsset: costs.quote,
        executedAt: fill.at,
      },
    ],
  };
};
