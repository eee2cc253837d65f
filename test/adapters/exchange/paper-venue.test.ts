import { describe, expect, test } from 'vitest';
import { createPaperVenue } from '../../../src/adapters/exchange/paper-venue.ts';
import type { OrderRecord } from '../../../src/adapters/postgres/orders.ts';
import type { Candle } from '../../../src/domain/market/candle.ts';

const minute = 60_000;
const candlesOf = (volumes: readonly number[]): readonly Candle[] =>
  volumes.map((volume, bar) => ({
    time: bar * minute,
    open: '100',
    high: '100',
    low: '100',
    close: '100',
    volume: String(volume),
  }));

const order = (over: Partial<OrderRecord>): OrderRecord => ({
  orderId: 'o',
  strategyId: 's',
  strategyVersion: 1,
  symbol: 'BTCUSDT',
  side: 'SELL',
  type: 'MARKET',
  kind: 'exit',
  environment: 'paper',
  exchange: 'paper',
  status: 'open',
  quantity: '10',
  price: null,
  stopPrice: null,
  orderListId: null,
  clientOrderId: 'id',
  exchangeOrderId: null,
  sentAt: 0,
  filledQuantity: '0',
  averageFillPrice: null,
  timeInForce: null,
  reduceOnly: true,
  reservedAsset: null,
  reservedAmount: null,
  metadata: {
    interval: '1m',
    candleTime: 0,
    decidedAt: 0,
    base: 'BTC',
    quote: 'USDT',
    stepSize: '0.1',
    minQuantity: '0.1',
    minNotional: '200',
    replacedBy: null,
    reason: '',
    cancelRequestedAt: null,
    expireAt: null,
    budget: null,
    stake: null,
    maxQuantity: '0',
    protection: null,
    note: '',
  },
  ...over,
});

/** What the venue says of an order that takes at most half of the volume of each candle. */
const reportOf = async (of: OrderRecord, volumes: readonly number[], volumeLimitPct: number | null = 50) => {
  const filters = { tickSize: '0.01', stepSize: '0.1', minQuantity: '0.1', maxQuantity: '0', minNotional: '200' };
  const venue = createPaperVenue(
    {
      orderByClientId: async () => await Promise.resolve(of),
      openOrders: async () => await Promise.resolve([of]),
      ordersOfList: async () => await Promise.resolve([of]),
      candlesFrom: async () => await Promise.resolve(candlesOf(volumes)),
      balances: async () => await Promise.resolve({}),
      marketTime: async () => await Promise.resolve(volumes.length * minute),
    },
    { market: async (symbol) => await Promise.resolve({ symbol, base: 'BTC', quote: 'USDT', filters }) },
    { feePct: 0.1, slippageBps: 0, volumeLimitPct },
  );
  const report = await venue.find({ symbol: 'BTCUSDT', clientOrderId: 'id' });
  return [report?.status, report?.filledQuantity, report?.fills.map(({ quantity }) => quantity)];
};

describe('a paper order under a volume limit', () => {
  test('that closes a position goes on until all is sold', async () => {
    expect(await reportOf(order({}), [8, 4])).toEqual(['partially_filled', '6', ['4', '2']]);
    expect(await reportOf(order({}), [8, 4, 8])).toEqual(['filled', '10', ['4', '2', '4']]);
  });
  test('that opens one takes what its candle gives, and nothing where that is under what the market takes', async () => {
    const entry = order({ side: 'BUY', kind: 'entry', reduceOnly: false });
    expect(await reportOf(entry, [8, 40])).toEqual(['expired', '4', ['4']]);
    expect(await reportOf(entry, [3, 40])).toEqual(['expired', '0', []]);
  });
  test('fills in one where there is no limit', async () => {
    expect(await reportOf(order({}), [1], null)).toEqual(['filled', '10', ['10']]);
  });
});

describe('a pair on paper', () => {
  const rising = [100, 101, 102, 103].map((price, bar): Candle => ({
    time: bar * minute,
    open: String(price),
    high: String(price + 1),
    low: String(price - 1),
    close: String(price),
    volume: '8',
  }));
  const legs = (metadata: Partial<OrderRecord['metadata']> = {}): readonly [OrderRecord, OrderRecord] => {
    const { metadata: common } = order({});
    const leg = { orderListId: 'pair', kind: 'manual', metadata: { ...common, ...metadata } } as const;
    return [
      order({ ...leg, orderId: 's', clientOrderId: 'stop', type: 'STOP_LOSS', stopPrice: '95' }),
      order({ ...leg, orderId: 't', clientOrderId: 'target', type: 'TAKE_PROFIT', price: '103', metadata: common }),
    ];
  };
  const over = (rows: readonly OrderRecord[], candles: readonly Candle[], volumeLimitPct: number | null = 50) =>
    createPaperVenue(
      {
        orderByClientId: async (id) =>
          await Promise.resolve(rows.find(({ clientOrderId }) => clientOrderId === id) ?? null),
        openOrders: async () => await Promise.resolve(rows),
        ordersOfList: async (list) => await Promise.resolve(rows.filter(({ orderListId }) => orderListId === list)),
        candlesFrom: async ({ from }) => await Promise.resolve(candles.filter(({ time }) => time >= from)),
        balances: async () => await Promise.resolve({}),
        marketTime: async () => await Promise.resolve(candles.length * minute),
      },
      { market: () => Promise.reject(new Error('no market is asked for')) },
      { feePct: 0.1, slippageBps: 0, volumeLimitPct },
    );
  const request = {
    listClientOrderId: 'pair',
    symbol: 'BTCUSDT',
    side: 'SELL',
    quantity: '10',
    stop: { clientOrderId: 'stop', stopPrice: '95', price: null },
    target: { clientOrderId: 'target', price: '103' },
    sentAt: 0,
  } as const;
  const ref = (clientOrderId: string) => ({ symbol: 'BTCUSDT', clientOrderId });

  test('is answered for both orders, which say whose they are', async () => {
    const { stop, target } = await over(legs(), rising.slice(0, 2)).placePair(request);
    expect(stop).toMatchObject({ clientOrderId: 'stop', status: 'open', orderListId: 'pair' });
    expect(target).toMatchObject({ clientOrderId: 'target', status: 'open', orderListId: 'pair' });
  });
  test('leaves by one, which ends the other, whoever is asked first', async () => {
    const venue = over(legs(), rising);
    const target = { status: 'partially_filled', filledQuantity: '8', fills: [{ price: '103' }, { price: '103' }] };
    expect(await venue.find(ref('stop'))).toMatchObject({ status: 'expired', fills: [] });
    expect(await venue.find(ref('target'))).toMatchObject(target);
    expect(await venue.placePair(request)).toMatchObject({ stop: { status: 'expired' }, target });
  });
  test('is cancelled by the cancel of either', async () => {
    const venue = over(legs({ cancelRequestedAt: minute }), rising);
    expect(await venue.cancel(ref('stop'))).toMatchObject({ status: 'cancelled', fills: [] });
    expect(await venue.find(ref('target'))).toMatchObject({ status: 'cancelled', fills: [] });
  });
  test('needs its rows', async () => {
    await expect(over(legs().slice(0, 1), rising).placePair(request)).rejects.toThrow(TypeError);
  });

  test('is told by its terms, among the open orders and by the id that a venue would give', async () => {
    const venue = over(legs(), rising.slice(0, 2));
    const terms = {
      symbol: 'BTCUSDT',
      clientOrderId: 'stop',
      exchangeOrderId: 'paper-stop',
      side: 'SELL',
      type: 'STOP_LOSS',
      quantity: '10',
      price: null,
      stopPrice: '95',
      timeInForce: null,
      orderListId: 'pair',
      createdAt: 0,
    };
    const [first] = await venue.openOrders();
    expect(first).toEqual({ ...terms, filledQuantity: '0' });
    const asked = { symbol: 'BTCUSDT', exchangeOrderId: first?.exchangeOrderId ?? '' };
    expect(await venue.orderById(asked)).toMatchObject({ terms, report: { status: 'open' } });
    expect(await venue.orderById({ ...asked, exchangeOrderId: 'paper-nobody' })).toBeNull();
    expect(await venue.orderById({ ...asked, exchangeOrderId: '28' })).toBeNull();
  });
});

test('an exit that stands for a stop fills as if that had rested, a millisecond into its candle', async () => {
  const common = order({}).metadata;
  const protection = { type: 'STOP_LOSS', price: '100', candleTime: 0 } as const;
  const exit = order({ sentAt: 5 * minute, metadata: { ...common, decidedAt: 5 * minute, protection } });
  expect(await reportOf(exit, [80, 80], null)).toEqual(['filled', '10', ['10']]);
  const target = { ...protection, type: 'TAKE_PROFIT', price: '101' } as const;
  expect(await reportOf({ ...exit, metadata: { ...common, protection: target } }, [80, 80], null)).toEqual([
    'open',
    '0',
    [],
  ]);
});

test('a person gets from a candle what its volume gives and keeps the rest in the book; a strategy enters or expires', async () => {
  const limit = order({ side: 'BUY', type: 'LIMIT', price: '100', kind: 'manual', reduceOnly: false });
  expect(await reportOf(limit, [3, 8, 40])).toEqual(['filled', '10', ['1.5', '4', '4.5']]);
  expect(await reportOf({ ...limit, kind: 'entry' }, [8, 40])).toEqual(['expired', '4', ['4']]);
});
