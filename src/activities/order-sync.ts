import type { OrderRecord } from '../adapters/postgres/orders.ts';
import type { Store } from '../adapters/postgres/store.ts';
import type { Venue, VenueOrderReport, VenueOrderRequest } from '../contracts/venue.ts';
import { dec, zero } from '../domain/decimal.ts';
import { DomainError } from '../domain/errors.ts';
import { isTerminal } from '../domain/orders/order.ts';
import { tryAgain } from './failures.ts';

/** How often an order that the venue does not show is asked about. */
const askAgainMs = 1_000;
/** How soon books that cannot pay for a fill are tried again, once a person has been told. */
const mismatchRetryMs = 30_000;
/** After sent_at + the receive window + this much the order can no longer enter the matching engine. */
const engineSlackMs = 11_000;

export interface SyncDeps {
  readonly store: Store;
  /** The venue refuses what arrives later than this after `sent_at`. */
  readonly recvWindowMs: number;
  /** How long, in venue time, an order that the venue does not show is asked about before a person has to decide. */
  readonly horizonMs: number;
}

export interface CancelRequest {
  /** Venue time, epoch ms. */
  readonly at: number;
  readonly by: string;
  readonly reason: string;
}

/** An order's row as it is sent, `sentAt` being when it was marked `submitting`: venue time, epoch ms. */
export const requestOf = (order: OrderRecord, sentAt: number): VenueOrderRequest => {
  const { clientOrderId, symbol, side, type, quantity, price, stopPrice, timeInForce } = order;
  return { clientOrderId, symbol, side, type, quantity, price, stopPrice, timeInForce, sentAt };
};

interface Seen {
  readonly order: OrderRecord;
  readonly report: VenueOrderReport | null;
}

const hasFills = ({ report }: Seen): boolean => report !== null && dec(report.filledQuantity).gt(zero);

/** Asks the venue about orders and books what it says. An order of a pair is always settled together with the other one. */
export const createOrderSync = ({ store, recvWindowMs, horizonMs }: SyncDeps) => {
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

  /** The order, and where it is one of a pair the other one too. */
  const withPair = async (order: OrderRecord): Promise<readonly OrderRecord[]> =>
    order.orderListId === null ? [order] : await store.protection.ofList(order.orderListId);

  /**
   * An order that may be at the venue is asked about, never sent again: absent beyond the horizon it is `unknown`.
   * VENUES algorithm, steps 6 and 7.
   */
  const settleAbsent = async (venue: Venue, order: OrderRecord): Promise<void> => {
    const absentSince = (await venue.now(order.symbol)) - (order.sentAt ?? 0);
    if (absentSince <= recvWindowMs + Math.max(engineSlackMs, horizonMs)) {
      throw tryAgain('OrderNotYetVisible', `${venue.id} does not show order ${order.clientOrderId} yet`, askAgainMs);
    }
    await store.orders.markUnknown({
      orderId: order.orderId,
      actor: 'orderExecution',
      note: `the venue has shown no order ${order.clientOrderId} for ${Math.round(absentSince / 1000)} s`,
    });
  };

  /**
   * What filled is booked last: the other order of its pair may hold the reservation, which its end sets free. A pair of which
   * one has fills while the other is not seen to have ended was read in between.
   */
  const bookAll = async (seen: readonly Seen[], actor: string): Promise<void> => {
    const [filled, others] = [seen.filter(hasFills), seen.filter((one) => !hasFills(one))];
    if (filled.length > 0 && others.some(({ report }) => report === null || !isTerminal(report.status))) {
      throw tryAgain(
        'PairNotSettled',
        'one order of a pair has filled and the other is still shown as open',
        askAgainMs,
      );
    }
    for (const { order, report } of [...others, ...filled]) if (report) await book(order.orderId, report, actor);
  };

  /**
   * Asks the venue how an order stands, and the other one of its pair, and books it.
   * @returns The order as it then is.
   */
  const sync = async (venue: Venue, order: OrderRecord, actor: string): Promise<OrderRecord> => {
    const asked = (await withPair(order)).filter(({ status }) => !isTerminal(status) && status !== 'pending');
    const seen: Seen[] = [];
    for (const one of asked) seen.push({ order: one, report: await venue.find(one) });
    for (const { order: one, report } of seen) {
      if (report === null && one.status === 'submitting') await settleAbsent(venue, one);
    }
    // Whether the venue ever took one that is absent is not known: it says nothing of the other.
    await bookAll(
      seen.filter(
        ({ order: { status }, report }) => report !== null || (status !== 'submitting' && status !== 'unknown'),
      ),
      actor,
    );
    return await store.orders.load(order.orderId);
  };

  const cancelUnsent = async (order: OrderRecord, { by, reason }: CancelRequest): Promise<void> => {
    await store.orders.settleUnsent({ orderId: order.orderId, to: 'cancelled', note: reason, actor: by });
  };

  /** Asks for the cancel, of a pair as a whole, then lets the venue's word decide: a fill that raced it wins. */
  const cancel = async (venue: Venue, found: OrderRecord, request: CancelRequest): Promise<OrderRecord> => {
    for (const one of await withPair(found)) if (one.status === 'pending') await cancelUnsent(one, request);
    const order =
      found.status === 'submitting' ? await sync(venue, found, request.by) : await store.orders.load(found.orderId);
    if (isTerminal(order.status)) return order;
    for (const one of await withPair(order)) {
      if (isTerminal(one.status)) continue;
      const { orderId } = one;
      await store.orders.requestCancel({ orderId, at: request.at, actor: request.by, reason: request.reason });
    }
    const report = await venue.cancel(order);
    if (report && order.orderListId === null) return await book(order.orderId, report, request.by);
    return await sync(venue, order, request.by);
  };

  return { book, bookAll, sync, cancel };
};

export type OrderSync = ReturnType<typeof createOrderSync>;
