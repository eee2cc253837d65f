import { afterEach, expect, test } from 'vitest';
import { OrderImmediatelyFillable } from 'ccxt';
import { type Driven, minute, noId, plain, type Row, start, startReplay } from './simulator-client.ts';

/** 100 → 101, up to 106 and down to 94, then a gap to 80, and back up to 120. */
const rows: Row[] = [
  [100, 101, 100, 101, 40],
  [101, 106, 94, 95, 1000],
  [80, 82, 78, 79, 1000],
  [79, 120, 79, 118, 1000],
];
const balances = { USDT: '10000', BTC: '10' };

let driven: Driven;
afterEach(() => driven.simulator.close());

const begin = async (options: Parameters<typeof startReplay>[1] = {}) => {
  driven = await startReplay(rows, { balances, rules: { makerFee: '0', takerFee: '0' }, ...options });
};
type Type = 'market' | 'limit' | 'LIMIT_MAKER';
interface Asked {
  readonly type: Type;
  readonly side: 'buy' | 'sell';
  readonly price?: number;
  readonly params?: Record<string, unknown>;
}
const place = async (clientOrderId: string, { type, side, price, params = {} }: Asked) =>
  driven.exchange.createOrder('BTC/USDT', type, side, 1, price, { ...(await driven.now()), clientOrderId, ...params });
const find = async (clientOrderId: string) =>
  plain(await driven.exchange.fetchOrder(noId, 'BTC/USDT', { ...(await driven.now()), clientOrderId }));
const pass = (candles: number) => driven.admin('POST', 'clock', { by: candles * minute });
const funds = async () => (await driven.admin<{ balances: unknown }>('GET', 'ledger')).balances;

test('a stop loss waits, locks what it will sell, and sells at its stop price when the market gets there', async () => {
  await begin();
  const placed = plain(await place('stop', { type: 'market', side: 'sell', params: { stopLossPrice: 95 } }));
  expect(placed).toMatchObject({ status: 'open', type: 'market', triggerPrice: '95', filled: '0' });
  expect(placed.info).toMatchObject({ type: 'STOP_LOSS', workingTime: -1 });
  expect(await funds()).toMatchObject({ BTC: { free: '9', locked: '1' } });
  await pass(1);
  expect((await find('stop')).info).toMatchObject({ status: 'NEW', isWorking: false });
  await pass(1);
  const order = await find('stop');
  expect(order).toMatchObject({ status: 'closed', average: '95' });
  expect(order.info).toMatchObject({ status: 'FILLED', isWorking: true });
  // Falling: 101 → 106 in the first third of the minute, 106 → 94 in the second, of which 95 lies at 11/12.
  expect(Number(order.info.workingTime) - start).toBe(minute + Math.ceil(20_000 * (1 + 11 / 12)));
  expect(await funds()).toEqual({ BTC: { free: '9', locked: '0' }, USDT: { free: '10095', locked: '0' } });
});

test('a take profit that sells waits for a rise, and slippage goes against it', async () => {
  await begin({ rules: { slippageBps: '100', takerFee: '0' } });
  await place('profit', { type: 'market', side: 'sell', params: { takeProfitPrice: 105 } });
  await pass(2);
  const order = await find('profit');
  expect(order).toMatchObject({ status: 'closed', average: '103.95' });
  expect(order.info.type).toBe('TAKE_PROFIT');
});

test('a gap beyond the stop sells at the first price after it, not at the stop price', async () => {
  await begin();
  await place('gap', { type: 'market', side: 'sell', params: { triggerPrice: 90 } });
  await pass(3);
  expect(await find('gap')).toMatchObject({ status: 'closed', average: '80' });
});

test('a stop-limit order that gaps past its limit rests there until the market comes back', async () => {
  await begin();
  const asked = { type: 'limit', side: 'sell', price: 89, params: { stopLossPrice: 90 } } as const;
  expect(plain(await place('limit', asked)).info).toMatchObject({ type: 'STOP_LOSS_LIMIT', stopPrice: '90' });
  await pass(3);
  const waiting = await find('limit');
  expect(waiting).toMatchObject({ status: 'open', filled: '0' });
  expect(waiting.info).toMatchObject({ status: 'NEW', isWorking: true });
  await pass(1);
  expect(await find('limit')).toMatchObject({ status: 'closed', average: '89' });
  const [trade] = await driven.exchange.fetchMyTrades('BTC/USDT', undefined, undefined, await driven.now());
  expect(trade?.takerOrMaker).toBe('maker');
});

test('a triggered limit fills in the rest of its own candle, after the trigger and not before it', async () => {
  await begin();
  // The high of 106 comes before the stop at 96; afterwards the candle sees no more than 95, on its close.
  await place('early', { type: 'limit', side: 'sell', price: 97, params: { stopLossPrice: 96 } });
  // The stop at 105 comes first, and the fall to 94 after it.
  await place('late', { type: 'limit', side: 'buy', price: 97, params: { stopLossPrice: 105 } });
  await pass(2);
  expect(await find('early')).toMatchObject({ status: 'open', filled: '0' });
  expect(await find('late')).toMatchObject({ status: 'closed', average: '97' });
});

test('a triggered order within the volume of the candle fills partly and can be cancelled', async () => {
  await begin({ rules: { volumeShare: '0.001', makerFee: '0' } });
  await place('part', { type: 'limit', side: 'buy', price: 97, params: { stopLossPrice: 105 } });
  await pass(2);
  const order = await find('part');
  expect(order.info.status).toBe('PARTIALLY_FILLED');
  await driven.exchange.cancelOrder(noId, 'BTC/USDT', { ...(await driven.now()), clientOrderId: 'part' });
  expect((await find('part')).info.status).toBe('CANCELED');
  expect(await funds()).toMatchObject({ USDT: { locked: '0' } });
});

test('an immediate-or-cancel order that can not trade at its trigger expires then', async () => {
  await begin();
  const params = { stopLossPrice: 90, timeInForce: 'IOC' };
  await place('ioc', { type: 'limit', side: 'sell', price: 89, params });
  await pass(2);
  expect(await find('ioc')).toMatchObject({ status: 'open' });
  await pass(1);
  expect(await find('ioc')).toMatchObject({ status: 'expired', filled: '0' });
});

test('a stop that buys after a gap pays from what is free, and expires where that is not enough', async () => {
  await begin({ balances: { USDT: '240' } });
  await pass(3);
  await place('first', { type: 'market', side: 'buy', params: { stopLossPrice: 110 } });
  expect(await funds()).toEqual({ USDT: { free: '130', locked: '110' } });
  await place('second', { type: 'market', side: 'buy', params: { stopLossPrice: 118 } });
  expect(await funds()).toEqual({ USDT: { free: '12', locked: '228' } });
  const last = { symbol: 'BTCUSDT', base: 'BTC', quote: 'USDT', interval: '1m', mode: 'replace' };
  const candle = (index: number, open: string) => ({
    time: start + index * minute,
    open,
    high: open,
    low: open,
    close: open,
    volume: '10',
  });
  await driven.admin('POST', 'market', { ...last, candles: [candle(2, '79'), candle(3, '121')] });
  await pass(1);
  expect(await find('first')).toMatchObject({ status: 'closed', average: '121' });
  expect(await find('second')).toMatchObject({ status: 'expired', filled: '0' });
  expect(await funds()).toMatchObject({ USDT: { free: '119', locked: '0' } });
});

test.each([
  ['a stop loss that sells', { type: 'market', side: 'sell', params: { stopLossPrice: 100 } }],
  ['a stop loss that buys', { type: 'market', side: 'buy', params: { stopLossPrice: 100 } }],
  ['a take profit that sells', { type: 'limit', side: 'sell', price: 100, params: { takeProfitPrice: 99.99 } }],
  ['a take profit that buys', { type: 'limit', side: 'buy', price: 100, params: { takeProfitPrice: 100.01 } }],
] as const)('refuses %s where it would trigger at once', async (_name, asked) => {
  await begin();
  const sent = place('now', asked);
  await expect(sent).rejects.toBeInstanceOf(OrderImmediatelyFillable);
  expect(driven.exchange.last_http_response).toContain('-2010');
  expect(await funds()).toMatchObject({ BTC: { free: '10', locked: '0' }, USDT: { free: '10000', locked: '0' } });
});

test('a maker order rests at its price and is refused where it would take', async () => {
  await begin();
  await expect(place('taker', { type: 'limit', side: 'buy', price: 100, params: { postOnly: true } })).rejects.toThrow(
    'immediately match and take',
  );
  const maker = await place('maker', { type: 'limit', side: 'buy', price: 99, params: { postOnly: true } });
  expect(plain(maker)).toMatchObject({ status: 'open', postOnly: true });
  await pass(2);
  expect(await find('maker')).toMatchObject({ status: 'closed', average: '99' });
});

test('a stop price off the tick is refused', async () => {
  await begin();
  await driven.exchange.loadMarkets();
  const request = { symbol: 'BTCUSDT', side: 'SELL', type: 'STOP_LOSS', quantity: '1', stopPrice: '95.001' };
  await expect(driven.exchange.privatePostOrder({ ...request, ...(await driven.now()) })).rejects.toThrow(
    'PRICE_FILTER',
  );
  const short = await driven.exchange.privatePostOrder({ ...request, stopPrice: '95', ...(await driven.now()) });
  expect(Object.keys(short as object).sort()).toEqual([
    'clientOrderId',
    'orderId',
    'orderListId',
    'symbol',
    'transactTime',
  ]);
});
