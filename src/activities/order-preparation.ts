import type { NewOrder } from '../adapters/postgres/orders.ts';
import type { Store } from '../adapters/postgres/store.ts';
import type { OrderIntent } from '../contracts/order-intent.ts';
import type { Venue } from '../contracts/venue.ts';
import { type Decimal, dec, roundToTick, sum, text, zero } from '../domain/decimal.ts';
import { intervalMs } from '../domain/market/interval.ts';
import type { Market } from '../domain/market/market-filters.ts';
import { entryLimit } from '../domain/fills/entry-limit.ts';
import { paperPrice } from '../domain/fills/paper-bar.ts';
import { clientOrderIdOf } from '../domain/orders/client-order-id.ts';
import { checkOrder } from '../domain/orders/filters.ts';
import { sizeEntry, sizeExit } from '../domain/orders/sizing.ts';
import type { EntryOrder, RiskParams, StrategyDefinition } from '../domain/strategy/definition.ts';
import { unsupportedByOrders } from '../domain/strategy/order-support.ts';

/** Where a limit entry rests: the backtest's number as the decimal of its tick. Market orders carry no price. */
const limitPrice = (intent: OrderIntent, entry: EntryOrder | undefined, market: Market): Decimal | null => {
  if (intent.kind === 'exit' || entry?.type !== 'limit') return null;
  const { tickSize } = market.filters;
  const price = entryLimit(Number(intent.referencePrice), intent.side, entry, Number(tickSize));
  return Number(tickSize) === 0 ? paperPrice(price) : roundToTick(dec(price), dec(tickSize));
};

const expiryOf = (intent: OrderIntent, entry: EntryOrder | undefined): number | null =>
  intent.kind === 'entry' && entry?.type === 'limit'
    ? intent.decidedAt + (entry.expire_bars ?? 1) * intervalMs[intent.interval]
    : null;

const quantityOf = async (
  store: Store,
  venue: Venue,
  intent: OrderIntent,
  market: Market,
  risk: RiskParams,
  price: Decimal | null,
): Promise<Decimal> => {
  const balances = await store.balances.read({ environment: venue.environment, exchange: venue.id });
  const free = (asset: string): Decimal => balances.get(asset)?.free ?? zero;
  const stepSize = dec(market.filters.stepSize);
  if (intent.kind === 'entry') {
    return sizeEntry({
      riskParams: risk,
      freeQuote: free(market.quote),
      referencePrice: price ?? dec(intent.referencePrice),
      takerFee: dec((await venue.feeRates(intent.symbol)).taker),
      stepSize,
    });
  }
  const positions = await store.positions.of(intent.strategyId);
  const held = positions.find(
    (position) => position.symbol === intent.symbol && position.environment === intent.environment,
  );
  if (!held) return zero;
  // What its own protection has reserved is taken back before the exit is sent.
  const own = (await store.protection.orders(intent)).map((order) => dec(order.reservedAmount ?? '0'));
  return sizeExit(dec(held.quantity), free(market.base).plus(sum(own)), stepSize);
};

/** Why an order must not even be tried, before it is sized; null where nothing speaks against it. */
const objection = (intent: OrderIntent, status: string, definition: StrategyDefinition): string | null => {
  if (status === 'archived') return 'the strategy is archived';
  const unsupported = intent.kind === 'entry' ? unsupportedByOrders(definition) : [];
  if (unsupported.length > 0) return `${unsupported.join(', ')}: in backtests only`;
  if (definition.risk_params.side === 'SHORT') return 'short positions: in backtests only';
  if (intent.kind === 'entry' && intent.side !== 'BUY') return 'a long strategy enters by buying';
  return null;
};

/**
 * Sizes an intent by the strategy's risk parameters and what is free, checks it against the market's filters, and
 * writes the row: `pending`, or `rejected` with the rule that it broke. Nothing has reached the venue.
 */
export const prepareOrder = async (store: Store, venue: Venue, intent: OrderIntent): Promise<NewOrder> => {
  const { status, definition } = await store.strategies.load(intent.strategyId);
  const { risk_params: risk } = definition;
  const market = await venue.market(intent.symbol);
  const price = limitPrice(intent, risk.order, market);
  const objected = objection(intent, status, definition);
  const wanted = objected ? zero : await quantityOf(store, venue, intent, market, risk, price);
  const type = price ? 'LIMIT' : 'MARKET';
  const checked = objected
    ? ({ ok: false, rule: 'STRATEGY', message: objected } as const)
    : wanted.eq(zero)
      ? ({
          ok: false,
          rule: 'QUANTITY',
          message: intent.kind === 'exit' ? 'nothing is held to sell' : 'nothing is free to buy with',
        } as const)
      : checkOrder(
          {
            type,
            side: intent.side,
            quantity: text(wanted),
            price: price ? text(price) : null,
            referencePrice: intent.referencePrice,
          },
          market,
        );
  return {
    orderId: intent.orderId,
    strategyId: intent.strategyId,
    strategyVersion: intent.strategyVersion,
    symbol: intent.symbol,
    side: intent.side,
    type,
    kind: intent.kind,
    environment: intent.environment,
    exchange: venue.id,
    status: checked.ok ? 'pending' : 'rejected',
    quantity: checked.ok ? checked.quantity : text(wanted),
    price: price ? text(price) : null,
    stopPrice: null,
    orderListId: null,
    clientOrderId: clientOrderIdOf(intent.orderId),
    timeInForce: price ? 'GTC' : null,
    reduceOnly: intent.kind === 'exit',
    metadata: {
      interval: intent.interval,
      candleTime: intent.candleTime,
      decidedAt: intent.decidedAt,
      base: market.base,
      quote: market.quote,
      stepSize: market.filters.stepSize,
      minQuantity: market.filters.minQuantity,
      minNotional: market.filters.minNotional,
      reason: intent.reason,
      cancelRequestedAt: null,
      expireAt: expiryOf(intent, risk.order),
      budget: null,
      protection: venue.environment === 'paper' ? (intent.protection ?? null) : null,
      note: checked.ok ? 'sized and checked' : `${checked.rule}: ${checked.message}`,
    },
  };
};
