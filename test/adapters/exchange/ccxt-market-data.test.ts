import { afterEach, beforeEach, expect, it } from 'vitest';
import { createCcxtClient } from '../../../src/adapters/exchange/ccxt-client.ts';
import { createCcxtMarketData } from '../../../src/adapters/exchange/ccxt-market-data.ts';
import type { MarketDataSource } from '../../../src/contracts/venue.ts';
import { type ScriptedExchange, startScriptedExchange } from './scripted-exchange.ts';

const minute = 60_000;
const start = 1_700_000_040_000;
let exchange: ScriptedExchange;
let source: MarketDataSource;
let now = start;

const kline = (time: number) => [
  time,
  '64000.10000000',
  '64001.00000000',
  '63999.90000000',
  '64000.50000000',
  '12.34567890',
  time + minute - 1,
  '790123.00000000',
  5,
  '1',
  '1',
  '0',
];
const from = (first: number, last: number): unknown[] =>
  Array.from({ length: (last - first) / minute + 1 }, (_, index) => kline(first + index * minute));

beforeEach(async () => {
  exchange = await startScriptedExchange();
  exchange.on('GET /api/v3/time', () => ({ body: { serverTime: now } }));
  exchange.on('GET /api/v3/klines', ({ params }) => {
    const first = Math.ceil(Number(params.startTime) / minute) * minute;
    const last = Math.floor(now / minute) * minute;
    return { body: (first > last ? [] : from(first, last)).slice(0, Number(params.limit)) };
  });
  const client = await createCcxtClient({
    exchange: 'binance',
    credentials: null,
    baseUrl: exchange.url,
    clockTtlMs: 0,
    msPerWeight: 1,
  });
  source = createCcxtMarketData({ client, id: 'binance' });
});
afterEach(() => exchange.close());

const ask = (limit: number, since = start) => source.candles({ symbol: 'BTCUSDT', interval: '1m', from: since, limit });

it('gives the exact text of closed candles and never the open one', async () => {
  now = start + 3 * minute - 1;
  expect((await ask(10)).map(({ time }) => time)).toEqual([start, start + minute]);
  now += 1;
  const candles = await ask(10);
  expect(candles).toHaveLength(3);
  expect(candles[0]).toEqual({
    time: start,
    open: '64000.10000000',
    high: '64001.00000000',
    low: '63999.90000000',
    close: '64000.50000000',
    volume: '12.34567890',
  });
});

it('asks nothing of the venue where no candle can be closed yet', async () => {
  now = start + minute - 1;
  expect(await ask(10)).toEqual([]);
  expect(exchange.requests('GET /api/v3/klines')).toHaveLength(0);
});

it('reads page after page up to the limit, oldest first', async () => {
  now = start + 2_600 * minute;
  const all = await ask(10_000);
  expect(all.map(({ time }) => time)).toEqual(Array.from({ length: 2_600 }, (_, index) => start + index * minute));
  expect(exchange.requests('GET /api/v3/klines')).toHaveLength(3);
  expect(await ask(1_200)).toEqual(all.slice(0, 1_200));
  expect(await ask(1)).toEqual(all.slice(0, 1));
});

it('gives each candle once and in order, whatever the venue repeats or shuffles, and none before `from`', async () => {
  now = start + 5 * minute;
  exchange.on('GET /api/v3/klines', {
    body: [
      kline(start + minute),
      kline(start),
      kline(start + minute),
      kline(start - minute),
      kline(start + 2 * minute),
    ],
  });
  expect((await ask(10)).map(({ time }) => time)).toEqual([start, start + minute, start + 2 * minute]);
});

it('ends where a venue repeats the same page for ever', async () => {
  now = start + 50 * minute;
  exchange.on('GET /api/v3/klines', { body: from(start - 9 * minute, start - minute) });
  expect(await ask(8)).toEqual([]);
});

it('carries a gap as it is', async () => {
  now = start + 5 * minute;
  exchange.on('GET /api/v3/klines', { body: [kline(start), kline(start + 3 * minute)] });
  expect((await ask(10)).map(({ time }) => time)).toEqual([start, start + 3 * minute]);
});

it('names an unknown symbol, and a reply that is not klines is worth another try', async () => {
  now = start + 5 * minute;
  await expect(source.candles({ symbol: 'NOPE', interval: '1m', from: start, limit: 1 })).rejects.toMatchObject({
    name: 'UnknownSymbol',
  });
  exchange.on('GET /api/v3/klines', { body: [[start, 'NaN', '1', '1', '1', '1']] });
  await expect(ask(1)).rejects.toMatchObject({ verdict: 'wait' });
});
