import type { OrderRecord } from '../adapters/postgres/orders.ts';
import type { Store } from '../adapters/postgres/store.ts';
import type { Venue } from '../contracts/venue.ts';
import { DomainError } from '../domain/errors.ts';
import { VenueFailure } from '../domain/orders/venue-failure.ts';
import { tryAgain } from './failures.ts';
import { type OrderSync, requestOf } from './order-sync.ts';

/** Who acts, in the audit, when protection is placed and taken back. */
export const guardActor = 'positionGuard';
const actor = guardActor;
const defaultPauseMs = 5_000;

/** What one attempt to send protection came to: sent, as far as is known; refused; `beyond`: the market has reached the stop already. */
export type Sent =
  { readonly kind: 'sent' } | { readonly kind: 'beyond' } | { readonly kind: 'refused'; readonly note: string };

/** The venue refuses a stop that the market has reached already. */
const isBeyond = (error: VenueFailure): boolean =>
  /trigger immediately|relationship of the prices/i.test(error.message);

/**
 * Sends protective orders that are written as `pending`: a stop alone, or a stop and a target as a pair, with one POST.
 * @throws ApplicationFailure where nothing was sent and it is to be tried again
 */
export const createProtectionSender = (store: Store, sync: OrderSync) => {
  const post = async (venue: Venue, legs: readonly OrderRecord[], sentAt: number): Promise<void> => {
    const [first, second] = legs;
    if (!first) return;
    const { symbol, side, quantity } = first;
    if (!second) {
      const report = await venue.place(requestOf(first, sentAt));
      await sync.bookAll([{ order: first, report }], actor);
      return;
    }
    const reports = await venue.placePair({
      listClientOrderId: first.orderListId ?? first.clientOrderId,
      symbol,
      side,
      quantity,
      stop: { clientOrderId: first.clientOrderId, stopPrice: first.stopPrice ?? '', price: first.price },
      target: { clientOrderId: second.clientOrderId, price: second.price ?? '' },
      sentAt,
    });
    await sync.bookAll(
      [
        { order: first, report: reports.stop },
        { order: second, report: reports.target },
      ],
      actor,
    );
  };

  const settleUnsent = async (
    legs: readonly OrderRecord[],
    to: 'pending' | 'rejected',
    note: string,
  ): Promise<void> => {
    for (const { orderId } of legs) await store.orders.settleUnsent({ orderId, to, note, actor });
  };

  /** `pending → submitting`, committed, then one POST for both. */
  return async (venue: Venue, symbol: string, legs: readonly OrderRecord[]): Promise<Sent> => {
    const ordered = legs.toSorted((a, b) => (a.type === b.type ? 0 : a.type === 'STOP_LOSS' ? -1 : 1));
    await venue.reserveSlot(ordered.length > 1 ? 'pair' : 'order');
    const sentAt = await venue.now(symbol);
    try {
      const submitted = await store.protection.submit({ orderIds: ordered.map((leg) => leg.orderId), sentAt, actor });
      if (submitted) await post(venue, submitted, sentAt);
      return { kind: 'sent' };
    } catch (error) {
      if (error instanceof DomainError && error.name === 'InsufficientFunds') {
        await settleUnsent(ordered, 'rejected', error.message);
        return { kind: 'refused', note: error.message };
      }
      if (!(error instanceof VenueFailure)) throw error;
      // Whether it arrived is asked by whoever looks next: the rows say that it may have.
      if (error.verdict === 'ambiguous' || error.verdict === 'not_found') return { kind: 'sent' };
      if (error.verdict === 'wait') {
        await settleUnsent(ordered, 'pending', error.message);
        throw tryAgain('VenueBusy', error.message, error.retryAfterMs ?? defaultPauseMs);
      }
      await settleUnsent(ordered, 'rejected', `${venue.id} refused it: ${error.message}`);
      return isBeyond(error) ? { kind: 'beyond' } : { kind: 'refused', note: error.message };
    }
  };
};
