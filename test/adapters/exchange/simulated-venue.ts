import { expect } from 'vitest';
import {
  createCcxtClient,
  type CcxtClient,
  type CcxtClientOptions,
} from '../../../src/adapters/exchange/ccxt-client.ts';
import { createCcxtVenue } from '../../../src/adapters/exchange/ccxt-venue.ts';
import type { Venue, VenueOrderRequest, VenuePairRequest } from '../../../src/contracts/venue.ts';
import type { Candle } from '../../../src/domain/market/candle.ts';
import { startSimulator } from '../../../src/simulator/server.ts';

export const minute = 60_000;
export const start = Date.UTC(2026, 0, 1);
export const credentials = { apiKey: 'k'.repeat(64), secret: 's'.repeat(64) };

/** Candles a minute apart, of one price each that falls (or rises) by one a minute from 100. */
export const candlesBy = (change: 1 | -1): readonly Candle[] =>
  Array.from({ length: 60 }, (_, index) => {
    const [open, close] = [100 + change * index, 100 + change * (index + 1)];
    return {
      time: start + index * minute,
      open: `${open}`,
      high: `${Math.max(open, close)}`,
      low: `${Math.min(open, close)}`,
      close: `${close}`,
      volume: '20',
    };
  });

export const idOf = (n: number): string => n.toString(16).padStart(32, '0');

interface LedgerDump {
  readonly accepted: Readonly<Record<string, number>>;
  readonly orders: readonly { readonly clientOrderId: string; readonly status: string; readonly type: string }[];
}

export interface SimulatedVenue {
  readonly url: string;
  readonly client: CcxtClient;
  readonly venue: Venue;
  connect(options?: Partial<CcxtClientOptions>): Promise<CcxtClient>;
  admin(path: string, body: unknown): Promise<void>;
  clearFaults(): Promise<void>;
  ledger(): Promise<LedgerDump>;
  /** How many orders the exchange has taken under each client id. */
  accepted(): Promise<Readonly<Record<string, number>>>;
  /** Sets a trip wire that the next request to a route springs (`*`: to any of the exchange's); tells whether one did. */
  tripWire(route: string): Promise<() => Promise<boolean>>;
  step(minutes: number): Promise<void>;
  /** A bid under the market. */
  order(n: number, over?: Partial<VenueOrderRequest>): Promise<VenueOrderRequest>;
  /** A stop at 95 and a target at 105 for what is held. Ids `n`, `n + 1` and for the pair `n + 2`. */
  pair(n: number, over?: Partial<VenuePairRequest>): Promise<VenuePairRequest>;
  close(): Promise<void>;
}

/** The unmodified ccxt class before a simulator whose stepped clock stands at the open of the first candle. */
export const startSimulatedVenue = async ({
  candles = candlesBy(-1),
  balances = { USDT: '1000', BTC: '3' },
}: { candles?: readonly Candle[]; balances?: Readonly<Record<string, string>> } = {}): Promise<SimulatedVenue> => {
  const simulator = await startSimulator({
    ...credentials,
    markets: [{ symbol: 'BTCUSDT', base: 'BTC', quote: 'USDT', interval: '1m', candles }],
    balances,
  });
  const { url } = simulator;
  const connect = (options: Partial<CcxtClientOptions> = {}): Promise<CcxtClient> =>
    createCcxtClient({
      exchange: 'binance',
      credentials,
      baseUrl: url,
      clockTtlMs: 0,
      msPerWeight: 1,
      timeoutMs: 5_000,
      ...options,
    });
  const client = await connect();
  const venue = createCcxtVenue({ client, id: 'simulator' });
  const admin = async (path: string, body: unknown): Promise<void> => {
    const response = await fetch(`${url}/admin/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(response.ok, await response.text()).toBe(true);
  };
  const ledger = async (): Promise<LedgerDump> => (await (await fetch(`${url}/admin/ledger`)).json()) as LedgerDump;
  return {
    url,
    client,
    venue,
    connect,
    admin,
    clearFaults: async () => {
      await fetch(`${url}/admin/faults`, { method: 'DELETE' });
    },
    ledger,
    accepted: async () => (await ledger()).accepted,
    tripWire: async (route) => {
      await admin('faults', { kind: 'delay', ms: 0, route });
      return async () => {
        const state = (await (await fetch(`${url}/admin/state`)).json()) as { faults: readonly { kind: string }[] };
        return state.faults.every(({ kind }) => kind !== 'delay');
      };
    },
    step: (minutes) => admin('clock', { by: minutes * minute }),
    order: async (n, over = {}) => ({
      clientOrderId: idOf(n),
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'LIMIT',
      quantity: '1',
      price: '90',
      stopPrice: null,
      timeInForce: 'GTC',
      sentAt: await venue.now('BTCUSDT'),
      ...over,
    }),
    pair: async (n, over = {}) => ({
      listClientOrderId: idOf(n + 2),
      symbol: 'BTCUSDT',
      side: 'SELL',
      quantity: '1',
      stop: { clientOrderId: idOf(n), stopPrice: '95', price: null },
      target: { clientOrderId: idOf(n + 1), price: '105' },
      sentAt: await venue.now('BTCUSDT'),
      ...over,
    }),
    close: () => simulator.close(),
  };
};
