import type { OrderRecord } from '../adapters/postgres/orders.ts';
import type { VenueActivities } from '../contracts/activities.ts';
import type { OrderView } from '../contracts/messages.ts';
import type { Venue } from '../contracts/venue.ts';
import { type Environment, isTerminal } from '../domain/orders/order.ts';
import { withMappedFailures } from './failures.ts';
import { heartbeating } from './heartbeat.ts';
import { type PlacementDeps, createOrderPlacement } from './order-placement.ts';

export interface VenueDeps extends PlacementDeps {
  /** The venue of an environment. @throws DomainError `LiveTradingDisabled` */
  readonly venueFor: (environment: Environment) => Promise<Venue>;
  /** Refuses a live account that must not be used. @throws DomainError `UnsafeApiKey` */
  readonly checkLiveAccount: () => Promise<void>;
  readonly marketFeed: { readonly exchange: string; readonly pace: 'wall' | 'stepped' };
  /** Opening paper capital, decimal text, in the quote of each market that is traded. */
  readonly paperCapital: string;
}

export const createVenueActivities = (deps: VenueDeps): VenueActivities => {
  const { store, venueFor } = deps;
  const placement = createOrderPlacement(deps);

  const viewOf = async (order: OrderRecord, venue: Venue): Promise<OrderView> => {
    const { orderId, status, quantity, filledQuantity, averageFillPrice, exchangeOrderId, exchange, metadata } = order;
    const expiresInMs =
      metadata.expireAt === null || isTerminal(status)
        ? null
        : Math.max(metadata.expireAt - (await venue.now(order.symbol)), 0);
    return {
      orderId,
      status,
      quantity,
      filledQuantity,
      averageFillPrice,
      exchangeOrderId,
      exchange,
      expiresInMs,
      note: metadata.note,
    };
  };

  const refresh = async (venue: Venue, order: OrderRecord, actor: string): Promise<OrderRecord> => {
    if (order.status === 'submitting') return await placement.resolve(venue, order);
    const report = await venue.find(order);
    return report ? await placement.book(order.orderId, report, actor) : order;
  };

  /** Asks for the cancel, then lets the venue's word decide: a fill that raced it wins. */
  const cancel = async (
    venue: Venue,
    found: OrderRecord,
    request: { at: number; by: string; reason: string },
  ): Promise<OrderRecord> => {
    if (isTerminal(found.status)) return found;
    if (found.status === 'pending') {
      return await store.orders.settleUnsent({
        orderId: found.orderId,
        to: 'cancelled',
        note: request.reason,
        actor: request.by,
      });
    }
    const order = found.status === 'submitting' ? await placement.resolve(venue, found) : found;
    if (isTerminal(order.status)) return order;
    await store.orders.requestCancel({
      orderId: order.orderId,
      at: request.at,
      actor: request.by,
      reason: request.reason,
    });
    const report = await venue.cancel(order);
    return report ? await placement.book(order.orderId, report, request.by) : await refresh(venue, order, request.by);
  };

  return withMappedFailures<VenueActivities>({
    openAccount: async ({ environment, symbol }) =>
      await heartbeating(async () => {
        const venue = await venueFor(environment);
        const { quote } = await venue.market(symbol);
        if (environment === 'live') {
          await deps.checkLiveAccount();
          await store.venues.bind('live', venue.id, null);
          if (!(await store.balances.isOpened({ environment, exchange: venue.id }))) {
            await store.balances.open(
              { environment, exchange: venue.id },
              await venue.balances(),
              await venue.now(symbol),
            );
          }
        } else {
          await store.balances.open(
            { environment, exchange: venue.id },
            { [quote]: deps.paperCapital },
            await venue.now(symbol),
          );
        }
        return deps.marketFeed;
      }),

    placeOrder: async (intent) =>
      await heartbeating(async () => {
        const venue = await venueFor(intent.environment);
        return await viewOf(await placement.place(venue, intent), venue);
      }),

    syncOrder: async (orderId) =>
      await heartbeating(async () => {
        const order = await store.orders.load(orderId);
        const venue = await venueFor(order.environment);
        const fresh = isTerminal(order.status) ? order : await refresh(venue, order, 'orderExecution');
        const { expireAt } = fresh.metadata;
        const isDue = expireAt !== null && !isTerminal(fresh.status) && (await venue.now(fresh.symbol)) >= expireAt;
        const settled = isDue
          ? await cancel(venue, fresh, { at: expireAt, by: 'time in force', reason: 'its time in force is over' })
          : fresh;
        return await viewOf(settled, venue);
      }),

    cancelOrder: async ({ orderId, by, reason }) =>
      await heartbeating(async () => {
        const order = await store.orders.load(orderId);
        const venue = await venueFor(order.environment);
        return await viewOf(await cancel(venue, order, { at: await venue.now(order.symbol), by, reason }), venue);
      }),

    pollVenueOrders: async (exchange) =>
      await heartbeating(async () => {
        // One that is submitting is asked about by its own workflow, one that is unknown has none any more.
        const ours = (await store.orders.working({ exchange })).filter(
          ({ status }) => status === 'open' || status === 'partially_filled',
        );
        const [first] = ours;
        if (!first) return { changed: [], watched: 0 };
        const venue = await venueFor(first.environment);
        const resting = new Map((await venue.openOrders()).map((order) => [order.clientOrderId, order.filledQuantity]));
        const changed = ours.filter((order) => resting.get(order.clientOrderId) !== order.filledQuantity);
        return { changed: changed.map((order) => order.orderId), watched: ours.length };
      }),
  });
};
