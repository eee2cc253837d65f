import { mkdtemp, readFile, rm, truncate, appendFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { candlesOf, type Driven, minute, noId, type Row, start, startReplay } from './simulator-client.ts';

const rows: Row[] = [
  [100, 102, 99, 101, 40],
  [101, 103, 95, 102, 10],
  [102, 104, 95, 96, 1000],
];

let folder: string;
let driven: Driven;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'simulator-ledger-'));
});
afterEach(async () => {
  await driven.simulator.close();
  await rm(folder, { recursive: true });
});

const file = () => path.join(folder, 'ledger.jsonl');
const begin = async () => (driven = await startReplay(rows, { ledger: file() }));
const dump = () => driven.admin<Record<string, unknown>>('GET', 'ledger');

const trade = async () => {
  const { exchange, admin, now } = driven;
  await exchange.createOrder('BTC/USDT', 'market', 'buy', 2, undefined, { ...(await now()), clientOrderId: 'a' });
  await exchange.createOrder('BTC/USDT', 'limit', 'buy', 3, 96, { ...(await now()), clientOrderId: 'b' });
  await exchange.createOrder('BTC/USDT', 'limit', 'sell', 1, 120, { ...(await now()), clientOrderId: 'c' });
  await admin('POST', 'clock', { by: 2 * minute });
  await exchange.cancelOrder(noId, 'BTC/USDT', { ...(await now()), clientOrderId: 'c' });
};

test('a restart rebuilds orders, fills, balances and the clock, and matching goes on', async () => {
  await begin();
  await trade();
  const before = await dump();
  await driven.simulator.close();
  await begin();
  expect(await dump()).toEqual(before);
  expect(before['now']).toBe(start + 2 * minute);
  await driven.admin('POST', 'clock', { by: minute });
  const order = await driven.exchange.fetchOrder(noId, 'BTC/USDT', { ...(await driven.now()), clientOrderId: 'b' });
  expect(order.status).toBe('closed');
});

test('a restart keeps the market that was posted', async () => {
  await begin();
  const market = { symbol: 'ETHUSDT', base: 'ETH', quote: 'USDT', interval: '1m', candles: candlesOf(rows) };
  await driven.admin('POST', 'market', market);
  await driven.simulator.close();
  await begin();
  const { markets } = await driven.admin<{ markets: { symbol: string }[] }>('GET', 'state');
  expect(markets.map(({ symbol }) => symbol)).toEqual(['BTCUSDT', 'ETHUSDT']);
});

test('what an answer reported is on the disk before it is sent', async () => {
  await begin();
  await trade();
  const lines = (await readFile(file(), 'utf8')).trimEnd().split('\n');
  const types = lines.flatMap((line) =>
    (JSON.parse(line) as { events: { type: string }[] }).events.map(({ type }) => type),
  );
  expect(types).toEqual(['opened', 'accepted', 'filled', 'accepted', 'accepted', 'filled', 'clock', 'ended']);
});

test('a last line that a crash left unfinished is dropped whole', async () => {
  await begin();
  await trade();
  await driven.simulator.close();
  const whole = await readFile(file(), 'utf8');
  await truncate(file(), whole.length - 5);
  await begin();
  // The cut line was the cancel: the order is open again, and its lock is back.
  expect((await dump())['balances']).toMatchObject({ BTC: { locked: '1' } });
  expect(await readFile(file(), 'utf8')).toBe(`${whole.trimEnd().split('\n').slice(0, -1).join('\n')}\n`);
});

test('a broken line in the middle is refused, not skipped', async () => {
  await begin();
  await driven.simulator.close();
  await appendFile(file(), 'nonsense\n{"at":1,"events":[]}\n');
  await expect(startReplay(rows, { ledger: file() })).rejects.toThrow(/line 2 of the simulator's ledger/);
});

test('events are listed by sequence, from where the reader stopped', async () => {
  await begin();
  await trade();
  const first = await driven.admin<{ events: { sequence: number }[]; last: number }>('GET', 'events?after=0');
  expect(first.events.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(first.last).toBe(8);
  const rest = await driven.admin<{ events: { type: string }[] }>('GET', 'events?after=7');
  expect(rest.events.map(({ type }) => type)).toEqual(['ended']);
});

test('posted candles replace or extend a market, and the clock goes back only while there are no orders', async () => {
  await begin();
  const market = { symbol: 'ETHUSDT', base: 'ETH', quote: 'USDT', interval: '1m' };
  const posted = candlesOf(rows);
  await driven.admin('POST', 'market', { ...market, candles: posted.slice(0, 1) });
  expect(await driven.admin('POST', 'market', { ...market, mode: 'append', candles: posted.slice(1) })).toEqual({
    symbol: 'ETHUSDT',
    candles: 3,
  });
  const { events } = await driven.admin<{ events: readonly unknown[] }>('GET', 'events?after=2');
  expect(events).toMatchObject([{ type: 'market', market: { symbol: 'ETHUSDT', candles: 3 } }]);
  await expect(driven.admin('POST', 'market', { ...market, mode: 'append', candles: posted })).rejects.toThrow(
    'BadCandleFile',
  );
  await driven.admin('POST', 'clock', { to: start + minute });
  await driven.admin('POST', 'clock', { to: start });
  await trade();
  await expect(driven.admin('POST', 'clock', { to: start })).rejects.toThrow('IllegalTransition');
});
