import type { OrderRecord } from '../adapters/postgres/orders.ts';
import type { Store } from '../adapters/postgres/store.ts';
import type { OrderIntent } from '../contracts/order-intent.ts';
import type { Venue, VenueOrderReport } from '../contracts/venue.ts';
import { dec, text } from '../domain/decimal.ts';
import { DomainError } from '../domain/errors.ts';
import { reservationFor } from '../domain/orders/sizing.ts';
import { VenueFailure } from '../domain/orders/venue-failure.ts';
import { tryAgain } from './failures.ts';
import { prepareOrder } from './order-preparation.ts';

/** How often an order that the venue does not show is asked about. */
const askAgainMs = 1_000;
const defaultPauseMs = 5_000;
/** How soon books that cannot pay for a fill are tried again, once a person has been told. */
const mismatchRetryMs = 30_000;

export interface PlacementDeps {
  readonly store: Store;
  /** The venue refuses what arrives later than this after `sent_at`. */
  readonly recvWindowMs: number;
  /** How long, in venue time, an order that the venue does not show is asked about before a person has to decide. */
  readonly horizonMs: number;
}

/** After sent_at + the receive window + this much the order can no longer enter the matching engine. */
const engineSlackMs = 11_000;

export const createOrderPlacement = ({ store, recvWindowMs, horizonMs }: PlacementDeps) => {
  /** Books what the venue says. Where the books cannot pay for it a person is told, and it is tried again: no fill is lost. */
  const book = async (orderId: string, report: VenueOrderReport, actor: string): Promise<OrderRecord> => {
    try {
      return await store.orders.applyReport(orderId, report, actor);
    } catch (error) {
      if (!(error instanceof DomainError) || error.name !== 'InsufficientFunds') throw error;
      await store.alerts.raise({
        type: 'reconciliation_mismatch',
        severity: 'critical',
        title: `The books cannot pay for a fill of order ${orderId}`,
        message: `${error.message}. ${error.next}`,
        entityType: 'order',
        entityId: orderId,
        dedupeKey: `books/${orderId}`,
      });
      throw tryAgain('BooksMismatch', error.message, mismatchRetryMs);
    }
  };

  /**
   * An order that may be at the venue is asked about, never sent again. Absent beyond the horizon it is `unknown`.
   * VENUES algorithm, steps 6 and 7.
   */
  const resolve = async (venue: Venue, order: OrderRecord): Promise<OrderRecord> => {
    const { symbol, clientOrderId } = order;
    const found = await venue.find({ symbol, clientOrderId });
    if (found) return await book(order.orderId, found, 'orderExecution');
    const absentSince = (await venue.now(symbol)) - (order.sentAt ?? 0);
    if (absentSince > recvWindowMs + Math.max(engineSlackMs, horizonMs)) {
      return await store.orders.markUnknown({
        orderId: order.orderId,
        actor: 'orderExecution',
        note: `the venue has shown no order ${clientOrderId} for ${Math.round(absentSince / 1000)} s`,
      });
    }
    throw tryAgain('OrderNotYetVisible', `${venue.id} does not show order ${clientOrderId} yet`, askAgainMs);
  };

  /** What a refused or failed POST means for the row. */
  const settle = async (venue: Venue, order: OrderRecord, error: unknown): Promise<OrderRecord> => {
    const { orderId } = order;
    const actor = 'orderExecution';
    if (!(error instanceof VenueFailure) || error.verdict === 'ambiguous' || error.verdict === 'not_found') {
      return await resolve(venue, order);
    }
    const note = `${venue.id} refused it: ${error.message}`;
    if (error.verdict === 'wait') {
      await store.orders.settleUnsent({ orderId, to: 'pending', note, actor });
      throw tryAgain('VenueBusy', error.message, error.retryAfterMs ?? defaultPauseMs);
    }
    return await store.orders.settleUnsent({ orderId, to: 'rejected', note, actor });
  };

  /** `pending → submitting`, committed before anything is sent; then one POST. VENUES algorithm, steps 3 to 5. */
  const submit = async (venue: Venue, order: OrderRecord, intent: OrderIntent): Promise<OrderRecord> => {
    const { orderId, symbol, side, type, quantity, price, stopPrice, timeInForce, clientOrderId } = order;
    const { base, quote } = order.metadata;
    const balances = await store.balances.read({ environment: order.environment, exchange: order.exchange });
    const reserveAmount = reservationFor({
      side,
      quantity: dec(quantity),
      price: dec(price ?? intent.referencePrice),
      takerFee: dec((await venue.feeRates(symbol)).taker),
      freeQuote: balances.get(quote)?.free ?? dec('0'),
    });
    const sentAt = await venue.now(symbol);
    let marked: { order: OrderRecord; submitted: boolean };
    try {
      marked = await store.orders.markSubmitting({
        orderId,
        sentAt,
        reserveAsset: side === 'BUY' ? quote : base,
        reserveAmount: text(reserveAmount),
        actor: intent.requestedBy,
      });
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return await store.orders.settleUnsent({
        orderId,
        to: 'rejected',
        note: `${error.name}: ${error.message}`,
        actor: 'orderExecution',
      });
    }
    if (!marked.submitted) return await carry(venue, marked.order, intent);
    let report: VenueOrderReport;
    try {
      report = await venue.place({ clientOrderId, symbol, side, type, quantity, price, stopPrice, timeInForce, sentAt });
    } catch (error) {
      return await settle(venue, marked.order, error);
    }
    return await book(orderId, report, 'orderExecution');
  };

  /** Goes on from wherever the row says an earlier attempt stopped. */
  const carry = async (venue: Venue, order: OrderRecord, intent: OrderIntent): Promise<OrderRecord> => {
    if (order.status === 'pending') return await submit(venue, order, intent);
    return order.status === 'submitting' ? await resolve(venue, order) : order;
  };

  return {
    book,
    resolve,
    place: async (venue: Venue, intent: OrderIntent): Promise<OrderRecord> => {
      const known = await store.orders.find(intent.orderId);
      const order =
        known ??
        (await store.orders.insert(await prepareOrder(store, venue, intent), intent.requestedBy, {
          onePosition: true,
        }));
      return await carry(venue, order, intent);
    },
  };
};
