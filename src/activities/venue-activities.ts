import type { OrderRecord } from '../adapters/postgres/orders.ts';
import type { Store } from '../adapters/postgres/store.ts';
import type { VenueActivities } from '../contracts/activities.ts';
import type { OrderView } from '../contracts/messages.ts';
import type { Venue } from '../contracts/venue.ts';
import { circuitBreakerWorkflowId, guardWorkflowId } from '../contracts/workflow-ids.ts';
import { dec, zero } from '../domain/decimal.ts';
import { type Environment, isTerminal } from '../domain/orders/order.ts';
import { isProtected } from '../domain/strategy/decide.ts';
import { Context } from '@temporalio/activity';
import { withMappedFailures } from './failures.ts';
import { heartbeating } from './heartbeat.ts';
import { createOrderAmendment } from './order-amendment.ts';
import { createOrderPlacement } from './order-placement.ts';
import { type SyncDeps, createOrderSync } from './order-sync.ts';
import { createPositionGuard } from './position-guard.ts';

export interface VenueDeps extends SyncDeps {
  readonly store: Store;
  /** The venue of an environment. @throws DomainError `LiveTradingDisabled` */
  readonly venueFor: (environment: Environment) => Promise<Venue>;
  /** Refuses a live account that must not be used. @throws DomainError `UnsafeApiKey` */
  readonly checkLiveAccount: () => Promise<void>;
  readonly marketFeed: { readonly exchange: string; readonly pace: 'wall' | 'stepped' };
  /** Opening paper capital, decimal text, in the quote of each market that is traded. */
  readonly paperCapital: string;
  /** How long a live position may be without its protection at the venue before a person is told, ms. */
  readonly unprotectedLimitMs: number;
}

export const createVenueActivities = (deps: VenueDeps): VenueActivities => {
  const { store, venueFor } = deps;
  const sync = createOrderSync(deps);
  const guard = createPositionGuard({ store, sync, unprotectedLimitMs: deps.unprotectedLimitMs });
  const placement = createOrderPlacement({ store, sync, guard });
  const amend = createOrderAmendment({ store, sync });

  /** The workflow that keeps the position of this order covered; null where nothing of it rests at a venue. */
  const guardOf = async (order: OrderRecord, venue: Venue): Promise<string | null> => {
    if (venue.protection === 'as_if_rested' || (order.kind !== 'entry' && order.kind !== 'exit')) return null;
    if (order.kind === 'entry' && dec(order.filledQuantity).eq(zero)) return null;
    const { definition } = await store.strategies.load(order.strategyId);
    return isProtected(definition.risk_params) ? guardWorkflowId(order) : null;
  };

  /** The breaker's workflow where the order has closed something: a loss may have been the last that it waits for. */
  const breakerOf = ({ environment, kind, status, filledQuantity }: OrderRecord): string | null =>
    kind !== 'entry' && isTerminal(status) && dec(filledQuantity).gt(zero)
      ? circuitBreakerWorkflowId(environment)
      : null;

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
      guard: await guardOf(order, venue),
      breaker: breakerOf(order),
    };
  };

  /** Records what an account holds when it is first used. */
  const openBalances = async (venue: Venue, symbol: string): Promise<void> => {
    const { environment, id: exchange } = venue;
    const { quote } = await venue.market(symbol);
    if (environment === 'paper') {
      await store.balances.open({ environment, exchange }, { [quote]: deps.paperCapital }, await venue.now(symbol));
      return;
    }
    await deps.checkLiveAccount();
    await store.venues.bind('live', exchange, null);
    if (await store.balances.isOpened({ environment, exchange })) return;
    await store.balances.open({ environment, exchange }, await venue.balances(), await venue.now(symbol));
  };

  return withMappedFailures<VenueActivities>({
    openAccount: async ({ environment, symbol }) =>
      await heartbeating(async () => {
        await openBalances(await venueFor(environment), symbol);
        return deps.marketFeed;
      }),

    placeOrder: async (intent) =>
      await heartbeating(async () => {
        const venue = await venueFor(intent.environment);
        // No strategy has opened the account on its way to paper or live money.
        if (intent.kind === 'manual') await openBalances(venue, intent.symbol);
        return await viewOf(await placement.place(venue, intent), venue);
      }),

    syncOrder: async (orderId) =>
      await heartbeating(async () => {
        const order = await store.orders.load(orderId);
        const venue = await venueFor(order.environment);
        const fresh = isTerminal(order.status) ? order : await sync.sync(venue, order, 'orderExecution');
        const { expireAt } = fresh.metadata;
        const isDue = expireAt !== null && !isTerminal(fresh.status) && (await venue.now(fresh.symbol)) >= expireAt;
        const settled = isDue
          ? await sync.cancel(venue, fresh, { at: expireAt, by: 'time in force', reason: 'its time in force is over' })
          : fresh;
        return await viewOf(settled, venue);
      }),

    cancelOrder: async ({ orderId, by, reason }) =>
      await heartbeating(async () => {
        const order = await store.orders.load(orderId);
        const venue = await venueFor(order.environment);
        return await viewOf(await sync.cancel(venue, order, { at: await venue.now(order.symbol), by, reason }), venue);
      }),

    amendOrder: async (request) =>
      await heartbeating(async () => {
        const order = await store.orders.load(request.orderId);
        const venue = await venueFor(order.environment);
        const { amended, replacement } = await amend(venue, order, request);
        return { amended: await viewOf(amended, venue), replacement };
      }),

    guardPosition: async ({ unprotectedSince, ...position }) =>
      await heartbeating(async () => {
        const since = unprotectedSince ?? Context.current().info.scheduledTimestampMs;
        return await guard.guard(await venueFor(position.environment), position, since);
      }),

    pollVenueOrders: async (exchange) =>
      await heartbeating(async () => {
        // One that is submitting is asked about by its own workflow, one that is unknown by the reconciliation.
        const ours = (await store.orders.working({ exchange })).filter(
          ({ status }) => status === 'open' || status === 'partially_filled',
        );
        const [first] = ours;
        if (!first) return { changed: [], guards: [], watched: 0 };
        const venue = await venueFor(first.environment);
        const resting = new Map((await venue.openOrders()).map((order) => [order.clientOrderId, order.filledQuantity]));
        const changed = ours.filter((order) => resting.get(order.clientOrderId) !== order.filledQuantity);
        const [guarded, others] = [
          changed.filter(({ kind }) => kind === 'protection'),
          changed.filter(({ kind }) => kind !== 'protection'),
        ];
        return {
          changed: others.map((order) => order.orderId),
          guards: [...new Set(guarded.map((order) => guardWorkflowId(order)))],
          watched: ours.length,
        };
      }),
  });
};
