import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';

interface PeerSocket {
  on(event: 'message', listener: (data: Buffer) => void): void;
  send(text: string): void;
  terminate(): void;
}
interface SocketServer {
  readonly clients: ReadonlySet<PeerSocket>;
  on(event: 'connection', listener: (socket: PeerSocket) => void): void;
}

/** The websocket library that ccxt itself brings along. */
const { WebSocketServer } = createRequire(createRequire(import.meta.url).resolve('ccxt'))('ws') as {
  WebSocketServer: new (options: object) => SocketServer;
};

interface Subscription {
  readonly id: string;
  readonly method: string;
  readonly params: Readonly<Record<string, string | number>>;
}

/** A loopback server with the part of Binance's websocket API that the account's user data stream needs. */
export interface PushingExchange {
  readonly url: string;
  readonly subscriptions: readonly Subscription[];
  /** Answers subscriptions with an error from now on, or takes them. */
  refuse(error: { readonly code: number; readonly msg: string } | null): void;
  /** As Binance's documentation shows an `executionReport`: a limit order that was filled. */
  pushFill(): void;
  /** What comes before every change of a balance: no order. */
  pushBalance(): void;
  dropConnections(): void;
  connections(): number;
  close(): Promise<void>;
}

const executionReport = {
  e: 'executionReport',
  E: 1_499_405_658_658,
  s: 'ETHBTC',
  c: 'mUvoqJxFIILMdfAW5iGSOW',
  S: 'BUY',
  o: 'LIMIT',
  f: 'GTC',
  q: '1.00000000',
  p: '0.10264410',
  P: '0.00000000',
  F: '0.00000000',
  g: -1,
  C: '',
  x: 'TRADE',
  X: 'FILLED',
  r: 'NONE',
  i: 4_293_153,
  l: '1.00000000',
  z: '1.00000000',
  L: '0.10264410',
  n: '0.00100000',
  N: 'ETH',
  T: 1_499_405_658_657,
  t: 77,
  v: 3,
  I: 8_641_984,
  w: false,
  m: false,
  M: false,
  O: 1_499_405_658_657,
  Z: '0.10264410',
  Y: '0.10264410',
  Q: '0.00000000',
  W: 1_499_405_658_657,
  V: 'NONE',
};

const isSigned = ({ params }: Subscription, secret: string): boolean => {
  const { signature, ...rest } = params;
  const payload = Object.keys(rest)
    .sort()
    .map((name) => `${name}=${rest[name]!}`)
    .join('&');
  return signature === createHmac('sha256', secret).update(payload).digest('hex');
};

export const startPushingExchange = async (keys: { apiKey: string; secret: string }): Promise<PushingExchange> => {
  const http = createServer();
  const sockets = new WebSocketServer({ server: http, path: '/ws-api/v3' });
  const subscriptions: Subscription[] = [];
  let refusal: { code: number; msg: string } | null = null;
  const answer = (asked: Subscription): object => {
    if (refusal !== null) return { id: asked.id, status: 401, error: refusal };
    if (asked.params.apiKey !== keys.apiKey || !isSigned(asked, keys.secret))
      return { id: asked.id, status: 400, error: { code: -1022, msg: 'Signature for this request is not valid.' } };
    return { id: asked.id, status: 200, result: { subscriptionId: 0 } };
  };
  sockets.on('connection', (socket) => {
    socket.on('message', (data) => {
      const asked = JSON.parse(data.toString()) as Subscription;
      if (asked.method !== 'userDataStream.subscribe.signature') return;
      subscriptions.push(asked);
      socket.send(JSON.stringify(answer(asked)));
    });
  });
  const push = (event: object): void => {
    for (const socket of sockets.clients) socket.send(JSON.stringify({ subscriptionId: 0, event }));
  };
  const dropConnections = (): void => {
    for (const socket of sockets.clients) socket.terminate();
  };
  await new Promise<void>((listening) => {
    http.listen(0, '127.0.0.1', listening);
  });
  return {
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/ws-api/v3`,
    subscriptions,
    refuse: (error) => {
      refusal = error;
    },
    pushFill: () => push(executionReport),
    pushBalance: () => push({ e: 'balanceUpdate', E: 1, a: 'BTC', d: '1.0', T: 1 }),
    dropConnections,
    connections: () => sockets.clients.size,
    close: () =>
      new Promise((closed) => {
        http.close(() => {
          closed();
        });
        dropConnections();
      }),
  };
};
