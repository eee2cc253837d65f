import { afterEach, describe, expect, it } from 'vitest';
import { createCcxtVenue } from '../../../src/adapters/exchange/ccxt-venue.ts';
import type { VenueOrderRequest, VenuePairRequest } from '../../../src/contracts/venue.ts';
import { candlesBy, idOf, type SimulatedVenue, start, startSimulatedVenue } from './simulated-venue.ts';

let bench: SimulatedVenue;
const ref = (n: number) => ({ symbol: 'BTCUSDT', clientOrderId: idOf(n) });
const find = (n: number) => bench.venue.find(ref(n));
const falling = async (): Promise<void> => {
  bench = await startSimulatedVenue({ candles: candlesBy(-1) });
};
const rising = async (): Promise<void> => {
  bench = await startSimulatedVenue({ candles: candlesBy(1) });
};
const place = async (n: number, over: Partial<VenueOrderRequest>) =>
  await bench.venue.place(await bench.order(n, { side: 'SELL', price: null, timeInForce: null, ...over }));

afterEach(() => bench.close());

describe('an order that waits for a price', () => {
  it('a stop is a market order once the market falls to it', async () => {
    await falling();
    expect(await place(1, { type: 'STOP_LOSS', stopPrice: '95' })).toMatchObject({ status: 'open', fills: [] });
    expect(await bench.venue.openOrders()).toEqual([
      {
        ...ref(1),
        exchangeOrderId: '1',
        side: 'SELL',
        type: 'STOP_LOSS',
        quantity: '1',
        price: null,
        stopPrice: '95',
        timeInForce: null,
        orderListId: null,
        createdAt: start,
        filledQuantity: '0',
      },
    ]);
    await bench.step(4);
    expect(await find(1)).toMatchObject({ status: 'open' });
    await bench.step(2);
    expect(await find(1)).toMatchObject({ status: 'filled', fills: [{ price: '95', quantity: '1' }] });
  });

  it('a stop with a limit takes nothing under it', async () => {
    await falling();
    await place(2, { type: 'STOP_LOSS', stopPrice: '95', price: '95', quantity: '3' });
    expect(await bench.venue.openOrders()).toMatchObject([
      { type: 'STOP_LOSS', stopPrice: '95', price: '95', timeInForce: 'GTC' },
    ]);
    await bench.step(6);
    const report = await find(2);
    expect(report?.fills.every(({ price }) => Number(price) >= 95)).toBe(true);
    expect(report?.fills.length).toBeGreaterThan(0);
  });

  it('a take-profit rests at its price, or waits for one and then leaves at market or at its limit', async () => {
    await rising();
    await place(3, { type: 'TAKE_PROFIT', price: '105' });
    await place(4, { type: 'TAKE_PROFIT', stopPrice: '106' });
    await place(5, { type: 'TAKE_PROFIT', stopPrice: '107', price: '106.5' });
    expect(await bench.venue.openOrders()).toMatchObject([
      { ...ref(3), type: 'LIMIT', price: '105', stopPrice: null, timeInForce: 'GTC' },
      { ...ref(4), type: 'TAKE_PROFIT', price: null, stopPrice: '106', timeInForce: null },
      { ...ref(5), type: 'TAKE_PROFIT', price: '106.5', stopPrice: '107', timeInForce: 'GTC' },
    ]);
    await bench.step(5);
    expect([(await find(3))?.status, (await find(4))?.status]).toEqual(['open', 'open']);
    await bench.step(4);
    expect(await find(3)).toMatchObject({ status: 'filled', fills: [{ price: '105' }] });
    expect(await find(4)).toMatchObject({ status: 'filled', fills: [{ price: '106' }] });
    expect(await find(5)).toMatchObject({ status: 'filled', fills: [{ price: '107' }] });
  });
});

describe('a pair', () => {
  const placePair = async (n: number, over: Partial<VenuePairRequest> = {}) =>
    await bench.venue.placePair(await bench.pair(n, over));

  it('is taken whole, and both say whose they are', async () => {
    await falling();
    const { stop, target } = await placePair(10);
    const orderListId = stop.orderListId;
    expect(orderListId).toMatch(/^\d+$/);
    expect(stop).toMatchObject({ clientOrderId: idOf(10), status: 'open', filledQuantity: '0' });
    expect(target).toMatchObject({ clientOrderId: idOf(11), status: 'open', filledQuantity: '0', orderListId });
    expect(await bench.venue.openOrders()).toMatchObject([
      { ...ref(11), type: 'TAKE_PROFIT', price: '105', stopPrice: null, orderListId },
      { ...ref(10), type: 'STOP_LOSS', price: null, stopPrice: '95', orderListId },
    ]);
    expect(await bench.accepted()).toEqual({ [idOf(10)]: 1, [idOf(11)]: 1 });
  });

  it('leaves at the stop, which ends the target', async () => {
    await falling();
    await placePair(10, { stop: { clientOrderId: idOf(10), stopPrice: '95', price: '94' } });
    expect(await bench.venue.openOrders()).toMatchObject([{}, { type: 'STOP_LOSS', stopPrice: '95', price: '94' }]);
    await bench.step(6);
    expect(await find(10)).toMatchObject({ status: 'filled', fills: [{ price: '95', quantity: '1' }] });
    expect(await find(11)).toMatchObject({ status: 'expired', filledQuantity: '0' });
  });

  it('leaves at the target, whose first part ends the stop', async () => {
    await rising();
    await placePair(10, { quantity: '3' });
    await bench.step(6);
    expect(await find(11)).toMatchObject({ status: 'partially_filled', filledQuantity: '2' });
    expect(await find(10)).toMatchObject({ status: 'expired', filledQuantity: '0' });
    await bench.step(1);
    expect(await find(11)).toMatchObject({ status: 'filled', filledQuantity: '3' });
  });

  it('that buys has its stop above and its target below', async () => {
    await falling();
    await placePair(10, {
      side: 'BUY',
      stop: { clientOrderId: idOf(10), stopPrice: '105', price: null },
      target: { clientOrderId: idOf(11), price: '95' },
    });
    await bench.step(6);
    expect(await find(11)).toMatchObject({ status: 'filled', fills: [{ price: '95' }] });
    expect(await find(10)).toMatchObject({ status: 'expired' });
  });

  it('is cancelled by either order, and a cancel of what has ended is decided by looking', async () => {
    await falling();
    await placePair(10);
    expect(await bench.venue.cancel(ref(11))).toMatchObject({ status: 'cancelled', clientOrderId: idOf(11) });
    expect(await find(10)).toMatchObject({ status: 'cancelled', clientOrderId: idOf(10) });
    expect(await bench.venue.cancel(ref(10))).toMatchObject({ status: 'cancelled', clientOrderId: idOf(10) });
    await placePair(20);
    await bench.step(6);
    expect(await bench.venue.cancel(ref(21))).toMatchObject({ status: 'expired' });
    expect(await find(20)).toMatchObject({ status: 'filled' });
  });

  it.each(['hang', 'reset', 'error', 'truncate'])('after %s, both are found and were taken once', async (kind) => {
    await falling();
    const venue = createCcxtVenue({ client: await bench.connect({ timeoutMs: 500 }), id: 'simulator' });
    await venue.market('BTCUSDT');
    await bench.admin('faults', { kind, route: 'POST /api/v3/orderList/oco' });
    await expect(venue.placePair(await bench.pair(10))).rejects.toMatchObject({ verdict: 'ambiguous' });
    const [stop, target] = [await find(10), await find(11)];
    expect(stop).toMatchObject({ status: 'open' });
    expect(target).toMatchObject({ status: 'open', orderListId: stop?.orderListId });
    expect(await bench.accepted()).toEqual({ [idOf(10)]: 1, [idOf(11)]: 1 });
  });

  it('that no clock would accept any more does not leave', async () => {
    await falling();
    const late = await bench.pair(10);
    await bench.venue.market('BTCUSDT');
    await bench.step(1);
    const isSprung = await bench.tripWire('POST /api/v3/orderList/oco');
    await expect(bench.venue.placePair(late)).rejects.toMatchObject({ verdict: 'wait' });
    expect(await isSprung()).toBe(false);
  });
});

describe('orders and trades that nobody here asked for', () => {
  it('an order is told by its own id, with its terms and its fills', async () => {
    await falling();
    await bench.client.call('createOrder', 'signed', (ccxt) =>
      ccxt.privatePostOrder({
        symbol: 'BTCUSDT',
        side: 'SELL',
        type: 'MARKET',
        quantity: '2',
        newClientOrderId: 'by-hand',
      }),
    );
    const terms = { symbol: 'BTCUSDT', clientOrderId: 'by-hand', exchangeOrderId: '1', side: 'SELL', type: 'MARKET' };
    const rest = { quantity: '2', price: null, stopPrice: null, timeInForce: null, orderListId: null };
    expect(await bench.venue.orderById({ symbol: 'BTCUSDT', exchangeOrderId: '1' })).toMatchObject({
      terms: { ...terms, ...rest, createdAt: start },
      report: {
        clientOrderId: 'by-hand',
        status: 'filled',
        filledQuantity: '2',
        fills: [{ price: '100', quantity: '2' }],
      },
    });
    expect(await bench.venue.orderById({ symbol: 'BTCUSDT', exchangeOrderId: '77' })).toBeNull();
  });

  it('trades come once and in order from an id on, with the orders they belong to', async () => {
    await falling();
    for (const n of [1, 2, 3]) await place(n, { type: 'MARKET' });
    await bench.admin('faults', { kind: 'trades', duplicate: true, shuffle: true, times: 2 });
    const trades = await bench.venue.tradesFrom({ symbol: 'BTCUSDT', fromTradeId: null });
    expect(trades.map(({ tradeId, exchangeOrderId }) => [tradeId, exchangeOrderId])).toEqual([
      ['1', '1'],
      ['2', '2'],
      ['3', '3'],
    ]);
    expect(await bench.venue.tradesFrom({ symbol: 'BTCUSDT', fromTradeId: '2' })).toEqual(trades.slice(1));
    expect(await bench.venue.tradesFrom({ symbol: 'BTCUSDT', fromTradeId: '4' })).toEqual([]);
  });
});

describe('what no venue could take', () => {
  const quantities = ['NaN', '-1', '0', '1e-3', '0x10', ' 1', '1.', '', '1,5', 'Infinity', `1.${'0'.repeat(20)}1`];
  const orders: readonly (readonly [string, Partial<VenueOrderRequest>, string])[] = [
    ['a 37-character id', { clientOrderId: 'a'.repeat(37) }, 'CLIENT_ORDER_ID'],
    ['no id', { clientOrderId: '' }, 'CLIENT_ORDER_ID'],
    ['an id with a space', { clientOrderId: 'a b' }, 'CLIENT_ORDER_ID'],
    ...quantities.map((quantity) => [`the quantity '${quantity}'`, { quantity }, 'QUANTITY'] as const),
    ['a negative price', { price: '-90' }, 'PRICE'],
    ['a limit order without a price', { price: null }, 'PRICE'],
    ['a stop without a stop price', { type: 'STOP_LOSS', price: null }, 'PRICE'],
    ['a stop at NaN', { type: 'STOP_LOSS', price: null, stopPrice: 'NaN' }, 'PRICE'],
    ['a take-profit without any price', { type: 'TAKE_PROFIT', price: null }, 'PRICE'],
  ];
  it('is refused with the rule named, and nothing leaves for it', async () => {
    await falling();
    const isSprung = await bench.tripWire('*');
    for (const [what, over, rule] of orders) {
      const refused = { verdict: 'rejected', message: expect.stringContaining(`not sent, ${rule}`) as unknown };
      const order = { ...ref(1), side: 'BUY', type: 'LIMIT', quantity: '1', price: '90', stopPrice: null } as const;
      const placed = bench.venue.place({ ...order, timeInForce: null, sentAt: start, ...over });
      await expect(placed, what).rejects.toMatchObject(refused);
    }
    expect(await isSprung()).toBe(false);
  });

  const pair: VenuePairRequest = {
    listClientOrderId: 'list',
    symbol: 'BTCUSDT',
    side: 'SELL',
    quantity: '1',
    stop: { clientOrderId: 'stop', stopPrice: '95', price: null },
    target: { clientOrderId: 'target', price: '105' },
    sentAt: start,
  };
  const pairs: readonly (readonly [string, Partial<VenuePairRequest>])[] = [
    ['CLIENT_ORDER_ID', { listClientOrderId: 'a'.repeat(37) }],
    ['CLIENT_ORDER_ID', { stop: { ...pair.stop, clientOrderId: 'a:b' } }],
    ['CLIENT_ORDER_ID', { target: { ...pair.target, clientOrderId: 'stop' } }],
    ['QUANTITY', { quantity: '1e1' }],
    ['PRICE', { stop: { ...pair.stop, stopPrice: '-95' } }],
    ['PRICE', { stop: { ...pair.stop, price: 'NaN' } }],
    ['PRICE', { target: { ...pair.target, price: '' } }],
  ];
  it('of a pair neither', async () => {
    await falling();
    const isSprung = await bench.tripWire('*');
    for (const [rule, over] of pairs) {
      const refused = { verdict: 'rejected', message: expect.stringContaining(`not sent, ${rule}`) as unknown };
      await expect(bench.venue.placePair({ ...pair, ...over }), JSON.stringify(over)).rejects.toMatchObject(refused);
    }
    expect(await isSprung()).toBe(false);
    await bench.venue.now('BTCUSDT');
    expect(await isSprung()).toBe(true);
  });

  it('an order for a market that does not exist is named before it leaves', async () => {
    await falling();
    await bench.venue.market('BTCUSDT');
    const isSprung = await bench.tripWire('POST /api/v3/order');
    const order = await bench.order(1, { symbol: 'NOPEUSDT' });
    await expect(bench.venue.place(order)).rejects.toMatchObject({ name: 'UnknownSymbol' });
    expect(await isSprung()).toBe(false);
  });
});
