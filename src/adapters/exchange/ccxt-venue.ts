import type { Venue, VenueOrderRef, VenueOrderReport, VenueOrderRequest } from '../../contracts/venue.ts';
import { dec } from '../../domain/decimal.ts';
import type { Fill } from '../../domain/orders/order.ts';
import { VenueFailure } from '../../domain/orders/venue-failure.ts';
import {
  filledBy,
  inOrder,
  type OrderReply,
  parseAccount,
  parseOpenOrders,
  parseOrder,
  parseTrades,
} from './binance-replies.ts';
import { type CcxtClient, recvWindowMs } from './ccxt-client.ts';
import { createMarketCatalogue } from './market-catalogue.ts';

const tradesPerPage = 1_000;
/** Binance's rate for an account without discounts, where the account does not name its own. */
const defaultFees = { maker: '0.001', taker: '0.001' } as const;

const isFilterRefusal = (error: unknown): boolean =>
  error instanceof VenueFailure && error.verdict === 'rejected' && (error.code === '-1013' || error.code === '-1111');

/**
 * A real account (or the simulator's) as a `Venue`. `id` is what `orders.exchange` stores: the ccxt id, or `simulator`.
 * An order is sent at most once per `place`, signed with the time it was marked `submitting`, so that the venue itself
 * refuses it when it comes too late.
 */
export const createCcxtVenue = ({ client, id }: { client: CcxtClient; id: string }): Venue => {
  const catalogue = createMarketCatalogue(client);

  /** Own trades of one order, all pages. */
  const tradesOf = async (symbol: string, orderId: string): Promise<readonly Fill[]> => {
    const fills: Fill[] = [];
    let fromId: string | null = null;
    for (;;) {
      const params = { symbol, orderId, limit: tradesPerPage, ...(fromId === null ? {} : { fromId }) };
      const page = inOrder(
        await client.call('fetch', 'signed', async (exchange) =>
          parseTrades(await exchange.privateGetMyTrades(params)),
        ),
      );
      fills.push(...page);
      const last = page.at(-1);
      if (last === undefined || page.length < tradesPerPage) return inOrder(fills);
      fromId = (BigInt(last.tradeId) + 1n).toString();
    }
  };

  const report = (clientOrderId: string, order: OrderReply, fills: readonly Fill[]): VenueOrderReport => ({
    ...order,
    clientOrderId,
    fills: inOrder(fills),
    reportedAt: order.reportedAt ?? client.clock.read(),
  });

  const complete = (order: OrderReply, fills: readonly Fill[]): boolean =>
    filledBy(inOrder(fills)).eq(dec(order.filledQuantity));

  const find = async ({ symbol, clientOrderId }: VenueOrderRef): Promise<VenueOrderReport | null> => {
    const unified = await catalogue.unified(symbol);
    try {
      const order = await client.call('fetchOrder', 'signed', async (exchange) =>
        parseOrder(await exchange.fetchOrder(undefined, unified, { clientOrderId })),
      );
      const fills = complete(order, []) ? [] : await tradesOf(symbol, order.exchangeOrderId);
      return report(clientOrderId, order, fills);
    } catch (error) {
      if (error instanceof VenueFailure && error.verdict === 'not_found') return null;
      throw error;
    }
  };

  const refuseLate = async ({ sentAt }: VenueOrderRequest): Promise<void> => {
    const late = (await client.clock.now()) - sentAt - recvWindowMs;
    if (late > 0) throw new VenueFailure('wait', `createOrder: not sent, its receive window closed ${late} ms ago`);
  };

  const send = async (request: VenueOrderRequest): Promise<OrderReply> => {
    const unified = await catalogue.unified(request.symbol);
    await refuseLate(request);
    const params = {
      newClientOrderId: request.clientOrderId,
      timestamp: request.sentAt,
      recvWindow: recvWindowMs,
      ...(request.timeInForce === null ? {} : { timeInForce: request.timeInForce }),
    };
    const { type, side, quantity } = request;
    const price = type === 'LIMIT' ? (request.price ?? undefined) : undefined;
    try {
      return await client.call('createOrder', 'public', async (exchange) =>
        parseOrder(
          await exchange.createOrder(unified, type.toLowerCase(), side.toLowerCase(), quantity, price, params),
        ),
      );
    } catch (error) {
      if (isFilterRefusal(error)) catalogue.invalidate();
      throw error;
    }
  };

  /** The trades that the reply to an accepted order left out. The order is taken: failing to see them changes nothing. */
  const fillsOf = async (symbol: string, order: OrderReply): Promise<readonly Fill[]> => {
    if (complete(order, order.fills)) return order.fills;
    try {
      return [...order.fills, ...(await tradesOf(symbol, order.exchangeOrderId))];
    } catch (error) {
      if (error instanceof VenueFailure) return order.fills;
      throw error;
    }
  };

  const account = () =>
    client.call('fetch', 'signed', async (exchange) => parseAccount(await exchange.privateGetAccount()));

  return {
    id,
    environment: 'live',
    now: () => client.clock.now(),
    market: (symbol) => catalogue.market(symbol),
    feeRates: async (symbol) => {
      await catalogue.market(symbol);
      return (await account()).fees ?? defaultFees;
    },
    reserveSlot: (purpose) => client.reserveSlot(purpose),
    place: async (request) => {
      const order = await send(request);
      return report(request.clientOrderId, order, await fillsOf(request.symbol, order));
    },
    find,
    cancel: async (ref) => {
      const unified = await catalogue.unified(ref.symbol);
      try {
        await client.call('cancelOrder', 'signed', (exchange) =>
          exchange.cancelOrder(undefined, unified, { clientOrderId: ref.clientOrderId }),
        );
      } catch (error) {
        if (!(error instanceof VenueFailure) || error.verdict !== 'not_found') throw error;
      }
      return find(ref);
    },
    openOrders: () =>
      client.call('fetch', 'signed', async (exchange) => parseOpenOrders(await exchange.privateGetOpenOrders())),
    balances: async () => (await account()).balances,
  };
};
