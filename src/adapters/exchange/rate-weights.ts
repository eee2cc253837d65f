import type { SlotPurpose } from '../../contracts/venue.ts';
import type { RateLimit, RatePriority } from '../../domain/orders/rate-window.ts';

/** What one request costs of the account's limits. */
export interface RateCall {
  /** Method and path, e.g. `POST /api/v3/order`. */
  readonly route: string;
  readonly weight: number;
  /** How many new orders it counts as. */
  readonly orders: number;
  readonly priority: RatePriority;
}

/** Binance's limits for spot, until its `exchangeInfo` has been read. */
export const defaultLimits: readonly RateLimit[] = [
  { kind: 'weight', windowMs: 60_000, limit: 6_000 },
  { kind: 'orders', windowMs: 10_000, limit: 100 },
  { kind: 'orders', windowMs: 86_400_000, limit: 200_000 },
];

/** What a route that is not in the table is taken to weigh: more than most do. */
const unknownWeight = 20;

type Weight = number | ((query: URLSearchParams) => number);

const limitOf = (query: URLSearchParams, fallback: number): number => Number(query.get('limit') ?? fallback);

const bySymbol =
  (one: number, all: number): Weight =>
  (query) =>
    query.has('symbol') ? one : all;

const depthWeight: Weight = (query) => {
  const levels = limitOf(query, 100);
  if (levels <= 100) return 5;
  if (levels <= 500) return 25;
  return levels <= 1_000 ? 50 : 250;
};

/** Requests by which orders are sent, ended and found again, and the venue's time, without which none is signed. */
const orderRoutes: Readonly<Record<string, { readonly weight: Weight; readonly orders?: number }>> = {
  'POST /api/v3/order': { weight: 1, orders: 1 },
  'POST /api/v3/orderList/oco': { weight: 1, orders: 2 },
  'DELETE /api/v3/order': { weight: 1 },
  'DELETE /api/v3/openOrders': { weight: 1 },
  'DELETE /api/v3/orderList': { weight: 1 },
  'GET /api/v3/order': { weight: 4 },
  'GET /api/v3/orderList': { weight: 4 },
  'GET /api/v3/time': { weight: 1 },
};

/** Weights as Binance's documentation of spot gives them. */
const readRoutes: Readonly<Record<string, Weight>> = {
  'GET /api/v3/ping': 1,
  'GET /api/v3/exchangeInfo': 20,
  'GET /api/v3/depth': depthWeight,
  'GET /api/v3/klines': 2,
  'GET /api/v3/ticker/24hr': bySymbol(2, 80),
  'GET /api/v3/ticker/price': bySymbol(2, 4),
  'GET /api/v3/ticker/bookTicker': bySymbol(2, 4),
  'GET /api/v3/account': 20,
  'GET /api/v3/openOrders': bySymbol(6, 80),
  'GET /api/v3/allOrders': 20,
  'GET /api/v3/openOrderList': 6,
  'GET /api/v3/allOrderList': 20,
  'GET /api/v3/myTrades': (query) => (query.has('orderId') ? 5 : 20),
  'POST /api/v3/userDataStream': 2,
  'PUT /api/v3/userDataStream': 2,
  'DELETE /api/v3/userDataStream': 2,
  'GET /sapi/v1/account/apiRestrictions': 1,
  'GET /sapi/v1/system/status': 1,
};

const weigh = (weight: Weight, query: URLSearchParams): number => (typeof weight === 'number' ? weight : weight(query));

/** The cost of a request, by its method and address. */
export const costOf = (method: string, url: string): RateCall => {
  const { pathname, searchParams } = new URL(url);
  const route = `${method} ${pathname}`;
  const order = orderRoutes[route];
  if (order !== undefined)
    return { route, weight: weigh(order.weight, searchParams), orders: order.orders ?? 0, priority: 'order' };
  return { route, weight: weigh(readRoutes[route] ?? unknownWeight, searchParams), orders: 0, priority: 'read' };
};

const slotRoutes: Readonly<Record<SlotPurpose, string>> = {
  order: 'POST /api/v3/order',
  pair: 'POST /api/v3/orderList/oco',
  cancel: 'DELETE /api/v3/order',
};

/** The cost of what a slot is reserved for. */
export const slotCost = (purpose: SlotPurpose): RateCall => {
  const [method = '', path = ''] = slotRoutes[purpose].split(' ');
  return costOf(method, `https://venue${path}`);
};
