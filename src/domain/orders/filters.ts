import { type Decimal, dec, floorToStep, text, zero } from '../decimal.ts';
import type { Market } from '../market/market-filters.ts';
import type { OrderSide, OrderType, TimeInForce } from './order.ts';

/** Digits after the point that a quantity or a price may have anywhere: the scale of our NUMERIC columns. */
export const maxDecimals = 8;

/** What an order broke. LOT_SIZE, PRICE_FILTER and NOTIONAL are the venue's names; the others are ours. */
export type OrderRule =
  | 'QUANTITY'
  | 'PRICE'
  | 'STOP_PRICE'
  | 'TIME_IN_FORCE'
  | 'REFERENCE_PRICE'
  | 'PRECISION'
  | 'LOT_SIZE'
  | 'PRICE_FILTER'
  | 'NOTIONAL';

/** An order as it was sized or given, not yet fitted to the market. Decimal text. */
export interface OrderDraft {
  readonly type: OrderType;
  readonly side: OrderSide;
  readonly quantity: string;
  /** Limit; null for a market order, and for a stop that becomes one. */
  readonly price: string | null;
  /** Trigger of a STOP_LOSS, or of a TAKE_PROFIT that waits for one; absent and null both mean none. */
  readonly stopPrice?: string | null;
  /** Absent and null both mean what the type has by itself. */
  readonly timeInForce?: TimeInForce | null;
  /** Price that values a market order's notional: the last trade or close. Ignored where the order has a price. */
  readonly referencePrice: string | null;
}

/** Who chose the quantity: what a strategy's stake comes to is floored to the step, what a person gives is never changed. */
export type QuantityBy = 'strategy' | 'person';

export type OrderCheck =
  | {
      readonly ok: true;
      readonly quantity: string;
      readonly price: string | null;
      readonly stopPrice: string | null;
    }
  | OrderRefusal;

interface OrderRefusal {
  readonly ok: false;
  readonly rule: OrderRule;
  readonly message: string;
}

const plainDecimal = /^-?\d+(\.\d+)?$/;
const decimalsOf = (value: Decimal): number => (text(value).split('.')[1] ?? '').length;

const refused = (rule: OrderRule, message: string): OrderRefusal => ({ ok: false, rule, message });

/** Null unless the text is a plain decimal above zero: NaN, Infinity, signs, exponents and blanks are not. */
const positive = (value: string | null): Decimal | null => {
  if (value === null || !plainDecimal.test(value)) return null;
  const parsed = dec(value);
  return parsed.gt(zero) ? parsed : null;
};

const tooPrecise = (what: string, value: Decimal): OrderRefusal | null =>
  decimalsOf(value) > maxDecimals
    ? refused('PRECISION', `${what} ${text(value)} has more than ${maxDecimals} decimals`)
    : null;

const fitQuantity = (asked: Decimal, { symbol, base, filters }: Market, by: QuantityBy): OrderRefusal | Decimal => {
  const floored = floorToStep(asked, dec(filters.stepSize));
  const quantity = by === 'strategy' ? floored : asked;
  const unfit = tooPrecise('quantity', quantity);
  if (unfit) return unfit;
  if (quantity.eq(zero) || quantity.lt(dec(filters.minQuantity)) || floored.eq(zero))
    return refused(
      'LOT_SIZE',
      `${text(asked)} ${base} is below the smallest quantity of ${symbol} (${filters.minQuantity}, step ${filters.stepSize})`,
    );
  if (!quantity.eq(floored))
    return refused('LOT_SIZE', `${text(asked)} ${base} is not a multiple of the step ${filters.stepSize} of ${symbol}`);
  if (dec(filters.maxQuantity).gt(zero) && quantity.gt(dec(filters.maxQuantity)))
    return refused(
      'LOT_SIZE',
      `${text(quantity)} ${base} is above the largest quantity of ${symbol} (${filters.maxQuantity})`,
    );
  return quantity;
};

const checkPrice = (what: string, price: Decimal, { symbol, filters }: Market): OrderRefusal | null => {
  const unfit = tooPrecise(what, price);
  if (unfit) return unfit;
  return floorToStep(price, dec(filters.tickSize)).eq(price)
    ? null
    : refused('PRICE_FILTER', `${what} ${text(price)} is not a multiple of the tick ${filters.tickSize} of ${symbol}`);
};

const checkNotional = (quantity: Decimal, price: Decimal, { symbol, quote, filters }: Market): OrderRefusal | null => {
  const notional = quantity.times(price);
  return notional.lt(dec(filters.minNotional))
    ? refused(
        'NOTIONAL',
        `${text(notional)} ${quote} is below the smallest notional of ${symbol} (${filters.minNotional} ${quote})`,
      )
    : null;
};

const typeNames: Readonly<Record<OrderType, string>> = {
  MARKET: 'a market order',
  LIMIT: 'a limit order',
  STOP_LOSS: 'a stop',
  TAKE_PROFIT: 'a take-profit',
};

/** Which prices an order of each type has: always, never, or as it likes. */
const pricesOf: Readonly<Record<OrderType, Readonly<Record<'price' | 'stopPrice', 'needed' | 'none' | 'free'>>>> = {
  MARKET: { price: 'none', stopPrice: 'none' },
  LIMIT: { price: 'needed', stopPrice: 'none' },
  STOP_LOSS: { price: 'free', stopPrice: 'needed' },
  TAKE_PROFIT: { price: 'free', stopPrice: 'free' },
};

const checkTerms = ({ type, price, stopPrice = null, timeInForce = null }: OrderDraft): OrderRefusal | null => {
  const rules = pricesOf[type];
  const named = typeNames[type];
  if (rules.price === 'none' && price !== null)
    return refused('PRICE', `${named} takes no price, '${price}' was given`);
  if (rules.stopPrice === 'none' && stopPrice !== null)
    return refused('STOP_PRICE', `${named} takes no stop price, '${stopPrice}' was given`);
  if (rules.price === 'needed' && price === null) return refused('PRICE', `${named} needs a price`);
  if (rules.stopPrice === 'needed' && stopPrice === null) return refused('STOP_PRICE', `${named} needs a stop price`);
  if (type === 'TAKE_PROFIT' && price === null && stopPrice === null)
    return refused('PRICE', `${named} needs a price to rest at, or a stop price to wait for`);
  if (price !== null && positive(price) === null)
    return refused('PRICE', `price '${price}' is not a decimal above zero`);
  if (stopPrice !== null && positive(stopPrice) === null)
    return refused('STOP_PRICE', `stop price '${stopPrice}' is not a decimal above zero`);
  return timeInForce !== null && !hasTimeInForce({ type, price, stopPrice })
    ? refused(
        'TIME_IN_FORCE',
        `${price === null ? `${named} without a price` : `${named} that rests as a maker`} takes no time in force`,
      )
    : null;
};

/** Whether an order of such terms can be good till cancelled, or immediate: one with a limit that may also take. */
export const hasTimeInForce = ({ type, price, stopPrice }: Pick<OrderDraft, 'type' | 'price' | 'stopPrice'>): boolean =>
  price !== null && !(type === 'TAKE_PROFIT' && (stopPrice ?? null) === null);

/**
 * Fits an order to its market and says whether the venue's filters allow it, in exact decimals. A strategy's quantity is
 * floored to the step (never raised), a person's is refused where it is off it; so is any price off the tick: rounding would
 * change what was decided. The notional is that at the limit, else at the stop price, else at `referencePrice`.
 */
export const checkOrder = (draft: OrderDraft, market: Market, by: QuantityBy = 'strategy'): OrderCheck => {
  const asked = positive(draft.quantity);
  if (asked === null) return refused('QUANTITY', `quantity '${draft.quantity}' is not a decimal above zero`);
  const unfit = checkTerms(draft);
  if (unfit) return unfit;
  const price = positive(draft.price);
  const stopPrice = positive(draft.stopPrice ?? null);
  const value = price ?? stopPrice ?? positive(draft.referencePrice);
  if (value === null)
    return refused(
      'REFERENCE_PRICE',
      `no price of ${market.symbol} is known to value the order by ('${draft.referencePrice ?? ''}' is not a decimal above zero)`,
    );
  const quantity = fitQuantity(asked, market, by);
  if ('ok' in quantity) return quantity;
  const refusal =
    (price && checkPrice('price', price, market)) ??
    (stopPrice && checkPrice('stop price', stopPrice, market)) ??
    checkNotional(quantity, value, market);
  return (
    refusal ?? {
      ok: true,
      quantity: text(quantity),
      price: price && text(price),
      stopPrice: stopPrice && text(stopPrice),
    }
  );
};

/** Whether a row can hold the text as an amount: a plain decimal, not negative, that NUMERIC(20,8) has room for. */
export const isStorable = (value: string): boolean => /^\d{1,12}(\.\d+)?$/.test(value) && dec(value).lt('999999999999');

/** What venues take as a client order id. */
const clientOrderId = /^[a-zA-Z0-9_-]{1,36}$/;
export const isClientOrderId = (id: string): boolean => clientOrderId.test(id);
