import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NetworkError } from 'ccxt';
import { type Driven, minute, noId, plain, type Row, startReplay } from './simulator-client.ts';

/** Sideways around 100; then a fall to 90 and a rise to 112 in one candle. */
const quiet: Row = [100, 101, 99, 100, 100];
const dipFirst: Row = [100, 112, 90, 110, 1000];
const peakFirst: Row = [100, 112, 90, 95, 1000];
const balances = { USDT: '10000', BTC: '10' };
const rules = { makerFee: '0', takerFee: '0' };

let folder: string;
let driven: Driven;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'simulator-lists-'));
});
afterEach(async () => {
  await driven.simulator.close();
  await rm(folder, { recursive: true });
});

const begin = async (second: Row, options: Parameters<typeof startReplay>[1] = {}) => {
  const ledger = path.join(folder, 'ledger.jsonl');
  driven = await startReplay([quiet, second, quiet], { balances, rules, ledger, ...options });
  await driven.exchange.loadMarkets();
};

interface List {
  readonly orderListId: number;
  readonly listOrderStatus: string;
  readonly orders: readonly { readonly orderId: string; readonly clientOrderId: string }[];
  readonly orderReports: readonly Record<string, unknown>[];
}
const sell = {
  symbol: 'BTCUSDT',
  side: 'SELL',
  quantity: '2',
  listClientOrderId: 'bracket',
  aboveType: 'LIMIT_MAKER',
  abovePrice: '108',
  aboveClientOrderId: 'target',
  belowType: 'STOP_LOSS',
  belowStopPrice: '95',
  belowClientOrderId: 'stop',
  newOrderRespType: 'RESULT',
};
const buy = {
  ...sell,
  side: 'BUY',
  aboveType: 'STOP_LOSS_LIMIT',
  abovePrice: '107',
  aboveStopPrice: '106',
  aboveTimeInForce: 'GTC',
  aboveClientOrderId: 'stop',
  belowType: 'LIMIT_MAKER',
  belowPrice: '95',
  belowStopPrice: undefined,
  belowClientOrderId: 'target',
};
const post = async (asked: Record<string, string | undefined>) =>
  plain(await driven.exchange.privatePostOrderListOco({ ...asked, ...(await driven.now()) })) as List;
const ask = async () =>
  (await driven.exchange.privateGetOrderList({ origClientOrderId: 'bracket', ...(await driven.now()) })) as List;
const find = async (clientOrderId: string) =>
  plain(await driven.exchange.fetchOrder(noId, 'BTC/USDT', { ...(await driven.now()), clientOrderId }));
const statuses = async () => [(await find('target')).info.status, (await find('stop')).info.status];
const pass = (candles: number) => driven.admin('POST', 'clock', { by: candles * minute });
const ledger = () => driven.admin<Record<string, unknown>>('GET', 'ledger');
const funds = async () => (await ledger())['balances'];

test('an OCO answers with its list and both legs, and locks what it sells once', async () => {
  await begin(dipFirst);
  const list = await post(sell);
  expect(list).toMatchObject({
    orderListId: 1,
    contingencyType: 'OCO',
    listStatusType: 'EXEC_STARTED',
    listOrderStatus: 'EXECUTING',
    listClientOrderId: 'bracket',
    symbol: 'BTCUSDT',
    orders: [{ clientOrderId: 'target' }, { clientOrderId: 'stop' }],
    orderReports: [
      { clientOrderId: 'target', type: 'LIMIT_MAKER', status: 'NEW', price: '108', orderListId: 1 },
      { clientOrderId: 'stop', type: 'STOP_LOSS', status: 'NEW', stopPrice: '95', orderListId: 1 },
    ],
  });
  expect(await funds()).toMatchObject({ BTC: { free: '8', locked: '2' } });
  expect(await driven.exchange.fetchOpenOrders('BTC/USDT', undefined, undefined, await driven.now())).toHaveLength(2);
  expect(await driven.exchange.privateGetOpenOrderList(await driven.now())).toHaveLength(1);
});

test.each([
  ['the dip comes first: the stop sells and the target expires', dipFirst, ['EXPIRED', 'FILLED'], '10190'],
  ['the peak comes first: the target sells and the stop expires', peakFirst, ['FILLED', 'EXPIRED'], '10216'],
] as const)('both prices lie in one candle and %s', async (_name, candle, expected, quote) => {
  await begin(candle);
  await post(sell);
  await pass(2);
  expect(await statuses()).toEqual(expected);
  expect(await funds()).toEqual({ BTC: { free: '8', locked: '0' }, USDT: { free: quote, locked: '0' } });
  expect(await ask()).toMatchObject({ listStatusType: 'ALL_DONE', listOrderStatus: 'ALL_DONE' });
  expect(await driven.exchange.privateGetOpenOrderList(await driven.now())).toEqual([]);
});

test('a part of the target ends the stop, and the rest of the target goes on', async () => {
  await begin(peakFirst, { rules: { ...rules, volumeShare: '0.001' } });
  await post(sell);
  await pass(2);
  expect(await statuses()).toEqual(['PARTIALLY_FILLED', 'EXPIRED']);
  // The share of the volume that traded until the market fell back to 95, where the stop would have been.
  expect(await funds()).toMatchObject({ BTC: { locked: '1.40909' } });
});

test.each([
  ['target', dipFirst, ['FILLED', 'EXPIRED'], '9810'],
  ['stop', peakFirst, ['EXPIRED', 'FILLED'], '9788'],
] as const)(
  'a list that buys locks its dearer leg, and its %s takes the lock',
  async (_leg, candle, expected, quote) => {
    await begin(candle);
    await post(buy);
    expect(await funds()).toMatchObject({ USDT: { free: '9786', locked: '214' } });
    await pass(2);
    expect(await statuses()).toEqual(expected);
    expect(await funds()).toEqual({ BTC: { free: '12', locked: '0' }, USDT: { free: quote, locked: '0' } });
  },
);

test('cancelling one leg cancels the other and unlocks once', async () => {
  await begin(dipFirst);
  await post(sell);
  await driven.exchange.cancelOrder(noId, 'BTC/USDT', { ...(await driven.now()), clientOrderId: 'stop' });
  expect(await statuses()).toEqual(['CANCELED', 'CANCELED']);
  expect(await funds()).toMatchObject({ BTC: { free: '10', locked: '0' } });
});

test('a list is cancelled by its own id, once', async () => {
  await begin(dipFirst);
  const { orderListId } = await post(sell);
  const cancel = async () =>
    driven.exchange.privateDeleteOrderList({ symbol: 'BTCUSDT', orderListId, ...(await driven.now()) });
  expect(await cancel()).toMatchObject({
    listStatusType: 'ALL_DONE',
    listOrderStatus: 'ALL_DONE',
    orderReports: [
      { origClientOrderId: 'target', status: 'CANCELED' },
      { origClientOrderId: 'stop', status: 'CANCELED' },
    ],
  });
  expect(await funds()).toMatchObject({ BTC: { free: '10', locked: '0' } });
  await expect(cancel()).rejects.toThrow('-2011');
});

test('cancelling all open orders answers with single orders and whole lists', async () => {
  await begin(dipFirst);
  await post(sell);
  await driven.exchange.createOrder('BTC/USDT', 'limit', 'buy', 1, 80, {
    ...(await driven.now()),
    clientOrderId: 'single',
  });
  const cancel = async () => driven.exchange.cancelAllOrders('BTC/USDT', await driven.now());
  const answers = await cancel();
  expect(answers.map(({ info }) => info as Record<string, unknown>)).toMatchObject([
    { origClientOrderId: 'single', status: 'CANCELED' },
    { listClientOrderId: 'bracket', listOrderStatus: 'ALL_DONE', orders: [{}, {}], orderReports: [{}, {}] },
  ]);
  expect(await ledger()).toMatchObject({
    orders: [{ status: 'CANCELED' }, { status: 'CANCELED' }, { status: 'CANCELED' }],
    balances: { BTC: { free: '10', locked: '0' }, USDT: { free: '10000', locked: '0' } },
  });
  await expect(cancel()).rejects.toThrow('-2011');
});

test('a list and its waiting legs outlive a restart', async () => {
  await begin(dipFirst);
  await post(sell);
  const before = await ledger();
  await driven.simulator.close();
  await begin(dipFirst);
  expect(await ledger()).toEqual(before);
  await pass(2);
  expect(await statuses()).toEqual(['EXPIRED', 'FILLED']);
  const after = await ledger();
  await driven.simulator.close();
  await begin(dipFirst);
  expect(await ledger()).toEqual(after);
  expect(await ask()).toMatchObject({ listOrderStatus: 'ALL_DONE' });
});

test.each([
  ['a target below the last price', { abovePrice: '99' }, 'relationship of the prices'],
  ['a stop above the last price', { belowStopPrice: '101' }, 'relationship of the prices'],
  ['a stop loss on the wrong side', { belowType: 'TAKE_PROFIT' }, '-1158'],
  ['two legs under one id', { aboveClientOrderId: 'stop' }, 'Duplicate order'],
  ['a stop off the tick', { belowStopPrice: '95.001' }, 'PRICE_FILTER'],
  ['a leg without its price', { abovePrice: undefined }, '-1102'],
  ['more than the account has', { quantity: '11' }, 'insufficient balance'],
])('refuses %s and takes neither leg', async (_name, change, message) => {
  await begin(dipFirst);
  await expect(post({ ...sell, ...change })).rejects.toThrow(message);
  expect(await ledger()).toMatchObject({ orders: [], balances: { BTC: { free: '10', locked: '0' } } });
});

test('a list of which a leg is hidden is not found until that is healed; the ledger has it all along', async () => {
  await begin(dipFirst);
  await post(sell);
  await driven.admin('POST', 'faults', { kind: 'hide', clientOrderId: 'stop', times: null });
  await expect(ask()).rejects.toThrow('-2013');
  expect(await driven.exchange.privateGetOpenOrderList(await driven.now())).toEqual([]);
  expect(await ledger()).toMatchObject({ lists: [{ listClientOrderId: 'bracket', orderIds: [1, 2] }] });
  await driven.admin('DELETE', 'faults');
  expect(await ask()).toMatchObject({ listClientOrderId: 'bracket' });
});

test.each([
  ['hangs', { kind: 'hang' }],
  ['is reset', { kind: 'reset' }],
  ['is an error', { kind: 'error' }],
])('an OCO whose answer %s has been taken whole', async (_name, fault) => {
  await begin(dipFirst);
  driven.exchange.timeout = 300;
  await driven.admin('POST', 'faults', { ...fault, route: 'POST /api/v3/orderList/oco' });
  await expect(post(sell)).rejects.toBeInstanceOf(NetworkError);
  expect(await ledger()).toMatchObject({ accepted: { target: 1, stop: 1 } });
  expect(await ask()).toMatchObject({ listOrderStatus: 'EXECUTING' });
});

test('a list id is refused while its list is open, and an unknown one is not found', async () => {
  await begin(dipFirst);
  await expect(ask()).rejects.toThrow('-2013');
  await post(sell);
  const ids = { aboveClientOrderId: 'a', belowClientOrderId: 'b' };
  await expect(post({ ...sell, ...ids })).rejects.toThrow('Duplicate order');
  await post({ ...sell, ...ids, listClientOrderId: 'other' });
});
