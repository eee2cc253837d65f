import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  DDoSProtection,
  ExchangeNotAvailable,
  NetworkError,
  OnMaintenance,
  OperationFailed,
  OrderNotFound,
  RequestTimeout,
} from 'ccxt';
import { type Driven, noId, plain, startReplay } from './simulator-client.ts';

const postOrder = 'POST /api/v3/order';
let driven: Driven;
beforeEach(async () => {
  driven = await startReplay([[100, 102, 99, 101, 40]]);
  await driven.exchange.loadMarkets();
});
afterEach(() => driven.simulator.close());

const arm = (fault: Record<string, unknown>) => driven.admin('POST', 'faults', fault);
const buy = async (clientOrderId: string) =>
  driven.exchange.createOrder('BTC/USDT', 'market', 'buy', 1, undefined, { ...(await driven.now()), clientOrderId });
const accepted = async () => (await driven.admin<{ accepted: Record<string, number> }>('GET', 'ledger')).accepted;
const find = async (clientOrderId: string) =>
  driven.exchange.fetchOrder(noId, 'BTC/USDT', { ...(await driven.now()), clientOrderId });

test('accept-then-hang leaves an accepted order behind a time-out', async () => {
  driven.exchange.timeout = 300;
  await arm({ kind: 'hang', route: postOrder });
  await expect(buy('hung')).rejects.toThrow(RequestTimeout);
  expect(await accepted()).toEqual({ hung: 1 });
  expect(plain(await find('hung'))).toMatchObject({ status: 'closed', filled: '1' });
});

test('a held reply arrives once the faults are cleared', async () => {
  await arm({ kind: 'hang', route: postOrder });
  const placed = buy('held');
  await expect.poll(() => driven.admin('GET', 'state')).toMatchObject({ heldReplies: 1 });
  await driven.admin('DELETE', 'faults');
  expect(await placed).toMatchObject({ status: 'closed' });
});

test('accept-then-reset leaves an accepted order behind a network error', async () => {
  await arm({ kind: 'reset', route: postOrder });
  await expect(buy('reset')).rejects.toThrow(NetworkError);
  expect(await accepted()).toEqual({ reset: 1 });
});

test('accept-then-5xx leaves an accepted order', async () => {
  await arm({ kind: 'error', route: postOrder, status: 503 });
  await expect(buy('down')).rejects.toThrow(ExchangeNotAvailable);
  await arm({ kind: 'error', route: postOrder, status: 500, code: -1000 });
  await expect(buy('failed')).rejects.toThrow(OperationFailed);
  expect(await accepted()).toEqual({ down: 1, failed: 1 });
});

test('a cut body leaves an accepted order behind an error of no class of ccxt', async () => {
  await arm({ kind: 'truncate', route: postOrder });
  await expect(buy('cut')).rejects.toThrow(TypeError);
  expect(await accepted()).toEqual({ cut: 1 });
});

test('a rejection comes before the order is taken, and only as often as it was armed', async () => {
  await arm({ kind: 'reject', route: postOrder, code: -1015, msg: 'Too many new orders.', times: 2 });
  await expect(buy('no')).rejects.toThrow('-1015');
  await expect(buy('no')).rejects.toThrow('-1015');
  expect(await accepted()).toEqual({});
  await buy('no');
  expect(await accepted()).toEqual({ no: 1 });
});

test.each([418, 429])('a ban answers %i with Retry-After on every route until it ends', async (status) => {
  await arm({ kind: 'ban', status, ms: 60_000 });
  await expect(driven.exchange.fetchTime()).rejects.toThrow(DDoSProtection);
  await expect(buy('banned')).rejects.toThrow(DDoSProtection);
  const headers = driven.exchange.last_response_headers as Record<string, string>;
  expect(Number(headers['Retry-After'])).toBeGreaterThan(55);
  expect(await accepted()).toEqual({});
  await driven.admin('DELETE', 'faults');
  await expect(driven.exchange.fetchTime()).resolves.toBeDefined();
});

test('a hidden order is not found for as many asks as it was armed', async () => {
  await buy('ghost');
  await arm({ kind: 'hide', clientOrderId: 'ghost', times: 2 });
  const trades = async () => driven.exchange.fetchMyTrades('BTC/USDT', undefined, undefined, await driven.now());
  expect(await trades()).toEqual([]);
  await expect(find('ghost')).rejects.toThrow(OrderNotFound);
  await expect(find('ghost')).rejects.toThrow(OrderNotFound);
  expect(await find('ghost')).toMatchObject({ clientOrderId: 'ghost' });
  expect(await trades()).toHaveLength(1);
});

test('a clock shift moves the time a request is judged by', async () => {
  await arm({ kind: 'clock-shift', route: postOrder, ms: 60_000 });
  await expect(buy('late')).rejects.toThrow('-1021');
  await buy('late');
});

test('faults strike in the order they were armed, and only where they match', async () => {
  await driven.admin('POST', 'faults', {
    faults: [
      { kind: 'reject', route: postOrder, code: -1, msg: 'first', where: { newClientOrderId: 'b' } },
      { kind: 'reject', route: postOrder, code: -1, msg: 'second' },
    ],
  });
  await expect(buy('a')).rejects.toThrow('second');
  await expect(buy('b')).rejects.toThrow('first');
  await expect(buy('b')).resolves.toBeDefined();
});

test('a delayed reply comes late, and a delayed effect takes place late', async () => {
  await arm({ kind: 'delay', route: postOrder, ms: 150, before: 'effect' });
  const placed = buy('slow');
  await expect.poll(() => driven.admin('GET', 'state')).toMatchObject({ faults: [] });
  expect(await accepted()).toEqual({});
  await placed;
  expect(await accepted()).toEqual({ slow: 1 });
});

const trades = async () => {
  const rows = await driven.exchange.privateGetMyTrades({ symbol: 'BTCUSDT', ...(await driven.now()) });
  return (rows as { id: number }[]).map(({ id }) => String(id));
};

test('trade reports come twice and out of order, the same way each time, while the ledger has each once', async () => {
  for (const id of ['a', 'b', 'c', 'd']) await buy(id);
  expect(await trades()).toEqual(['1', '2', '3', '4']);
  await arm({ kind: 'trades', duplicate: true });
  expect(await trades()).toEqual(['1', '1', '2', '2', '3', '3', '4', '4']);
  await arm({ kind: 'trades', duplicate: true, shuffle: true, seed: 7, times: 2 });
  const disordered = await trades();
  expect(disordered).not.toEqual(disordered.toSorted());
  expect(disordered.toSorted()).toEqual(['1', '1', '2', '2', '3', '3', '4', '4']);
  expect(await trades()).toEqual(disordered);
  expect(await trades()).toEqual(['1', '2', '3', '4']);
  await arm({ kind: 'trades', route: postOrder, duplicate: true });
  expect((await buy('e')).trades).toHaveLength(2);
});

test('a lagging read view shows the account as it was, and catches up by the clock or when it is healed', async () => {
  await buy('before');
  await driven.admin('POST', 'clock', { by: 10_000 });
  await arm({ kind: 'lag', ms: 5000 });
  await buy('after');
  const balance = async () => plain((await driven.exchange.fetchBalance(await driven.now()))['BTC']);
  expect(await balance()).toMatchObject({ total: '0.999' });
  expect(await trades()).toEqual(['1']);
  expect(await find('before')).toMatchObject({ status: 'closed' });
  await expect(find('after')).rejects.toThrow(OrderNotFound);
  await driven.admin('POST', 'clock', { by: 4999 });
  await expect(find('after')).rejects.toThrow(OrderNotFound);
  await driven.admin('POST', 'clock', { by: 1 });
  expect(await find('after')).toMatchObject({ status: 'closed' });
  await buy('newer');
  await expect(find('newer')).rejects.toThrow(OrderNotFound);
  await driven.admin('DELETE', 'faults');
  expect(await find('newer')).toMatchObject({ status: 'closed' });
  expect(await balance()).toMatchObject({ total: '2.997' });
});

test('under maintenance nothing is taken, the status says so, and trading goes on afterwards', async () => {
  expect(await driven.exchange.fetchStatus()).toMatchObject({ status: 'ok' });
  await arm({ kind: 'maintenance' });
  await expect(buy('shut')).rejects.toThrow(OnMaintenance);
  await expect(driven.exchange.fetchTime()).rejects.toThrow(OnMaintenance);
  expect(await driven.exchange.fetchStatus()).toMatchObject({ status: 'maintenance' });
  await driven.admin('DELETE', 'faults');
  expect(await accepted()).toEqual({});
  await buy('open');
});

test('a malformed fault is refused with what is wrong with it', async () => {
  await expect(arm({ kind: 'reject', route: postOrder })).rejects.toThrow('BadInput');
});
