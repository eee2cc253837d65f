import { type Decimal, dec, floorToStep, text, zero } from '../decimal.ts';
import type { Market } from '../market/market-filters.ts';
import type { OrderSide, OrderType } from './order.ts';

/** Digits after the point that a quantity or a price may have anywhere: the scale of our NUMERIC columns. */
export const maxDecimals = 8;

/** What an order broke. LOT_SIZE, PRICE_FILTER and NOTIONAL are the venue's names; the others are ours. */
export type OrderRule =
  'QUANTITY' | 'PRICE' | 'REFERENCE_PRICE' | 'PRECISION' | 'LOT_SIZE' | 'PRICE_FILTER' | 'NOTIONAL';

/** An order as it was sized, not yet fitted to the market. Decimal text. */
export interface OrderDraft {
  readonly type: OrderType;
  readonly side: OrderSide;
  readonly quantity: string;
  /** Limit price; null for a market order. */
  readonly price: string | null;
  /** Price that values a market order's notional: the last trade or close. Ignored for a limit order. */
  readonly referencePrice: string | null;
}

export type OrderCheck =
  | { readonly ok: true; readonly quantity: string; readonly price: string | null }
  | { readonly ok: false; readonly rule: OrderRule; readonly message: string };

const plainDecimal = /^-?\d+(\.\d+)?$/;
const decimalsOf = (value: Decimal): number => (text(value).split('.')[1] ?? '').length;

const refused = (rule: OrderRule, message: string): OrderCheck => ({ ok: false, rule, message });

/** Null unless the text is a plain decimal above zero: NaN, Infinity, signs, exponents and blanks are not. */
const positive = (value: string | null): Decimal | null => {
  if (value === null || !plainDecimal.test(value)) return null;
  const parsed = dec(value);
  return parsed.gt(zero) ? parsed : null;
};

const checkQuantity = (asked: Decimal, { symbol, base, filters }: Market): OrderCheck | Decimal => {
  const quantity = floorToStep(asked, dec(filters.stepSize));
  if (quantity.eq(zero) || quantity.lt(dec(filters.minQuantity)))
    return refused(
      'LOT_SIZE',
      `${text(asked)} ${base} is below the smallest quantity of ${symbol} (${filters.minQuantity}, step ${filters.stepSize})`,
    );
  if (dec(filters.maxQuantity).gt(zero) && quantity.gt(dec(filters.maxQuantity)))
    return refused(
      'LOT_SIZE',
      `${text(quantity)} ${base} is above the largest quantity of ${symbol} (${filters.maxQuantity})`,
    );
  if (decimalsOf(quantity) > maxDecimals)
    return refused('PRECISION', `quantity ${text(quantity)} has more than ${maxDecimals} decimals`);
  return quantity;
};

const checkPrice = (price: Decimal, { symbol, filters }: Market): OrderCheck | null => {
  const tick = dec(filters.tickSize);
  if (!floorToStep(price, tick).eq(price))
    return refused(
      'PRICE_FILTER',
      `price ${text(price)} is not a multiple of the tick ${filters.tickSize} of ${symbol}`,
    );
  if (decimalsOf(price) > maxDecimals)
    return refused('PRECISION', `price ${text(price)} has more than ${maxDecimals} decimals`);
  return null;
};

const checkNotional = (quantity: Decimal, price: Decimal, { symbol, quote, filters }: Market): OrderCheck | null => {
  const notional = quantity.times(price);
  return notional.lt(dec(filters.minNotional))
    ? refused(
        'NOTIONAL',
        `${text(notional)} ${quote} is below the smallest notional of ${symbol} (${filters.minNotional} ${quote})`,
      )
    : null;
};

/**
 * Fits an order to its market and says whether the venue's filters allow it, in exact decimals. The quantity is
 * floored to the step (never raised); a price off the tick is refused, not rounded, because rounding would change the
 * decision. A market order is valued at `referencePrice` and comes back without a price.
 */
export const checkOrder = (draft: OrderDraft, market: Market): OrderCheck => {
  const asked = positive(draft.quantity);
  if (asked === null) return refused('QUANTITY', `quantity '${draft.quantity}' is not a decimal above zero`);
  const limit = draft.type === 'LIMIT';
  if (!limit && draft.price !== null)
    return refused('PRICE', `a market order takes no price, '${draft.price}' was given`);
  const price = positive(limit ? draft.price : draft.referencePrice);
  if (price === null)
    return limit
      ? refused('PRICE', `limit price '${draft.price}' is not a decimal above zero`)
      : refused('REFERENCE_PRICE', `reference price '${draft.referencePrice}' is not a decimal above zero`);
  const quantity = checkQuantity(asked, market);
  if ('ok' in quantity) return quantity;
  const refusal = (limit ? checkPrice(price, market) : null) ?? checkNotional(quantity, price, market);
  return refusal ?? { ok: true, quantity: text(quantity), price: limit ? text(price) : null };
};
