import type { OrderRecord } from '../adapters/postgres/orders.ts';
import type { Store } from '../adapters/postgres/store.ts';
import type { OrderIntent } from '../contracts/order-intent.ts';
import type { Venue, VenueOrderReport } from '../contracts/venue.ts';
import { type Decimal, dec, min, text, zero } from '../domain/decimal.ts';
import { DomainError } from '../domain/errors.ts';
import { reservationFor, sizeExit } from '../domain/orders/sizing.ts';
import { VenueFailure } from '../domain/orders/venue-failure.ts';
import { tryAgain } from './failures.ts';
import { prepareOrder } from './order-preparation.ts';
import { type OrderSync, requestOf } from './order-sync.ts';
import type { PositionGuard } from './position-guard.ts';

const defaultPauseMs = 5_000;

export interface PlacementDeps {
  readonly store: Store;
  readonly sync: OrderSync;
  readonly guard: Pick<PositionGuard, 'makeWay'>;
}

/** Carries an order from its intent to the venue's answer. VENUES algorithm, steps 1 to 6. */
export const createOrderPlacement = ({ store, sync, guard }: PlacementDeps) => {
  /** What a refused or failed POST means for the row. */
  const settle = async (venue: Venue, order: OrderRecord, error: unknown): Promise<OrderRecord> => {
    const { orderId } = order;
    const actor = 'orderExecution';
    if (!(error instanceof VenueFailure) || error.verdict === 'ambiguous' || error.verdict === 'not_found') {
      return await sync.sync(venue, order, actor);
    }
    const note = `${venue.id} refused it: ${error.message}`;
    if (error.verdict === 'wait') {
      await store.orders.settleUnsent({ orderId, to: 'pending', note, actor });
      throw tryAgain('VenueBusy', error.message, error.retryAfterMs ?? defaultPauseMs);
    }
    return await store.orders.settleUnsent({ orderId, to: 'rejected', note, actor });
  };

  /** What the order locks while it works: base for a sale of what is held, quote for everything else. */
  const reservationOf = async (
    venue: Venue,
    { side, kind, reduceOnly, quantity, price, stopPrice, ...order }: OrderRecord,
    { referencePrice }: OrderIntent,
  ): Promise<{ asset: string; amount: Decimal }> => {
    const { base, quote } = order.metadata;
    if (side === 'SELL' && kind !== 'entry') return { asset: base, amount: dec(quantity) };
    // What covers a short is paid for by its own collateral.
    if (reduceOnly) return { asset: quote, amount: zero };
    if (order.metadata.stake !== null) return { asset: quote, amount: dec(order.metadata.stake) };
    const balances = await store.balances.read({ environment: order.environment, exchange: order.exchange });
    const amount = reservationFor({
      side: 'BUY',
      quantity: dec(quantity),
      price: dec(price ?? stopPrice ?? referencePrice),
      takerFee: dec((await venue.feeRates(order.symbol)).taker),
      freeQuote: balances.get(quote)?.free ?? zero,
    });
    return { asset: quote, amount };
  };

  /** Refused by a rule before anything was sent. @throws what is no rule's refusal */
  const reject = async (orderId: string, error: unknown): Promise<OrderRecord> => {
    if (!(error instanceof DomainError)) throw error;
    const note = `${error.name}: ${error.message}`;
    return await store.orders.settleUnsent({ orderId, to: 'rejected', note, actor: 'orderExecution' });
  };

  /** `pending → submitting`, committed before anything is sent; then one POST. VENUES algorithm, steps 3 to 5. */
  const submit = async (venue: Venue, order: OrderRecord, intent: OrderIntent): Promise<OrderRecord> => {
    const { orderId, symbol } = order;
    const [{ asset: reserveAsset, amount }] = await Promise.all([
      reservationOf(venue, order, intent),
      venue.reserveSlot('order'),
    ]);
    const sentAt = await venue.now(symbol);
    let marked: { order: OrderRecord; submitted: boolean };
    try {
      marked = await store.orders.markSubmitting({
        orderId,
        sentAt,
        reserveAsset,
        reserveAmount: text(amount),
        actor: intent.requestedBy,
      });
    } catch (error) {
      return await reject(orderId, error);
    }
    if (!marked.submitted) return await carry(venue, marked.order, intent);
    let report: VenueOrderReport;
    try {
      report = await venue.place(requestOf(marked.order, sentAt));
    } catch (error) {
      return await settle(venue, marked.order, error);
    }
    return await sync.book(orderId, report, 'orderExecution');
  };

  /** An exit first takes back what protects its position at the venue: the base it sells is locked there. */
  const leave = async (venue: Venue, order: OrderRecord): Promise<OrderRecord> => {
    if (order.kind !== 'exit' || venue.protection === 'as_if_rested') return order;
    const by = 'orderExecution';
    // One that may not leave takes no protection away.
    try {
      await store.orders.assertMayGo(order);
    } catch (error) {
      return await reject(order.orderId, error);
    }
    await guard.makeWay(venue, order, {
      at: await venue.now(order.symbol),
      by,
      reason: `makes way for exit ${order.orderId}`,
    });
    const held = await store.protection.held(order);
    const { base, stepSize } = order.metadata;
    const balances = await store.balances.read({ environment: order.environment, exchange: order.exchange });
    const left = sizeExit(dec(held?.quantity ?? '0'), balances.get(base)?.free ?? zero, dec(stepSize));
    const { orderId } = order;
    if (left.lte(zero)) {
      const [to, note] = held
        ? (['rejected', `what is held is reserved by other orders on ${venue.id}`] as const)
        : (['cancelled', 'its protection closed the position first'] as const);
      return await store.orders.settleUnsent({ orderId, to, note, actor: by });
    }
    const quantity = text(min(left, dec(order.quantity)));
    return await store.orders.refit({ orderId, quantity, actor: by, note: 'its protection sold a part first' });
  };

  /** Goes on from wherever the row says an earlier attempt stopped. */
  const carry = async (venue: Venue, order: OrderRecord, intent: OrderIntent): Promise<OrderRecord> => {
    if (order.status === 'pending') {
      const ready = await leave(venue, order);
      return ready.status === 'pending' ? await submit(venue, ready, intent) : ready;
    }
    const isUnclear = order.status === 'submitting' || order.status === 'unknown';
    return isUnclear ? await sync.sync(venue, order, 'orderExecution') : order;
  };

  return {
    place: async (venue: Venue, intent: OrderIntent): Promise<OrderRecord> => {
      const known = await store.orders.find(intent.orderId);
      const order =
        known ??
        (await store.orders.insert(await prepareOrder(store, venue, intent), intent.requestedBy, {
          onePosition: intent.terms === undefined,
        }));
      return await carry(venue, order, intent);
    },
  };
};
