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
