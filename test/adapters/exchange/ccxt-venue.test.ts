import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { restingProtection } from '../../../src/adapters/exchange/capabilities.ts';
import { createCcxtClient, type CcxtClient } from '../../../src/adapters/exchange/ccxt-client.ts';
import { createCcxtVenue } from '../../../src/adapters/exchange/ccxt-venue.ts';
import { assertKeyCannotWithdraw } from '../../../src/adapters/exchange/key-safety.ts';
import type { Venue, VenueOrderRequest, VenuePairRequest } from '../../../src/contracts/venue.ts';
import { btcusdt, type ScriptedExchange, startScriptedExchange } from './scripted-exchange.ts';

let exchange: ScriptedExchange;
let client: CcxtClient;
let venue: Venue;

const clientOrderId = '0123456789abcdef0123456789abcdef';
const ref = { symbol: 'BTCUSDT', clientOrderId };
const order = (over: Partial<VenueOrderRequest> = {}): VenueOrderRequest => ({
  ...ref,
  side: 'BUY',
  type: 'LIMIT',
  quantity: '0.50000',
  price: '64000.1',
  stopPrice: null,
  timeInForce: 'GTC',
  sentAt: Date.now(),
  ...over,
});
const reply = (over: object) => ({
  symbol: 'BTCUSDT',
  orderId: 28,
  orderListId: -1,
  clientOrderId,
  transactTime: 1_700_000_000_123,
  price: '64000.10000000',
  origQty: '0.50000000',
  executedQty: '0.00000000',
  cummulativeQuoteQty: '0.00000000',
  status: 'NEW',
  timeInForce: 'GTC',
  type: 'LIMIT',
  side: 'BUY',
  ...over,
});
const trade = (id: number, qty: string) => ({
  symbol: 'BTCUSDT',
  id,
  orderId: 28,
  price: '64000.10000000',
  qty,
  commission: '0.00010000',
  commissionAsset: 'BNB',
  time: 1_700_000_000_200 + id,
  isBuyer: true,
  isMaker: false,
});
const posted = () => exchange.requests('POST /api/v3/order');

beforeEach(async () => {
  exchange = await startScriptedExchange();
  client = await createCcxtClient({
    exchange: 'binance',
    credentials: { apiKey: 'key', secret: 'secret' },
    baseUrl: exchange.url,
    msPerWeight: 1,
    timeoutMs: 5_000,
  });
  venue = createCcxtVenue({ client, id: 'simulator' });
});
afterEach(() => exchange.close());

it('lets stop and target rest as a pair, as the capability table says', () => {
  expect(venue.protection).toBe('pair');
  expect(() => restingProtection('kraken')).toThrow(expect.objectContaining({ name: 'VenueNotSupported' }) as Error);
});

describe('place', () => {
  it('sends exact text, our client id and the time it was marked submitting, once', async () => {
    exchange.on('POST /api/v3/order', { body: reply({}) });
    const sentAt = Date.now() - 1_234;
    const report = await venue.place(order({ sentAt }));
    expect(posted()).toHaveLength(1);
    expect(posted()[0]?.params).toMatchObject({
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'LIMIT',
      quantity: '0.5',
      price: '64000.1',
      timeInForce: 'GTC',
      newClientOrderId: clientOrderId,
      timestamp: String(sentAt),
      recvWindow: '5000',
    });
    expect(report).toEqual({
      clientOrderId,
      exchangeOrderId: '28',
      status: 'open',
      filledQuantity: '0',
      fills: [],
      reportedAt: 1_700_000_000_123,
    });
  });

  it('gives a market order neither price nor quote quantity', async () => {
    const fills = [{ price: '64000.10', qty: '0.5', commission: '0.0005', commissionAsset: 'BTC', tradeId: 56 }];
    exchange.on('POST /api/v3/order', { body: reply({ type: 'MARKET', status: 'FILLED', executedQty: '0.5', fills }) });
    const report = await venue.place(order({ type: 'MARKET', price: '90', timeInForce: null }));
    expect(Object.keys(posted()[0]?.params ?? {})).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/price|quoteOrderQty|timeInForce/)]),
    );
    expect(posted()[0]?.params).toMatchObject({ type: 'MARKET', quantity: '0.5' });
    expect(report).toMatchObject({ status: 'filled', filledQuantity: '0.5' });
    expect(report.fills).toEqual([
      {
        tradeId: '56',
        price: '64000.1',
        quantity: '0.5',
        commission: '0.0005',
        commissionAsset: 'BTC',
        executedAt: 1_700_000_000_123,
      },
    ]);
    expect(exchange.requests('GET /api/v3/myTrades')).toHaveLength(0);
  });

  it('never leaves once its receive window has closed in venue time', async () => {
    exchange.on('GET /api/v3/time', { body: { serverTime: 1_600_000_005_001 } });
    exchange.on('POST /api/v3/order', { body: reply({}) });
    await expect(venue.place(order({ sentAt: 1_600_000_000_000 }))).rejects.toMatchObject({ verdict: 'wait' });
    expect(posted()).toHaveLength(0);
  });

  it('is not repeated after a refused timestamp, and the clock is asked', async () => {
    exchange.on('POST /api/v3/order', { status: 400, body: { code: -1021, msg: 'Timestamp is outside.' } });
    await expect(venue.place(order())).rejects.toMatchObject({ verdict: 'wait', code: '-1021' });
    expect(posted()).toHaveLength(1);
  });

  it('asks for the trades that the reply left out, each once and in order', async () => {
    exchange.on('POST /api/v3/order', { body: reply({ status: 'FILLED', executedQty: '0.5', fills: [] }) });
    exchange.on('GET /api/v3/myTrades', { body: [trade(12, '0.2'), trade(9, '0.3'), trade(12, '0.2')] });
    const { fills } = await venue.place(order());
    expect(fills.map(({ tradeId, quantity }) => [tradeId, quantity])).toEqual([
      ['9', '0.3'],
      ['12', '0.2'],
    ]);
    expect(exchange.requests('GET /api/v3/myTrades')[0]?.params).toMatchObject({ symbol: 'BTCUSDT', orderId: '28' });
  });

  it('stays accepted when its trades cannot be read: the filled quantity runs ahead', async () => {
    exchange.on('POST /api/v3/order', { body: reply({ status: 'FILLED', executedQty: '0.5', fills: [] }) });
    exchange.on('GET /api/v3/myTrades', 'reset');
    expect(await venue.place(order())).toMatchObject({ status: 'filled', filledQuantity: '0.5', fills: [] });
  });

  it.each([
    ['half an answer', { orderId: 28 }],
    ['a status nobody knows', reply({ status: 'HALF_DONE' })],
    ['no JSON at all', '{"orderId":28,"sta'],
  ])('is ambiguous on %s', async (_what, body) => {
    exchange.on('POST /api/v3/order', { body });
    await expect(venue.place(order())).rejects.toMatchObject({ verdict: 'ambiguous' });
  });

  it('loads the markets again after a refused filter', async () => {
    exchange.on('POST /api/v3/order', { status: 400, body: { code: -1013, msg: 'Filter failure: LOT_SIZE' } });
    expect((await venue.market('BTCUSDT')).filters.stepSize).toBe('0.00001');
    const filters = btcusdt.filters.map((filter) =>
      'stepSize' in filter ? { ...filter, stepSize: '0.00100000' } : filter,
    );
    exchange.on('GET /api/v3/exchangeInfo', { body: { symbols: [{ ...btcusdt, filters }] } });
    expect((await venue.market('BTCUSDT')).filters.stepSize).toBe('0.00001');
    await expect(venue.place(order())).rejects.toMatchObject({ verdict: 'rejected' });
    expect((await venue.market('BTCUSDT')).filters.stepSize).toBe('0.001');
    expect(exchange.requests('GET /api/v3/exchangeInfo')).toHaveLength(2);
  });
});

describe('placePair', () => {
  const pair = (over: Partial<VenuePairRequest> = {}): VenuePairRequest => ({
    listClientOrderId: 'the-pair',
    symbol: 'BTCUSDT',
    side: 'SELL',
    quantity: '0.50000',
    stop: { clientOrderId: 'the-stop', stopPrice: '60000.10', price: '59999.9' },
    target: { clientOrderId: 'the-target', price: '70000' },
    sentAt: 1_234,
    ...over,
  });
  const sent = async (request: VenuePairRequest) => {
    exchange.on('POST /api/v3/orderList/oco', { status: 400, body: { code: -2010, msg: 'No.' } });
    exchange.on('GET /api/v3/time', { body: { serverTime: 1_234 } });
    await expect(venue.placePair(request)).rejects.toMatchObject({ verdict: 'rejected' });
    return exchange.requests('POST /api/v3/orderList/oco').at(-1)?.params;
  };

  it('sends the target of a sell above and its stop below, as exact text, signed when it was marked submitting', async () => {
    expect(await sent(pair())).toEqual({
      symbol: 'BTCUSDT',
      side: 'SELL',
      quantity: '0.5',
      listClientOrderId: 'the-pair',
      aboveType: 'LIMIT_MAKER',
      abovePrice: '70000',
      aboveClientOrderId: 'the-target',
      belowType: 'STOP_LOSS_LIMIT',
      belowStopPrice: '60000.1',
      belowPrice: '59999.9',
      belowTimeInForce: 'GTC',
      belowClientOrderId: 'the-stop',
      newOrderRespType: 'FULL',
      timestamp: '1234',
      recvWindow: '5000',
      signature: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
    });
  });

  it('sends the stop of a buy above, at market where it has no limit', async () => {
    const stop = { clientOrderId: 'the-stop', stopPrice: '80000', price: null };
    const params = await sent(pair({ side: 'BUY', stop }));
    expect(params).toMatchObject({ aboveType: 'STOP_LOSS', aboveStopPrice: '80000', belowType: 'LIMIT_MAKER' });
    expect(Object.keys(params ?? {})).not.toEqual(expect.arrayContaining(['abovePrice', 'aboveTimeInForce']));
  });

  it('is ambiguous where the answer leaves one of the two out', async () => {
    const orderReports = [{ ...reply({}), clientOrderId: 'the-stop' }];
    exchange.on('POST /api/v3/orderList/oco', { body: { orderListId: 1, orderReports } });
    await expect(venue.placePair(pair({ sentAt: Date.now() }))).rejects.toMatchObject({ verdict: 'ambiguous' });
  });
});

describe('statuses', () => {
  it.each([
    ['NEW', '0', 'open'],
    ['NEW', '0.1', 'partially_filled'],
    ['PENDING_NEW', '0', 'open'],
    ['PARTIALLY_FILLED', '0.1', 'partially_filled'],
    ['FILLED', '0.5', 'filled'],
    ['PENDING_CANCEL', '0', 'open'],
    ['CANCELED', '0.1', 'cancelled'],
    ['REJECTED', '0', 'rejected'],
    ['EXPIRED', '0', 'expired'],
    ['EXPIRED_IN_MATCH', '0', 'expired'],
  ])('%s with %s filled is %s', async (status, executedQty, ours) => {
    exchange.on('GET /api/v3/order', { body: reply({ status, executedQty }) });
    exchange.on('GET /api/v3/myTrades', { body: executedQty === '0' ? [] : [trade(1, executedQty)] });
    expect(await venue.find(ref)).toMatchObject({ status: ours, filledQuantity: executedQty });
  });
});

describe('find', () => {
  it('looks up by our id and says null only when the venue says so', async () => {
    exchange.on('GET /api/v3/order', { status: 400, body: { code: -2013, msg: 'Order does not exist.' } });
    expect(await venue.find(ref)).toBeNull();
    expect(exchange.requests('GET /api/v3/order')[0]?.params).toMatchObject({
      symbol: 'BTCUSDT',
      origClientOrderId: clientOrderId,
    });
    exchange.on('GET /api/v3/order', { status: 503, body: '' });
    await expect(venue.find(ref)).rejects.toMatchObject({ verdict: 'wait' });
  });

  it('repeats a read once with the time the venue gives, when the clock was wrong', async () => {
    let venueTime = 1_600_000_000_000;
    exchange.on('GET /api/v3/time', () => ({ body: { serverTime: venueTime } }));
    exchange.on('GET /api/v3/order', ({ params }) =>
      Math.abs(Number(params.timestamp) - venueTime) < 1_000
        ? { body: reply({ updateTime: venueTime }) }
        : { status: 400, body: { code: -1021, msg: 'Timestamp for this request is outside of the recvWindow.' } },
    );
    expect(await venue.find(ref)).toMatchObject({ status: 'open' });
    venueTime += 3_600_000;
    expect(await venue.find(ref)).toMatchObject({ status: 'open' });
    expect(exchange.requests('GET /api/v3/order')).toHaveLength(3);
  });

  it('reads all pages of an order with more than a thousand trades', async () => {
    const trades = Array.from({ length: 1_500 }, (_, index) => trade(index + 1, '0.0001'));
    exchange.on('GET /api/v3/order', { body: reply({ status: 'PARTIALLY_FILLED', executedQty: '0.15' }) });
    exchange.on('GET /api/v3/myTrades', ({ params }) => ({
      body: trades.filter(({ id }) => id >= Number(params.fromId ?? '0')).slice(0, Number(params.limit)),
    }));
    const report = await venue.find(ref);
    expect(report?.fills).toHaveLength(1_500);
    expect(exchange.requests('GET /api/v3/myTrades').map(({ params }) => params.fromId)).toEqual([undefined, '1001']);
  });
});

describe('cancel', () => {
  const cancelled = reply({
    status: 'CANCELED',
    clientOrderId: 'the-cancels-own-id',
    origClientOrderId: clientOrderId,
  });

  it('answers with the order and our id, never the one of the cancel', async () => {
    exchange.on('DELETE /api/v3/order', { body: cancelled });
    exchange.on('GET /api/v3/order', { body: cancelled });
    expect(await venue.cancel(ref)).toMatchObject({ status: 'cancelled', clientOrderId });
    expect(exchange.requests('DELETE /api/v3/order')[0]?.params).toMatchObject({ origClientOrderId: clientOrderId });
  });

  it('lets a fill that raced it win', async () => {
    exchange.on('DELETE /api/v3/order', { status: 400, body: { code: -2011, msg: 'Unknown order sent.' } });
    exchange.on('GET /api/v3/order', { body: reply({ status: 'FILLED', executedQty: '0.5' }) });
    exchange.on('GET /api/v3/myTrades', { body: [trade(3, '0.5')] });
    expect(await venue.cancel(ref)).toMatchObject({ status: 'filled', filledQuantity: '0.5' });
  });

  it('says nothing of an order whose cancel went astray: it is to be asked again', async () => {
    exchange.on('DELETE /api/v3/order', 'reset');
    await expect(venue.cancel(ref)).rejects.toMatchObject({ verdict: 'wait' });
  });
});

describe('account and markets', () => {
  it('gives open orders of all markets, balances as totals, and fee rates', async () => {
    exchange.on('GET /api/v3/openOrders', {
      body: [reply({ executedQty: '0.10000000', time: 1_700_000_000_000, stopPrice: '0.00000000' })],
    });
    exchange.on('GET /api/v3/account', {
      body: {
        commissionRates: { maker: '0.00075000', taker: '0.00080000' },
        balances: [
          { asset: 'BTC', free: '0.10000000', locked: '0.00000003' },
          { asset: 'USDT', free: '123456789.12345678', locked: '0.00000000' },
          { asset: 'ETH', free: '0.00000000', locked: '0.00000000' },
        ],
      },
    });
    expect(await venue.openOrders()).toEqual([
      {
        ...ref,
        exchangeOrderId: '28',
        side: 'BUY',
        type: 'LIMIT',
        quantity: '0.5',
        price: '64000.1',
        stopPrice: null,
        timeInForce: 'GTC',
        orderListId: null,
        createdAt: 1_700_000_000_000,
        filledQuantity: '0.1',
      },
    ]);
    expect(await venue.balances()).toEqual({ BTC: '0.10000003', USDT: '123456789.12345678' });
    expect(await venue.feeRates('BTCUSDT')).toEqual({ maker: '0.00075', taker: '0.0008' });
  });

  it('takes the usual fee where the account names none', async () => {
    exchange.on('GET /api/v3/account', { body: { balances: [] } });
    expect(await venue.feeRates('BTCUSDT')).toEqual({ maker: '0.001', taker: '0.001' });
  });

  it('gives the filters as exact text', async () => {
    expect(await venue.market('BTCUSDT')).toEqual({
      symbol: 'BTCUSDT',
      base: 'BTC',
      quote: 'USDT',
      filters: { tickSize: '0.01', stepSize: '0.00001', minQuantity: '0.00001', maxQuantity: '9000', minNotional: '5' },
    });
  });

  it.each(['BTCUSD', 'BTC/USDT', 'btcusdt', 'constructor'])('names the market %j as unknown', async (symbol) => {
    const suggestions = symbol === 'constructor' ? [] : ['BTCUSDT'];
    await expect(venue.market(symbol)).rejects.toMatchObject({ name: 'UnknownSymbol', details: { suggestions } });
  });

  it('refuses a key that may withdraw', async () => {
    exchange.on('GET /sapi/v1/account/apiRestrictions', { body: { ipRestrict: true, enableWithdrawals: false } });
    await expect(assertKeyCannotWithdraw(client)).resolves.toBeUndefined();
    exchange.on('GET /sapi/v1/account/apiRestrictions', { body: { ipRestrict: true, enableWithdrawals: true } });
    await expect(assertKeyCannotWithdraw(client)).rejects.toMatchObject({ name: 'UnsafeApiKey' });
    exchange.on('GET /sapi/v1/account/apiRestrictions', { body: {} });
    await expect(assertKeyCannotWithdraw(client)).rejects.toMatchObject({ verdict: 'wait' });
  });

  it('refuses an exchange nobody has tested', async () => {
    await expect(createCcxtClient({ exchange: 'kraken', credentials: null })).rejects.toMatchObject({
      name: 'VenueNotSupported',
    });
  });

  it('reaches no other host than the one it was given', async () => {
    const elsewhere = client.call('fetch', 'public', (ccxt) =>
      (ccxt as unknown as { fapiPublicGetTime(): Promise<unknown> }).fapiPublicGetTime(),
    );
    await expect(elsewhere).rejects.toMatchObject({ name: 'VenueMismatch' });
  });
});
