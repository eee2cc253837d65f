import { afterEach, expect, test } from 'vitest';
import { InsufficientFunds, InvalidNonce, InvalidOrder, OrderNotFound } from 'ccxt';
import { type Driven, minute, noId, plain, type Row, start, startReplay } from './simulator-client.ts';

const calm: Row[] = [
  [100, 102, 99, 101, 40],
  [101, 103, 98, 102, 40],
  [102, 104, 95, 96, 20],
  [96, 97, 90, 91, 1000],
  [91, 130, 91, 128, 1000],
];

interface Ledger {
  readonly orders: readonly { clientOrderId: string; status: string; trades: readonly unknown[] }[];
  readonly accepted: Readonly<Record<string, number>>;
  readonly balances: Readonly<Record<string, { free: string; locked: string }>>;
}

let driven: Driven;
afterEach(() => driven.simulator.close());

const begin = async (...given: Parameters<typeof startReplay>): Promise<Driven> => {
  driven = await startReplay(...given);
  return driven;
};
const ledger = () => driven.admin<Ledger>('GET', 'ledger');

test('serves markets, time, ticker, candles and balances to the unmodified ccxt binance class', async () => {
  const { exchange, admin, now } = await begin(calm);
  const markets = await exchange.loadMarkets();
  expect(plain(markets['BTC/USDT'])).toMatchObject({
    id: 'BTCUSDT',
    active: true,
    precision: { price: '0.01', amount: '0.00001' },
    limits: { cost: { min: '5' }, amount: { min: '0.00001', max: '9000' } },
  });
  expect(await exchange.fetchTime()).toBe(start);
  expect(plain((await exchange.fetchBalance(await now()))['USDT'])).toEqual({
    free: '10000',
    used: '0',
    total: '10000',
  });

  await admin('POST', 'clock', { by: minute });
  expect(await exchange.fetchTime()).toBe(start + minute);
  expect(plain(await exchange.fetchOHLCV('BTC/USDT', '1m'))).toEqual([
    [start, '100', '102', '99', '101', '40'],
    [start + minute, '101', '101', '101', '101', '0'],
  ]);
  expect(plain(await exchange.fetchTicker('BTC/USDT'))).toMatchObject({
    last: '101',
    high: '102',
    low: '99',
    baseVolume: '40',
  });
  const book = await exchange.fetchOrderBook('BTC/USDT', 5);
  expect(book.bids[0]).toEqual([101, 10]);
});

test('the open candle is served as it stands, and one that has not opened is not', async () => {
  const { exchange, admin } = await begin(calm);
  await exchange.loadMarkets();
  await admin('POST', 'clock', { to: start + minute / 2 });
  const candles = await exchange.fetchOHLCV('BTC/USDT', '1m');
  // Rising: 100 → 99 → 102 → 101, half-way between 99 and 102 after half the minute.
  expect(plain(candles)).toEqual([[start, '100', '100.5', '99', '100.5', '20']]);
});

test('aggregates candles to whole multiples of the interval', async () => {
  const { exchange, admin } = await begin(calm);
  await exchange.loadMarkets();
  await admin('POST', 'clock', { to: start + 5 * minute });
  const three = [
    [start, '100', '104', '95', '96', '100'],
    [start + 3 * minute, '96', '130', '90', '128', '2000'],
  ];
  expect(plain(await exchange.fetchOHLCV('BTC/USDT', '3m', start))).toEqual(three);
  expect(plain(await exchange.fetchOHLCV('BTC/USDT', '3m', undefined, 1))).toEqual(three.slice(1));
  expect(await exchange.fetchOHLCV('BTC/USDT', '1m', start + minute, 2)).toHaveLength(2);
});

test('a market order fills at the price of the moment and pays its fee in what it receives', async () => {
  const { exchange, now } = await begin(calm);
  const params = { ...(await now()), clientOrderId: 'buy-1' };
  const bought = plain(await exchange.createOrder('BTC/USDT', 'market', 'buy', 2, undefined, params));
  expect(bought).toMatchObject({ status: 'closed', filled: '2', average: '100', clientOrderId: 'buy-1' });
  expect(bought.trades[0]).toMatchObject({ price: '100', fee: { cost: '0.002', currency: 'BTC' } });
  await exchange.createOrder('BTC/USDT', 'market', 'sell', 1, undefined, await now());
  const balance = plain(await exchange.fetchBalance(await now()));
  expect(balance['BTC']).toMatchObject({ free: '0.998' });
  expect(balance['USDT']).toMatchObject({ free: '9899.9' });
});

test('spread, slippage, fee asset and the split of large orders are configurable', async () => {
  const { exchange, now } = await begin(calm, {
    rules: { spreadBps: '20', slippageBps: '10', feeAsset: 'quote', fillSplit: '0.8' },
  });
  const bought = plain(await exchange.createOrder('BTC/USDT', 'market', 'buy', 2, undefined, await now()));
  expect(bought.average).toBe('100.2');
  expect(bought.trades.map((trade) => trade.amount)).toEqual(['0.8', '0.8', '0.4']);
  const sold = await exchange.createOrder('BTC/USDT', 'market', 'sell', 2, undefined, await now());
  expect(sold.average).toBe('99.8');
  const { balances } = await ledger();
  expect(balances).toEqual({ BTC: { free: '0', locked: '0' }, USDT: { free: '9998.8', locked: '0' } });
});

test('fees are paid in BNB while there is enough of it, and in what is received after that', async () => {
  const { exchange, now } = await begin(calm, {
    rules: { feeAsset: 'BNB', bnbPrice: '500', fillSplit: '1' },
    balances: { USDT: '10000', BNB: '0.0005' },
  });
  const bought = plain(await exchange.createOrder('BTC/USDT', 'market', 'buy', 3, undefined, await now()));
  expect(bought.trades.map(({ fee }) => fee)).toMatchObject([
    { cost: '0.0002', currency: 'BNB' },
    { cost: '0.0002', currency: 'BNB' },
    { cost: '0.001', currency: 'BTC' },
  ]);
  const { balances } = await ledger();
  expect(balances).toEqual({
    BTC: { free: '2.999', locked: '0' },
    BNB: { free: '0.0001', locked: '0' },
    USDT: { free: '9700', locked: '0' },
  });
});

test('a fee that is taken from the quote must be there before a buy is accepted', async () => {
  const { exchange, now } = await begin(calm, { rules: { feeAsset: 'quote' } });
  const buy = async (amount: number) => exchange.createOrder('BTC/USDT', 'limit', 'buy', amount, 100, await now());
  await expect(buy(100)).rejects.toThrow(InsufficientFunds);
  await buy(99.9);
  expect((await ledger()).balances['USDT']).toEqual({ free: '0.01', locked: '0' });
});

test('a limit order rests, is found by its client id, and fills over candles within their volume as maker', async () => {
  const { exchange, admin, now } = await begin(calm);
  const placed = await exchange.createOrder('BTC/USDT', 'limit', 'buy', 5, 98, {
    ...(await now()),
    clientOrderId: 'dip',
  });
  expect(placed.status).toBe('open');
  expect(plain((await exchange.fetchBalance(await now()))['USDT'])).toMatchObject({ free: '9510', used: '490' });
  await admin('POST', 'clock', { by: 2 * minute });
  // The second candle touches 98 and does not trade through it.
  expect(await exchange.fetchOpenOrders('BTC/USDT', undefined, undefined, await now())).toHaveLength(1);
  await admin('POST', 'clock', { by: minute });
  const find = async () =>
    plain(await exchange.fetchOrder(noId, 'BTC/USDT', { ...(await now()), clientOrderId: 'dip' }));
  expect(await find()).toMatchObject({ status: 'open', filled: '2', remaining: '3', id: placed.id });
  await admin('POST', 'clock', { by: minute });
  expect(await find()).toMatchObject({ status: 'closed', filled: '5', average: '98' });
  const trades = plain(await exchange.fetchMyTrades('BTC/USDT', undefined, undefined, await now()));
  expect(trades.map((trade) => [trade.amount, trade.price, trade.takerOrMaker, trade.timestamp])).toEqual([
    ['2', '98', 'maker', start + 3 * minute - 1],
    ['3', '98', 'maker', start + 4 * minute - 1],
  ]);
  expect((await ledger()).balances).toEqual({
    BTC: { free: '4.995', locked: '0' },
    USDT: { free: '9510', locked: '0' },
  });
});

test('a marketable limit order takes the better price and gets the difference back', async () => {
  const { exchange, now } = await begin(calm);
  const order = await exchange.createOrder('BTC/USDT', 'limit', 'buy', 1, 110, await now());
  expect(order).toMatchObject({ status: 'closed', average: '100' });
  expect((await ledger()).balances['USDT']).toEqual({ free: '9900', locked: '0' });
});

test.each(['IOC', 'FOK'])('a %s order that does not match expires and locks nothing', async (timeInForce) => {
  const { exchange, now } = await begin(calm);
  const order = await exchange.createOrder('BTC/USDT', 'limit', 'buy', 1, 90, { ...(await now()), timeInForce });
  expect(order.status).toBe('expired');
  expect((await ledger()).balances['USDT']).toEqual({ free: '10000', locked: '0' });
});

test('a cancel unlocks the rest, answers with its own id, and cannot be repeated', async () => {
  const { exchange, admin, now } = await begin(calm);
  await exchange.createOrder('BTC/USDT', 'limit', 'buy', 5, 97, { ...(await now()), clientOrderId: 'rest' });
  await admin('POST', 'clock', { by: 3 * minute });
  const cancel = async () => exchange.cancelOrder(noId, 'BTC/USDT', { ...(await now()), clientOrderId: 'rest' });
  const cancelled = plain(await cancel());
  expect(cancelled).toMatchObject({ status: 'canceled', filled: '2' });
  expect(cancelled.info.origClientOrderId).toBe('rest');
  expect(cancelled.info.clientOrderId).not.toBe('rest');
  expect((await ledger()).balances).toEqual({
    BTC: { free: '1.998', locked: '0' },
    USDT: { free: '9806', locked: '0' },
  });
  await expect(cancel()).rejects.toThrow(OrderNotFound);
  await expect(cancel()).rejects.toThrow('-2011');
});

test('a client order id is refused while its order is open and taken again once that has filled', async () => {
  const { exchange, now } = await begin(calm);
  const place = async (price: number) =>
    exchange.createOrder('BTC/USDT', 'limit', 'buy', 1, price, { ...(await now()), clientOrderId: 'same' });
  await place(90);
  await expect(place(91)).rejects.toThrow('Duplicate order sent');
  await exchange.cancelOrder(noId, 'BTC/USDT', { ...(await now()), clientOrderId: 'same' });
  await place(100);
  await place(100);
  const { orders, accepted } = await ledger();
  expect(accepted).toEqual({ same: 3 });
  expect(orders.map(({ status }) => status)).toEqual(['CANCELED', 'FILLED', 'FILLED']);
});

test.each([
  ['a price off the tick', 'limit', '1', '100.001', InvalidOrder, 'PRICE_FILTER'],
  ['a quantity off the step', 'limit', '0.1000001', '100', InvalidOrder, 'LOT_SIZE'],
  ['a quantity above the maximum', 'limit', '9001', '100', InvalidOrder, 'LOT_SIZE'],
  ['a notional below the minimum', 'limit', '0.01', '100', Error, 'NOTIONAL'],
  ['more than the account has', 'limit', '101', '100', InsufficientFunds, 'insufficient balance'],
] as const)('refuses %s', async (_name, type, amount, price, failure, text) => {
  const { exchange, now } = await begin(calm);
  await exchange.loadMarkets();
  const request = {
    symbol: 'BTCUSDT',
    side: 'BUY',
    type: type.toUpperCase(),
    timeInForce: 'GTC',
    quantity: amount,
    price,
  };
  const sent = exchange.privatePostOrder({ ...request, ...(await now()) });
  await expect(sent).rejects.toThrow(text);
  await expect(sent).rejects.toBeInstanceOf(failure);
  expect((await ledger()).orders).toEqual([]);
});

test('refuses malformed ids and quantities, unknown symbols and what an order type does not take', async () => {
  const { exchange, now } = await begin(calm);
  await exchange.loadMarkets();
  const send = async (change: Record<string, string>) =>
    exchange.privatePostOrder({
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'MARKET',
      quantity: '1',
      ...change,
      ...(await now()),
    });
  await expect(send({ newClientOrderId: 'a b' })).rejects.toThrow('-1100');
  await expect(send({ newClientOrderId: 'x'.repeat(37) })).rejects.toThrow('-1100');
  await expect(send({ quantity: '-1' })).rejects.toThrow('-1100');
  await expect(send({ symbol: 'NOPE' })).rejects.toThrow('-1121');
  await expect(send({ type: 'TRAILING' })).rejects.toThrow('-1116');
  await expect(send({ type: 'STOP_LOSS' })).rejects.toThrow('stopPrice');
  await expect(send({ type: 'LIMIT_MAKER', price: '90', timeInForce: 'GTC' })).rejects.toThrow('-1106');
  await expect(send({ newOrderRespType: 'LONG' })).rejects.toThrow('-1136');
  expect((await ledger()).orders).toEqual([]);
  await expect(send({ price: '100' })).rejects.toThrow('-1106');
  await expect(exchange.fetchOrder('7', 'BTC/USDT', await now())).rejects.toThrow(OrderNotFound);
  await expect(exchange.fetchOrder('7', 'BTC/USDT', await now())).rejects.toThrow('-2013');
});

test('a timestamp is taken up to a second ahead and a receive window behind', async () => {
  const { exchange } = await begin(calm);
  await exchange.loadMarkets();
  const ask = (shift: number) => exchange.fetchBalance({ timestamp: start + shift, recvWindow: 5000 });
  await expect(ask(999)).resolves.toBeDefined();
  await expect(ask(1000)).rejects.toThrow(InvalidNonce);
  await expect(ask(-5000)).resolves.toBeDefined();
  await expect(ask(-5001)).rejects.toThrow('-1021');
});
