import { type Decimal, dec, divide, floorToStep, min, one, rounding, zero } from '../domain/decimal.ts';
import type { OrderSide } from '../domain/orders/order.ts';
import type { FillBook } from './fill-book.ts';
import type { CandleSlice } from './candle-path.ts';

/** How the simulated book trades. Fees and shares are fractions, spread and slippage basis points; decimal text. */
export interface TradingRules {
  readonly makerFee: string;
  readonly takerFee: string;
  /**
   * `received`: base of a buy, quote of a sell, as Binance does; `BNB`: that at `bnbPrice`, while enough of it is free, on
   * markets without BNB.
   */
  readonly feeAsset: 'received' | 'quote' | 'BNB';
  /** Quote for one BNB. */
  readonly bnbPrice: string;
  /** Between bid and ask. */
  readonly spreadBps: string;
  /** Beyond the spread, for market orders. */
  readonly slippageBps: string;
  /** Largest quantity, in base, of one taker fill; null never splits. */
  readonly fillSplit: string | null;
  /** Share of a candle's volume that resting orders of one side get. */
  readonly volumeShare: string;
}

export const defaultRules: TradingRules = {
  makerFee: '0.001',
  takerFee: '0.001',
  feeAsset: 'received',
  bnbPrice: '600',
  spreadBps: '0',
  slippageBps: '0',
  fillSplit: null,
  volumeShare: '0.1',
};

const tenThousand = dec('10000');

/** `price` moved against the taker by `bps`, to the tick that is worse for the taker; unchanged where `bps` is zero. */
const worse = (price: Decimal, side: OrderSide, bps: Decimal, tick: Decimal): Decimal => {
  if (bps.eq(zero)) return price;
  const share = divide(bps, tenThousand, 12);
  const moved = price.times(side === 'BUY' ? one.plus(share) : one.minus(share));
  if (tick.eq(zero)) return moved;
  return divide(moved, tick, 0, side === 'BUY' ? rounding.up : rounding.down).times(tick);
};

/** Best ask for a buy, best bid for a sell. */
export const touchPrice = (last: Decimal, side: OrderSide, rules: TradingRules, tick: Decimal): Decimal =>
  worse(last, side, divide(dec(rules.spreadBps), dec('2'), 12), tick);

/** What a market order pays or gets. */
export const marketPrice = (last: Decimal, side: OrderSide, rules: TradingRules, tick: Decimal): Decimal =>
  worse(last, side, divide(dec(rules.spreadBps), dec('2'), 12).plus(dec(rules.slippageBps)), tick);

/** Whether a limit order would trade at once. */
export const isMarketable = (side: OrderSide, limit: Decimal, touch: Decimal): boolean =>
  side === 'BUY' ? limit.gte(touch) : limit.lte(touch);

/** The quantities in which a taker order fills. They add up to `quantity`. */
export const takerFills = (quantity: Decimal, rules: TradingRules): Decimal[] => {
  if (rules.fillSplit === null) return [quantity];
  const largest = dec(rules.fillSplit);
  const fills: Decimal[] = [];
  for (let left = quantity; left.gt(zero); left = left.minus(largest)) fills.push(min(left, largest));
  return fills;
};

export interface RestingOrder {
  readonly orderId: number;
  readonly side: OrderSide;
  readonly price: Decimal;
  /** What is left to fill, in base. */
  readonly remaining: Decimal;
}

/** Better price first, then the older order. */
const byPriority = (a: RestingOrder, b: RestingOrder): number =>
  (a.side === 'BUY' ? b.price.cmp(a.price) : a.price.cmp(b.price)) || a.orderId - b.orderId;

const isCrossed = (order: RestingOrder, slice: CandleSlice): boolean =>
  order.side === 'BUY' ? slice.low.lt(order.price) : slice.high.gt(order.price);

/**
 * What resting orders get of one slice of a candle: an order fills once the market trades through its limit (a touch is
 * not enough), and the orders of one side share `volumeShare` of the slice's volume by priority, in whole steps.
 */
export const restingFills = (
  orders: readonly RestingOrder[],
  slice: CandleSlice,
  rules: TradingRules,
  step: Decimal,
): { orderId: number; quantity: Decimal }[] =>
  (['BUY', 'SELL'] as const).flatMap((side) => {
    let available = floorToStep(slice.volume.times(dec(rules.volumeShare)), step);
    const crossed = orders.filter((order) => order.side === side && isCrossed(order, slice)).sort(byPriority);
    return crossed.flatMap(({ orderId, remaining }) => {
      const quantity = min(remaining, available);
      available = available.minus(quantity);
      return quantity.gt(zero) ? [{ orderId, quantity }] : [];
    });
  });

const smallestFee = dec('0.00000001');

/** Commission of one fill and its asset, rounded down to eight digits. */
export const commissionOf = (
  fill: { side: OrderSide; price: Decimal; quantity: Decimal; maker: boolean },
  assets: { base: string; quote: string },
  rules: TradingRules,
  book: Pick<FillBook, 'spend'>,
): { amount: Decimal; asset: string } => {
  const rate = dec(fill.maker ? rules.makerFee : rules.takerFee);
  if (rules.feeAsset === 'BNB' && assets.base !== 'BNB' && assets.quote !== 'BNB') {
    const fee = fill.quantity.times(fill.price).times(rate);
    const amount = divide(fee, dec(rules.bnbPrice), 8, rounding.down);
    if (book.spend('BNB', amount)) return { amount, asset: 'BNB' };
  }
  const inBase = fill.side === 'BUY' && rules.feeAsset !== 'quote';
  const amount = (inBase ? fill.quantity : fill.quantity.times(fill.price)).times(rate);
  return { amount: floorToStep(amount, smallestFee), asset: inBase ? assets.base : assets.quote };
};

/** What one unit of base at `price` locks: base for a sell; for a buy quote, with the fee where that is taken from it. */
export const lockPerUnit = (side: OrderSide, price: Decimal, rules: TradingRules): Decimal => {
  if (side === 'SELL') return one;
  if (rules.feeAsset !== 'quote') return price;
  const fee = dec(rules.makerFee).gt(dec(rules.takerFee)) ? dec(rules.makerFee) : dec(rules.takerFee);
  return price.times(one.plus(fee));
};
