import type { NewOrder } from '../adapters/postgres/orders.ts';
import type { Store } from '../adapters/postgres/store.ts';
import type { StrategyRecord } from '../adapters/postgres/strategies.ts';
import type { OrderIntent } from '../contracts/order-intent.ts';
import type { Venue } from '../contracts/venue.ts';
import { DomainError } from '../domain/errors.ts';
import { entrySide, exitSide } from '../domain/fills/fill-model.ts';
import { intervalMs } from '../domain/market/interval.ts';
import type { Market } from '../domain/market/market-filters.ts';
import { clientOrderIdOf } from '../domain/orders/client-order-id.ts';
import { type OrderRule, checkOrder, isClientOrderId, isStorable } from '../domain/orders/filters.ts';
import { isManualStrategy } from '../domain/orders/manual.ts';
import type { EntryOrder } from '../domain/strategy/definition.ts';
import { unsupportedByOrders } from '../domain/strategy/order-support.ts';
import { type IntendedOrder, givenOrder, sizedOrder, unsized } from './order-drafts.ts';

const invalid = (message: string): DomainError =>
  new DomainError('InvalidOrder', message, { next: 'nothing was written or sent; correct the order and ask again' });

const knownClientId = ({ orderId }: OrderIntent): string => {
  const clientOrderId = clientOrderIdOf(orderId);
  if (isClientOrderId(clientOrderId)) return clientOrderId;
  throw invalid(`CLIENT_ID: '${clientOrderId}' is not 1 to 36 letters, digits, - or _`);
};

const expiryOf = (intent: OrderIntent, entry: EntryOrder | undefined): number | null =>
  intent.kind === 'entry' && entry?.type === 'limit'
    ? intent.decidedAt + (entry.expire_bars ?? 1) * intervalMs[intent.interval]
    : null;

/** A sale on paper may open a short, which borrows at the rate of its day. */
const borrowPctOf = async (venue: Venue, { side, symbol }: OrderIntent): Promise<string> =>
  venue.environment === 'paper' && side === 'SELL' ? ((await venue.feeRates(symbol)).borrowPct ?? '0') : '0';

/** Why an order must not even be tried, before it is sized; null where nothing speaks against it. */
const objection = (
  { kind, side, environment }: OrderIntent,
  { strategyId, status, definition }: StrategyRecord,
): string | null => {
  if (isManualStrategy(strategyId)) return kind === 'manual' ? null : 'it carries orders made by hand only';
  if (status === 'archived') return 'the strategy is archived';
  if (kind === 'manual') return null;
  const unsupported = unsupportedByOrders(definition, environment);
  if (unsupported.length > 0 && kind === 'entry')
    return `${environment} orders do not carry out ${unsupported.join(', ')}`;
  const { side: position } = definition.risk_params;
  const wanted = kind === 'entry' ? entrySide(position) : exitSide(position);
  if (side === wanted) return null;
  return `a ${position.toLowerCase()} strategy ${kind === 'entry' ? 'enters' : 'leaves'} by ${wanted === 'BUY' ? 'buying' : 'selling'}`;
};

type Verdict =
  | Extract<ReturnType<typeof checkOrder>, { readonly ok: true }>
  | { readonly ok: false; readonly rule: OrderRule | 'STRATEGY'; readonly message: string };

const judged = (intended: IntendedOrder, intent: OrderIntent, market: Market): Verdict => {
  if (intent.terms) return checkOrder(intended, market, 'person');
  if (intended.quantity !== '0') return checkOrder(intended, market);
  const message = intent.kind === 'exit' ? 'nothing is held to close' : `nothing is free in ${market.quote}`;
  return { ok: false, rule: 'QUANTITY', message };
};

/** The text of a number as a row can hold it: what a person gave may be anything. */
const stored = (value: string | null): string | null => (value !== null && isStorable(value) ? value : null);

/**
 * Sizes an intent by the strategy's risk parameters and what is free, or takes the terms that a person gave; checks it against
 * the market's filters; and gives the row: `pending`, or `rejected` with the rule that it broke. Nothing has reached the venue.
 * @throws DomainError `UnknownSymbol`, `InvalidOrder` where there can't even be a row
 */
export const prepareOrder = async (store: Store, venue: Venue, intent: OrderIntent): Promise<NewOrder> => {
  const clientOrderId = knownClientId(intent);
  const { terms } = intent;
  if (intent.kind === 'manual' && !terms) throw invalid('an order by hand needs its terms');
  if (isManualStrategy(intent.strategyId)) await store.strategies.ensureManual(intent.environment);
  const [strategy, market] = await Promise.all([store.strategies.load(intent.strategyId), venue.market(intent.symbol)]);
  const risk = strategy.definition.risk_params;
  const objected = objection(intent, strategy);
  const intended: IntendedOrder = terms
    ? givenOrder(intent, terms)
    : objected
      ? unsized(intent)
      : await sizedOrder(store, venue, intent, market, risk);
  const verdict: Verdict = objected
    ? { ok: false, rule: 'STRATEGY', message: objected }
    : judged(intended, intent, market);
  return {
    orderId: intent.orderId,
    strategyId: intent.strategyId,
    strategyVersion: intent.strategyVersion,
    symbol: intent.symbol,
    side: intent.side,
    type: intended.type,
    kind: intent.kind,
    environment: intent.environment,
    exchange: venue.id,
    status: verdict.ok ? 'pending' : 'rejected',
    quantity: verdict.ok ? verdict.quantity : (stored(intended.quantity) ?? '0'),
    price: verdict.ok ? verdict.price : stored(intended.price),
    stopPrice: verdict.ok ? verdict.stopPrice : stored(intended.stopPrice),
    orderListId: null,
    clientOrderId,
    timeInForce: intended.timeInForce,
    reduceOnly: intended.reduceOnly,
    metadata: {
      interval: intent.interval,
      candleTime: intent.candleTime,
      decidedAt: intent.decidedAt,
      base: market.base,
      quote: market.quote,
      stepSize: market.filters.stepSize,
      minQuantity: market.filters.minQuantity,
      minNotional: market.filters.minNotional,
      maxQuantity: market.filters.maxQuantity,
      borrowPct: await borrowPctOf(venue, intent),
      reason: intent.reason,
      cancelRequestedAt: null,
      expireAt: expiryOf(intent, risk.order),
      budget: null,
      stake: verdict.ok ? intended.stake : null,
      ...(intended.riskScale === null ? {} : { riskScale: intended.riskScale }),
      protection: intent.protection ?? null,
      replacedBy: null,
      ...(intent.incident === undefined ? {} : { incident: intent.incident }),
      note: verdict.ok ? (terms ? 'checked' : 'sized and checked') : `${verdict.rule}: ${verdict.message}`,
    },
  };
};
