import { describe, expect, it } from 'vitest';
import type { OrderStatus } from '../../../src/domain/orders/order.ts';
import { type BookedOrder, type RestingOrder, diffOrders, rowOf } from '../../../src/domain/orders/reconcile.ts';

const symbol = 'BTCUSDT';
const ours = (status: OrderStatus, over: Partial<BookedOrder> = {}): BookedOrder => ({
  symbol,
  clientOrderId: 'a',
  exchangeOrderId: '1',
  status,
  filledQuantity: '0',
  ...over,
});
const resting = (over: Partial<RestingOrder> = {}): RestingOrder => ({
  symbol,
  clientOrderId: 'a',
  exchangeOrderId: '1',
  filledQuantity: '0',
  ...over,
});
const trade = (exchangeOrderId: string) => ({ symbol, exchangeOrderId });
const kinds = (facts: Parameters<typeof diffOrders>[0]) =>
  diffOrders(facts).map((found) => (found.kind === 'ours' ? found.why : `foreign ${found.exchangeOrderId}`));

describe('orders of ours', () => {
  it('that are open there with the same fills do not differ', () => {
    const facts = { ours: [ours('partially_filled', { filledQuantity: '0.50' })], unbooked: [] };
    expect(diffOrders({ ...facts, resting: [resting({ filledQuantity: '0.5' })] })).toEqual([]);
  });

  it.each<[string, Parameters<typeof diffOrders>[0], string[]]>([
    ['are not open there', { ours: [ours('open')], resting: [], unbooked: [] }, ['not_open_there']],
    [
      'have other fills there',
      { ours: [ours('open')], resting: [resting({ filledQuantity: '1' })], unbooked: [] },
      ['other_fills'],
    ],
    [
      'have trades that no row has',
      { ours: [ours('cancelled')], resting: [], unbooked: [trade('1')] },
      ['unbooked_trades'],
    ],
    [
      'are unknown and not shown',
      { ours: [ours('unknown', { exchangeOrderId: null })], resting: [], unbooked: [] },
      ['unknown'],
    ],
    [
      'are unknown and rest there',
      {
        ours: [ours('unknown', { exchangeOrderId: null })],
        resting: [resting()],
        unbooked: [],
      },
      ['unknown'],
    ],
    [
      'have ended here and rest there',
      { ours: [ours('cancelled')], resting: [resting()], unbooked: [] },
      ['ended_here'],
    ],
    [
      'were never sent by our books and rest there',
      {
        ours: [ours('pending', { exchangeOrderId: null })],
        resting: [resting()],
        unbooked: [],
      },
      ['ended_here'],
    ],
  ])('that %s are asked about', (_name, facts, expected) => {
    expect(kinds(facts)).toEqual(expected);
  });

  it('that are asked about for two reasons are asked about once', () => {
    expect(kinds({ ours: [ours('open')], resting: [], unbooked: [trade('1'), trade('1')] })).toEqual([
      'not_open_there',
    ]);
  });

  it('that are on their way are left to whoever sent them', () => {
    const sent = ours('submitting', { exchangeOrderId: null });
    expect(kinds({ ours: [sent], resting: [resting({ filledQuantity: '1' })], unbooked: [] })).toEqual([]);
    expect(kinds({ ours: [sent], resting: [], unbooked: [] })).toEqual([]);
  });
});

describe('orders that are not ours', () => {
  it('are named once, whether they rest, traded, or both', () => {
    expect(
      kinds({
        ours: [],
        resting: [resting({ exchangeOrderId: '7' })],
        unbooked: [trade('7'), trade('8')],
      }),
    ).toEqual(['foreign 7', 'foreign 8']);
  });

  it('are told from ours where a client id of ours has been used again', () => {
    const row = ours('filled', { exchangeOrderId: '1' });
    expect(
      kinds({
        ours: [row],
        resting: [resting({ exchangeOrderId: '2' })],
        unbooked: [],
      }),
    ).toEqual(['foreign 2']);
  });

  it('are told from ours on another market, where venue ids are the same', () => {
    const find = rowOf([ours('open')]);
    expect(find({ symbol: 'ETHUSDT', clientOrderId: 'a', exchangeOrderId: '1' })).toBeNull();
    expect(find({ symbol, clientOrderId: 'other', exchangeOrderId: '1' })).not.toBeNull();
  });
});
