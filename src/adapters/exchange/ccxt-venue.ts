import type {
  Venue,
  VenueOrderRef,
  VenueOrderReport,
  VenueOrderRequest,
  VenuePairRequest,
  VenueTrade,
} from '../../contracts/venue.ts';
import { dec } from '../../domain/decimal.ts';
import type { Fill } from '../../domain/orders/order.ts';
import { VenueFailure } from '../../domain/orders/venue-failure.ts';
import {
  filledBy,
  fillOf,
  inOrder,
  type OrderReply,
  parseOpenOrders,
  parseOrder,
  parseOrderWithTerms,
  parsePair,
  parseTrades,
  parseUnifiedOrder,
} from './binance-orders.ts';
import { parseAccount } from './binance-replies.ts';
import { orderParameters, pairParameters } from './binance-requests.ts';
import { restingProtection } from './capabilities.ts';
import { type CcxtClient, recvWindowMs } from './ccxt-client.ts';
import type { CcxtExchange } from './ccxt-exchange.ts';
import { createMarketCatalogue } from './market-catalogue.ts';

const tradesPerPage = 1_000;
/** An account's rates change by the month; before each order they would cost a signed request. */
const feesTtlMs = 600_000;
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
  const protection = restingProtection(client.exchange);
  let fees: { askedAt: number; rates: { maker: string; taker: string } } | null = null;

  const tradesPage = async (params: Readonly<Record<string, string | number>>): Promise<readonly VenueTrade[]> =>
    inOrder(
      await client.call('fetch', 'signed', async (exchange) =>
        parseTrades(await exchange.privateGetMyTrades({ ...params, limit: tradesPerPage })),
      ),
    );

  /** Own trades, page by page until there are no more: of one order, or on a symbol from a trade id on. */
  const allTrades = async (where: { symbol: string; orderId?: string; fromId?: string }) => {
    const trades: VenueTrade[] = [];
    let params: Readonly<Record<string, string>> = where;
    for (;;) {
      const page = await tradesPage(params);
      trades.push(...page);
      const last = page.at(-1);
      if (last === undefined || page.length < tradesPerPage) return inOrder(trades);
      params = { ...where, fromId: (BigInt(last.tradeId) + 1n).toString() };
    }
  };

  const tradesOf = async (symbol: string, orderId: string): Promise<readonly Fill[]> =>
    (await allTrades({ symbol, orderId })).map(fillOf);

  const report = (clientOrderId: string, order: OrderReply, fills: readonly Fill[]): VenueOrderReport => ({
    ...order,
    clientOrderId,
    fills: inOrder(fills),
    reportedAt: order.reportedAt ?? client.clock.read(),
  });

  const complete = (order: OrderReply, fills: readonly Fill[]): boolean =>
    filledBy(inOrder(fills)).eq(dec(order.filledQuantity));

  /** Null where the venue shows no such order. */
  const lookUp = async <T>(symbol: string, run: (exchange: CcxtExchange, unified: string) => Promise<T>) => {
    const unified = await catalogue.unified(symbol);
    try {
      return await client.call('fetchOrder', 'signed', (exchange) => run(exchange, unified));
    } catch (error) {
      if (error instanceof VenueFailure && error.verdict === 'not_found') return null;
      throw error;
    }
  };

  const reportOf = async (symbol: string, clientOrderId: string, order: OrderReply): Promise<VenueOrderReport> =>
    report(clientOrderId, order, complete(order, []) ? [] : await tradesOf(symbol, order.exchangeOrderId));

  const find = async ({ symbol, clientOrderId }: VenueOrderRef): Promise<VenueOrderReport | null> => {
    const order = await lookUp(symbol, async (exchange, unified) =>
      parseUnifiedOrder(await exchange.fetchOrder(undefined, unified, { clientOrderId })),
    );
    return order && (await reportOf(symbol, clientOrderId, order));
  };

  /** One POST at most, and none once the venue's clock has left the receive window behind. */
  const sendOnce = async <T>(
    { symbol, sentAt }: Pick<VenueOrderRequest, 'symbol' | 'sentAt'>,
    post: (exchange: CcxtExchange) => Promise<T>,
  ): Promise<T> => {
    await catalogue.market(symbol);
    const late = (await client.clock.now()) - sentAt - recvWindowMs;
    if (late > 0) throw new VenueFailure('wait', `createOrder: not sent, its receive window closed ${late} ms ago`);
    try {
      return await client.call('createOrder', 'public', post);
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
    protection,
    now: () => client.clock.now(),
    market: (symbol) => catalogue.market(symbol),
    feeRates: async (symbol) => {
      await catalogue.market(symbol);
      if (fees === null || performance.now() - fees.askedAt > feesTtlMs)
        fees = { askedAt: performance.now(), rates: (await account()).fees ?? defaultFees };
      return fees.rates;
    },
    reserveSlot: (purpose) => client.reserveSlot(purpose),
    place: async (request) => {
      const params = orderParameters(request);
      const order = await sendOnce(request, async (exchange) => parseOrder(await exchange.privatePostOrder(params)));
      return report(request.clientOrderId, order, await fillsOf(request.symbol, order));
    },
    placePair: async (request: VenuePairRequest) => {
      const params = pairParameters(request);
      const ids = { stop: request.stop.clientOrderId, target: request.target.clientOrderId };
      const legs = await sendOnce(request, async (exchange) =>
        parsePair(await exchange.privatePostOrderListOco(params), ids),
      );
      const legReport = async (leg: 'stop' | 'target') =>
        report(ids[leg], legs[leg], await fillsOf(request.symbol, legs[leg]));
      return { stop: await legReport('stop'), target: await legReport('target') };
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
    orderById: async ({ symbol, exchangeOrderId }) => {
      const found = await lookUp(symbol, async (exchange, unified) =>
        parseOrderWithTerms(await exchange.fetchOrder(exchangeOrderId, unified, {})),
      );
      if (found === null) return null;
      const { terms, order } = found;
      return { terms, report: await reportOf(symbol, terms.clientOrderId, order) };
    },
    tradesFrom: async ({ symbol, fromTradeId }) => {
      await catalogue.market(symbol);
      return fromTradeId === null ? await tradesPage({ symbol }) : await allTrades({ symbol, fromId: fromTradeId });
    },
    balances: async () => (await account()).balances,
  };
};
