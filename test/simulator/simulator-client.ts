import { binance } from 'ccxt';
import { type RunningSimulator, type SimulatorOptions, startSimulator } from '../../src/simulator/server.ts';
import type { Candle } from '../../src/domain/market/candle.ts';

export const credentials = { apiKey: 'test-key', secret: 'test-secret' };
/** Open of the first test candle. */
export const start = Date.UTC(2024, 0, 1);
export const minute = 60_000;

/** For orders that are named by their client id alone: ccxt takes no id then, which its types do not say. */
export const noId = undefined as unknown as string;

export type Row = readonly [open: number, high: number, low: number, close: number, volume: number];

export const candlesOf = (rows: readonly Row[]): Candle[] =>
  rows.map(([open, high, low, close, volume], index) => ({
    time: start + index * minute,
    open: String(open),
    high: String(high),
    low: String(low),
    close: String(close),
    volume: String(volume),
  }));

/** The unmodified ccxt class, with its address rewritten. */
export const clientOf = (url: string, keys = credentials): binance => {
  const exchange = new binance({
    ...keys,
    enableRateLimit: false,
    timeout: 5000,
    options: {
      defaultType: 'spot',
      fetchMarkets: { types: ['spot'] },
      fetchMargins: false,
      fetchCurrencies: false,
      'createOrder.quoteOrderQty': false,
      maxRetriesOnFailure: 0,
    },
  });
  exchange.number = String as unknown as (text: string) => number;
  const rewritten = (address: string): string => address.replace('https://api.binance.com', url);
  exchange.fetchImplementation = (address: string, init: RequestInit) => fetch(rewritten(address), init);
  return exchange;
};

export interface Driven {
  readonly simulator: RunningSimulator;
  readonly exchange: binance;
  readonly admin: <Answer>(method: string, path: string, body?: unknown) => Promise<Answer>;
  /** Parameters that every signed request needs while the clock stands still. */
  readonly now: () => Promise<{ timestamp: number }>;
}

export const clientOfRunning = (simulator: RunningSimulator): Driven => {
  const exchange = clientOf(simulator.url);
  const admin = async <Answer>(method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(`${simulator.url}/admin/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(JSON.stringify(answer));
    return answer as Answer;
  };
  const now = async () => ({ timestamp: (await admin<{ now: number }>('GET', 'state')).now });
  return { simulator, exchange, admin, now };
};

/** A simulator that replays `rows`, minute by minute, with a stepped clock at the first one's open. */
export const startReplay = async (rows: readonly Row[], options: Partial<SimulatorOptions> = {}): Promise<Driven> => {
  const market = { symbol: 'BTCUSDT', base: 'BTC', quote: 'USDT', interval: '1m' as const, candles: candlesOf(rows) };
  return clientOfRunning(await startSimulator({ ...credentials, markets: [market], ...options }));
};

const trimmed = (value: string): string =>
  /^-?\d+\.\d+$/.test(value) ? value.replace(/0+$/, '').replace(/\.$/, '') : value;

/** The same data with the padding zeros of Binance's decimals left out: `100.00000000` is `100`. */
export const plain = <Value>(value: Value): Value =>
  value === undefined
    ? value
    : (JSON.parse(JSON.stringify(value), (_key, part: unknown) =>
        typeof part === 'string' ? trimmed(part) : part,
      ) as Value);
