import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a scripted route does with a request: answer, never answer, drop the connection, or stop within the body. */
export type Scripted =
  | { readonly status?: number; readonly headers?: Record<string, string>; readonly body: unknown }
  | 'hang'
  | 'reset'
  | 'hang within the body'
  | 'cut body';

export interface SeenRequest {
  readonly route: string;
  readonly params: Readonly<Record<string, string>>;
  readonly apiKey: string | undefined;
}

export interface ScriptedExchange {
  readonly url: string;
  readonly seen: SeenRequest[];
  /** Replaces what `METHOD /path` does. */
  on(route: string, answer: Scripted | ((request: SeenRequest) => Scripted)): void;
  requests(route: string): readonly SeenRequest[];
  close(): Promise<void>;
}

export const btcusdt = {
  symbol: 'BTCUSDT',
  status: 'TRADING',
  baseAsset: 'BTC',
  baseAssetPrecision: 8,
  quoteAsset: 'USDT',
  quotePrecision: 8,
  quoteAssetPrecision: 8,
  orderTypes: ['LIMIT', 'LIMIT_MAKER', 'MARKET', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT_LIMIT'],
  isSpotTradingAllowed: true,
  permissionSets: [['SPOT']],
  filters: [
    { filterType: 'PRICE_FILTER', minPrice: '0.01000000', maxPrice: '1000000.00000000', tickSize: '0.01000000' },
    { filterType: 'LOT_SIZE', minQty: '0.00001000', maxQty: '9000.00000000', stepSize: '0.00001000' },
    { filterType: 'NOTIONAL', minNotional: '5.00000000', applyMinToMarket: true, maxNotional: '9000000.00000000' },
  ],
};

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
};

const perform = (answer: Scripted, response: ServerResponse): void => {
  if (answer === 'hang') return;
  if (answer === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  if (answer === 'hang within the body' || answer === 'cut body') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
    response.write('{"orderId":1,');
    if (answer === 'cut body') setImmediate(() => response.socket?.destroy());
    return;
  }
  response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
  response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
};

/** A loopback HTTP server in Binance's shapes whose every answer is chosen by the test. Its clock is our own. */
export const startScriptedExchange = async (): Promise<ScriptedExchange> => {
  const routes = new Map<string, Scripted | ((request: SeenRequest) => Scripted)>([
    ['GET /api/v3/time', () => ({ body: { serverTime: Date.now() } })],
    ['GET /api/v3/exchangeInfo', { body: { timezone: 'UTC', serverTime: 1, rateLimits: [], symbols: [btcusdt] } }],
  ]);
  const seen: SeenRequest[] = [];
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://loopback');
    const params = Object.fromEntries(new URLSearchParams(search + '&' + (await bodyOf(request))));
    const apiKey = request.headers['x-mbx-apikey'] as string | undefined;
    const one = { route: `${request.method ?? ''} ${pathname}`, params, apiKey };
    seen.push(one);
    const answer = routes.get(one.route) ?? { status: 404, body: 'no such route' };
    perform(typeof answer === 'function' ? answer(one) : answer, response);
  };
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    on: (route, answer) => {
      routes.set(route, answer);
    },
    requests: (route) => seen.filter((request) => request.route === route),
    close: () =>
      new Promise((closed) => {
        server.close(() => {
          closed();
        });
        server.closeAllConnections();
      }),
  };
};
