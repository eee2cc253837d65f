import { Context } from '@temporalio/activity';
import type { OrderRecord } from '../adapters/postgres/orders.ts';
import type { Store } from '../adapters/postgres/store.ts';
import type { IncidentView } from '../contracts/breaker.ts';
import type { Venue } from '../contracts/venue.ts';
import { isTerminal } from '../domain/orders/order.ts';
import { listed, withinTime, wordOn } from './incident-notes.ts';
import type { OrderSync } from './order-sync.ts';

/** A venue that does not answer is left after this; the incident comes back to it. */
const budgetMs = 60_000;
const atOnce = 4;

/** Those that nobody has asked about first: an order that the venue does not answer for comes after the others next time. */
const rankOf = ({ status, metadata: { cancelRequestedAt } }: OrderRecord): number =>
  status === 'unknown' ? 3 : cancelRequestedAt !== null ? 2 : status === 'submitting' ? 1 : 0;

const tallied = (ended: readonly { readonly status: string }[]): string => {
  const count = (status: string): number => ended.filter((order) => order.status === status).length;
  const [cancelled, filled] = [count('cancelled') + count('expired'), count('filled')];
  const parts = [
    ...(cancelled > 0 ? [`${cancelled} cancelled`] : []),
    ...(filled > 0 ? [`${filled} filled first`] : []),
    ...(ended.length > cancelled + filled ? [`${ended.length - cancelled - filled} never taken`] : []),
  ];
  return parts.length === 0 ? 'no entry was at work' : parts.join(', ');
};

/** The action `cancel_orders`. */
export const createCancelEntries =
  ({ store, sync }: { readonly store: Store; readonly sync: OrderSync }) =>
  /**
   * @param venueOf Asked only where an order has to be ended: an account that is switched off may have none.
   * @returns What is left, for a person, and the orders that have ended since this was first asked for.
   */
  async (
    venueOf: () => Promise<Venue>,
    { eventId, environment, triggeredAt }: IncidentView,
  ): Promise<{ readonly isDone: boolean; readonly outcome: string; readonly ended: readonly string[] }> => {
    const by = `breaker/${eventId}`;
    const left: string[] = [];
    const ended: string[] = [];

    /** What may be at the venue is asked about first; then the venue's word decides: a fill that raced the cancel wins. */
    const end = async (order: OrderRecord): Promise<OrderRecord> => {
      const venue = await venueOf();
      const known = order.status === 'unknown' ? await sync.sync(venue, order, by) : order;
      if (known.status === 'unknown' || isTerminal(known.status)) return known;
      const at = await venue.now(order.symbol);
      return await sync.cancel(venue, known, { at, by, reason: `event ${eventId} of the circuit breaker` });
    };

    const opening = (await store.incidents.opening(environment)).toSorted((a, b) => rankOf(a) - rankOf(b));
    const untried = await withinTime(opening, { atOnce, budgetMs }, async (order) => {
      const { orderId, side, symbol } = order;
      try {
        const { status } = await end(order);
        if (isTerminal(status)) ended.push(orderId);
        else left.push(`${side} ${symbol} ${orderId} is ${status}`);
      } catch (error) {
        left.push(`${side} ${symbol} ${orderId}: ${wordOn(error)}`);
      }
    });
    const { attempt, scheduledTimestampMs } = Context.current().info;
    const endedBefore =
      attempt > 1 ? await store.incidents.openingEnded({ environment, since: scheduledTimestampMs }) : [];
    const all = tallied(await store.incidents.openingEnded({ environment, since: triggeredAt }));
    const notes = [...left, ...(untried.length > 0 ? [`${untried.length} not come to yet`] : [])];
    return {
      isDone: notes.length === 0,
      outcome: notes.length === 0 ? all : `${all}; ${notes.length} left: ${listed(notes)}`,
      ended: [...new Set([...ended, ...endedBefore.map(({ id }) => id)])],
    };
  };
