import type { Store } from '../adapters/postgres/store.ts';
import type { OrderIntent, OrderTerms } from '../contracts/order-intent.ts';
import type { Venue } from '../contracts/venue.ts';
import { type Decimal, type Money, dec, roundToTick, sum, text, zero } from '../domain/decimal.ts';
import { entryLimit } from '../domain/fills/entry-limit.ts';
import { paperPrice } from '../domain/fills/paper-bar.ts';
import { neutralSettings } from '../domain/goals/risk-settings.ts';
import type { Market } from '../domain/market/market-filters.ts';
import { type OrderDraft, hasTimeInForce } from '../domain/orders/filters.ts';
import type { TimeInForce } from '../domain/orders/order.ts';
import { scaledStake } from '../domain/orders/scaled-stake.ts';
import { quantityOfStake, sizeEntry, sizeExit, stakeInQuote } from '../domain/orders/sizing.ts';
import type { EntryOrder, RiskParams } from '../domain/strategy/definition.ts';

/** What an intent comes to, before any rule was looked at. */
export interface IntendedOrder extends OrderDraft {
  readonly stopPrice: string | null;
  readonly timeInForce: TimeInForce | null;
  readonly reduceOnly: boolean;
  /** Quote that an entry on paper spends at whatever price it fills, decimal text; null where the quantity is what counts. */
  readonly stake: string | null;
  /** What an entry's own stake was multiplied by, decimal text; null where the order was not sized by one. */
  readonly riskScale: string | null;
}

/** Of an intent that is refused before it is sized. */
export const unsized = ({ side, kind, referencePrice }: OrderIntent): IntendedOrder => ({
  type: 'MARKET',
  side,
  quantity: '0',
  price: null,
  stopPrice: null,
  timeInForce: null,
  referencePrice,
  reduceOnly: kind === 'exit',
  stake: null,
  riskScale: null,
});

/** By a person's own terms: nothing of them is changed. */
export const givenOrder = (intent: OrderIntent, terms: OrderTerms): IntendedOrder => {
  const { type, quantity, price, stopPrice, reduceOnly } = terms;
  return {
    type,
    side: intent.side,
    quantity,
    price,
    stopPrice,
    timeInForce: terms.timeInForce ?? (hasTimeInForce(terms) ? 'GTC' : null),
    referencePrice: intent.referencePrice,
    reduceOnly,
    stake: null,
    riskScale: null,
  };
};

/** Where a limit entry rests: the backtest's number as the decimal of its tick. Market orders carry no price. */
const limitPrice = (intent: OrderIntent, entry: EntryOrder | undefined, market: Market): Decimal | null => {
  if (intent.kind === 'exit' || entry?.type !== 'limit') return null;
  const { tickSize } = market.filters;
  const price = entryLimit(Number(intent.referencePrice), intent.side, entry, Number(tickSize));
  return Number(tickSize) === 0 ? paperPrice(price) : roundToTick(dec(price), dec(tickSize));
};

/** What is held, as far as the account has it: a short owes its base, a long has to sell it. */
const exitQuantity = async (
  store: Store,
  intent: OrderIntent,
  market: Market,
  free: (asset: string) => Money,
): Promise<Decimal> => {
  const positions = await store.positions.of(intent.strategyId);
  const held = positions.find(
    (position) => position.symbol === intent.symbol && position.environment === intent.environment,
  );
  if (!held) return zero;
  const quantity = dec(held.quantity);
  const stepSize = dec(market.filters.stepSize);
  if (held.side === 'SHORT') return sizeExit(quantity, quantity, stepSize);
  // What its own protection has reserved is taken back before the exit is sent.
  const own = (await store.protection.orders(intent)).map((order) => dec(order.reservedAmount ?? '0'));
  return sizeExit(quantity, free(market.base).plus(sum(own)), stepSize);
};

/**
 * Sized by the strategy's risk parameters, as the goals have scaled them, and what is free, or by what is held. An entry on paper has a stake, so that its
 * quantity follows from the price at which it fills, as in a backtest; until then it is that at the decision's price.
 */
export const sizedOrder = async (
  store: Store,
  venue: Venue,
  intent: OrderIntent,
  market: Market,
  ownRisk: RiskParams,
): Promise<IntendedOrder> => {
  const isEntry = intent.kind === 'entry';
  const [balances, fees, settings] = await Promise.all([
    store.balances.read({ environment: venue.environment, exchange: venue.id }),
    venue.feeRates(intent.symbol),
    isEntry ? store.riskSettings.read(venue.environment) : neutralSettings,
  ]);
  const free = (asset: string): Money => balances.get(asset)?.free ?? zero;
  const limit = limitPrice(intent, ownRisk.order, market);
  const takerFee = dec(fees.taker);
  const stepSize = dec(market.filters.stepSize);
  const price = limit ?? dec(intent.referencePrice);
  const freeQuote = free(market.quote);
  const { risk, factor } = scaledStake(ownRisk, settings, freeQuote);
  const entry = { riskParams: risk, freeQuote, referencePrice: price, takerFee, stepSize };
  const stake = isEntry && venue.environment === 'paper' ? stakeInQuote(entry) : null;
  const maxQuantity = dec(market.filters.maxQuantity);
  const quantity = stake
    ? quantityOfStake({ stake, price, feeRate: takerFee, stepSize, maxQuantity })
    : isEntry
      ? sizeEntry(entry)
      : await exitQuantity(store, intent, market, free);
  return {
    type: limit ? 'LIMIT' : 'MARKET',
    side: intent.side,
    quantity: text(quantity),
    price: limit && text(limit),
    stopPrice: null,
    timeInForce: limit ? 'GTC' : null,
    referencePrice: intent.referencePrice,
    reduceOnly: !isEntry,
    stake: stake && text(stake),
    riskScale: isEntry ? factor : null,
  };
};
