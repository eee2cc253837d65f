import { describe, expect, it } from 'vitest';
import type { CcxtClient, CcxtClientOptions } from '../../../src/adapters/exchange/ccxt-client.ts';
import type { CcxtExchange } from '../../../src/adapters/exchange/ccxt-exchange.ts';
import type { VenueOrderRequest, VenuePairRequest } from '../../../src/contracts/venue.ts';
import {
  type Ask,
  type Expected,
  askings,
  expectFailure,
  fatal,
  posts,
  refused,
  useFailureBench,
  wait,
} from './failure-bench.ts';
import { credentials, idOf } from './simulated-venue.ts';

const bench = useFailureBench();
/** A posted request as it stands on the wire, for what the adapter itself would never send. */
const raw = async (
  client: CcxtClient,
  n: number,
  over: Readonly<Record<string, string | number>>,
): Promise<unknown> => {
  const { list, ...changed } = { list: 0, ...over };
  const timestamp = await client.clock.now();
  const limit = { type: 'LIMIT', price: '90', timeInForce: 'GTC', newClientOrderId: idOf(n) };
  const oco = { aboveType: 'LIMIT_MAKER', abovePrice: '105', belowType: 'STOP_LOSS', belowStopPrice: '95' };
  const common = { symbol: 'BTCUSDT', quantity: '1', timestamp };
  return await client.call('createOrder', 'public', (ccxt) =>
    list === 1
      ? ccxt.privatePostOrderListOco({ ...common, side: 'SELL', ...oco, aboveClientOrderId: idOf(n), ...changed })
      : ccxt.privatePostOrder({ ...common, side: 'BUY', ...limit, ...changed }),
  );
};

describe('an order or a pair that the exchange really refuses', () => {
  const orders: readonly (readonly [string, Partial<VenueOrderRequest>, Expected])[] = [
    ['more than the balance', { quantity: '8000', price: '99' }, refused('-2010')],
    ['off the step', { quantity: '1.000001' }, refused('-1013')],
    ['over the largest quantity', { quantity: '9001', price: '1' }, refused('-1013')],
    ['off the tick', { price: '90.001' }, refused('-1013')],
    ['under the notional', { quantity: '0.01' }, refused('-1013')],
    [
      'a stop that is reached',
      { side: 'SELL', type: 'STOP_LOSS', stopPrice: '100', price: null, timeInForce: null },
      refused('-2010'),
    ],
    [
      'a take-profit that is reached',
      { side: 'SELL', type: 'TAKE_PROFIT', stopPrice: '99', price: null, timeInForce: null },
      refused('-2010'),
    ],
  ];
  it.each(orders)('createOrder: %s', async (_what, over, expected) => {
    const n = bench.freshId();
    await expectFailure(bench.post('createOrder', n, bench.connection(), over), expected);
    expect(await bench.wasTaken(n)).toBe(false);
  });

  const pairs: readonly (readonly [string, (n: number) => Partial<VenuePairRequest>, Expected])[] = [
    ['more than is held', () => ({ quantity: '2000' }), refused('-2010')],
    ['off the step', () => ({ quantity: '1.000001' }), refused('-1013')],
    ['under the notional', () => ({ quantity: '0.01' }), refused('-1013')],
    ['off the tick', (n) => ({ target: { clientOrderId: idOf(n + 1), price: '105.001' } }), refused('-1013')],
    [
      'a stop above the market',
      (n) => ({ stop: { clientOrderId: idOf(n), stopPrice: '101', price: null } }),
      refused('-2010'),
    ],
    ['a target under the market', (n) => ({ target: { clientOrderId: idOf(n + 1), price: '99' } }), refused('-2010')],
  ];
  it.each(pairs)('placePair: %s', async (_what, over, expected) => {
    const n = bench.freshId();
    await expectFailure(bench.post('placePair', n, bench.connection(), over(n)), expected);
    expect(await bench.wasTaken(n)).toBe(false);
    expect(await bench.wasTaken(n + 1)).toBe(false);
  });

  const wires: readonly (readonly [string, Readonly<Record<string, string | number>>, Expected])[] = [
    ['an unknown symbol', { symbol: 'NOPEUSDT' }, refused('-1121')],
    ['a 37-character id', { newClientOrderId: 'x'.repeat(37) }, refused('-1100')],
    ['a negative quantity', { quantity: '-1' }, refused('-1100')],
    ['a quantity with an exponent', { quantity: '1e-3' }, refused('-1100')],
    ['no price', { price: '' }, refused('-1102')],
    ['a price for a market order', { type: 'MARKET' }, refused('-1106')],
    ['an unknown time in force', { timeInForce: 'GTX' }, refused('-1115')],
    ['an unknown type', { type: 'ICEBERG' }, refused('-1116')],
    ['an unknown side', { side: 'HOLD' }, refused('-1117')],
    ['a receive window that is too long', { recvWindow: 60_001 }, refused('-1131')],
    ['a market order in a pair', { list: 1, aboveType: 'MARKET', abovePrice: '' }, refused('-1106')],
    [
      'two stops in a pair',
      { list: 1, aboveType: 'STOP_LOSS_LIMIT', aboveStopPrice: '1', aboveTimeInForce: 'GTC' },
      refused('-1158'),
    ],
    ['a timestamp of a minute ago', { timestamp: 1 }, wait('-1021')],
  ];
  it.each(wires)('on the wire: %s', async (_what, over, expected) => {
    const n = bench.freshId();
    await expectFailure(raw(bench.connection().client, n, over), expected);
    expect(await bench.wasTaken(n)).toBe(false);
  });

  it.each(posts)('%s: a key it does not know, and a signature that is wrong', async (call) => {
    const n = bench.freshId();
    const stranger = await bench.connect({ credentials: { ...credentials, apiKey: `${'k'.repeat(63)}x` } });
    await expectFailure(bench.post(call, n, stranger), { verdict: 'fatal', code: '-2015' });
    const forger = await bench.connect({ credentials: { ...credentials, secret: `${'s'.repeat(63)}x` } });
    await expectFailure(bench.post(call, n, forger), { verdict: 'fatal', code: '-1022' });
    expect(await bench.wasTaken(n)).toBe(false);
  });

  it.each(posts)('%s: the id of one that is open may be that one, found by asking', async (call) => {
    const n = bench.freshId();
    await bench.post(call, n, bench.connection());
    await expectFailure(bench.post(call, n, bench.connection()), { verdict: 'ambiguous', code: '-2010' });
    expect((await bench.simulated().accepted())[idOf(n)]).toBe(1);
  });

  it.each(posts)('%s: one that the clock has left behind on the way', async (call) => {
    const n = bench.freshId();
    const { client, venue } = await bench.connect({ clockTtlMs: 30_000 });
    await client.clock.now();
    const sentAt = client.clock.read();
    await bench.simulated().step(1);
    const late =
      call === 'createOrder'
        ? venue.place(await bench.simulated().order(n, { sentAt }))
        : venue.placePair(await bench.simulated().pair(n, { sentAt }));
    await expectFailure(late, { verdict: 'wait', code: '-1021' });
    expect(await bench.wasTaken(n)).toBe(false);
  });
});

describe('a question that the exchange really refuses', () => {
  const ask = async (
    call: Ask,
    over: Readonly<Record<string, string>>,
    options: Partial<CcxtClientOptions> | null = null,
  ) => {
    const { client } = options === null ? bench.connection() : await bench.connect(options);
    const params = { symbol: 'BTCUSDT', ...over };
    const refusals: Readonly<Record<Ask, (ccxt: CcxtExchange) => Promise<unknown>>> = {
      cancelOrder: (ccxt) => ccxt.cancelOrder(undefined, 'BTC/USDT', { clientOrderId: 'nobody', ...over }),
      fetchOrder: (ccxt) => ccxt.fetchOrder(undefined, 'BTC/USDT', { clientOrderId: 'nobody', ...over }),
      fetchOHLCV: (ccxt) => ccxt.publicGetKlines({ interval: '1m', ...params }),
    };
    return await client.call(call, 'signed', refusals[call]);
  };

  const table: readonly (readonly [string, Ask, Readonly<Record<string, string>>, Expected])[] = [
    ['no such order', 'cancelOrder', {}, { verdict: 'not_found', code: '-2011' }],
    ['no such order', 'fetchOrder', {}, { verdict: 'not_found', code: '-2013' }],
    ['an unknown market', 'cancelOrder', { symbol: 'NOPEUSDT' }, fatal('-1121')],
    ['an unknown market', 'fetchOrder', { symbol: 'NOPEUSDT' }, fatal('-1121')],
    ['an unknown market', 'fetchOHLCV', { symbol: 'NOPEUSDT' }, fatal('-1121')],
    ['an unknown interval', 'fetchOHLCV', { interval: '7m' }, fatal('-1120')],
  ];
  it.each(table)('%s: %s', async (_what, call, over, expected) => {
    await expectFailure(ask(call, over), expected);
  });

  it.each(['cancelOrder', 'fetchOrder'] as const)('%s: a key it does not know, a wrong signature', async (call) => {
    const stranger = { credentials: { ...credentials, apiKey: `${'k'.repeat(63)}x` } };
    await expectFailure(ask(call, {}, stranger), fatal('-2015'));
    const forger = { credentials: { ...credentials, secret: `${'s'.repeat(63)}x` } };
    await expectFailure(ask(call, {}, forger), fatal('-1022'));
  });

  it('an order that is hidden is not found, as one that does not exist', async () => {
    const n = bench.freshId();
    const { client } = bench.connection();
    await bench.post('createOrder', n, bench.connection());
    await bench.simulated().admin('faults', { kind: 'hide', clientOrderId: idOf(n) });
    const asked = () => client.call('fetchOrder', 'signed', (ccxt) => askings.fetchOrder(ccxt, n));
    await expectFailure(asked(), { verdict: 'not_found', code: '-2013' });
    await expect(asked()).resolves.toMatchObject({ status: 'open' });
  });

  it('an order that has filled can no longer be cancelled', async () => {
    const n = bench.freshId();
    const { client } = bench.connection();
    await bench.post('createOrder', n, bench.connection(), { type: 'MARKET', price: null, timeInForce: null });
    const cancel = client.call('cancelOrder', 'signed', (ccxt) => askings.cancelOrder(ccxt, n));
    await expectFailure(cancel, { verdict: 'not_found', code: '-2011' });
  });
});
