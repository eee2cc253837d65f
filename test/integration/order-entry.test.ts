import { randomUUID } from 'node:crypto';
import { sql } from 'slonik';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlaceOptions } from '../../src/client/commands/order/place-options.ts';
import { intentOf } from '../../src/client/commands/order/terms.ts';
import type { TradingClient } from '../../src/client/typed-client.ts';
import { createTradingClient } from '../../src/client/typed-client.ts';
import { loadConfig } from '../../src/config.ts';
import type { OrderIntent } from '../../src/contracts/order-intent.ts';
import { dec, text } from '../../src/domain/decimal.ts';
import { runCli } from '../client/run-cli.ts';
import { type OrderStage, createOrderStage } from '../support/order-stage.ts';
import { addStrategy, countRows } from '../support/trading.ts';

let stage: OrderStage;
let trading: TradingClient;

beforeAll(async () => {
  stage = await createOrderStage({ rules: {}, env: { MASTERTRADE_MAX_OPEN_ORDERS: '2' } });
  await stage.startWorker();
  trading = await createTradingClient({ config: loadConfig({ ...stage.namespace.env }) });
  const { now } = await stage.state();
  await stage.store.candles.ingest({
    symbol: 'BTCUSDT',
    interval: '1m',
    candles: [{ time: now - 60_000, open: '100', high: '100', low: '100', close: '100', volume: '1000' }],
  });
});
afterAll(async () => {
  await trading.close();
  await stage.close();
});

const options = (over: Partial<PlaceOptions>): PlaceOptions => ({
  environment: 'live',
  symbol: 'BTCUSDT',
  side: 'buy',
  type: 'limit',
  quantity: '1',
  price: '90',
  by: 'ada',
  ...over,
});
const market = (over: Partial<PlaceOptions>): PlaceOptions => {
  const { price: _, ...others } = options({ type: 'market', ...over });
  return others;
};
const byHand = (asked: PlaceOptions): OrderIntent =>
  intentOf(asked, { price: '100', time: 0, interval: '1m' }, Date.now());

/** How often the venue was sent an order, and what it locked for one. */
const sent = async () => {
  const { orders, balances } = await stage.ledger();
  return { orders: orders.length, balances };
};

const refusalOf = async (intent: OrderIntent): Promise<string> => {
  const failed = await trading.placeOrder(intent).then(
    ({ status, note }) => `${status}: ${note}`,
    (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error)),
  );
  const row = await stage.store.orders.find(intent.orderId);
  if (row) expect(failed).toBe(`${row.status}: ${row.metadata.note}`);
  return failed;
};

describe('an order that breaks a rule is refused before the venue hears of it:', () => {
  it.each<[string, PlaceOptions, RegExp]>([
    [
      'a quantity that is no number',
      options({ quantity: 'NaN' }),
      /^rejected: QUANTITY: quantity 'NaN' is not a decimal/,
    ],
    ['a quantity below zero', options({ quantity: '-1' }), /^rejected: QUANTITY: quantity '-1'/],
    ['a quantity of zero', options({ quantity: '0' }), /^rejected: QUANTITY: /],
    ['a quantity with an exponent', options({ quantity: '1e2' }), /^rejected: QUANTITY: /],
    ['a quantity beyond all columns', options({ quantity: '9'.repeat(40) }), /^rejected: LOT_SIZE: /],
    ['a ninth decimal', options({ quantity: '1.000000001' }), /^rejected: PRECISION: .* more than 8 decimals/],
    ['a quantity off the step', options({ quantity: '1.000001' }), /^rejected: LOT_SIZE: .*step 0\.00001 of BTCUSDT/],
    ['a quantity below the step', options({ quantity: '0.000001' }), /^rejected: LOT_SIZE: .*smallest quantity/],
    ['a quantity above the greatest', options({ quantity: '9001' }), /^rejected: LOT_SIZE: .*largest quantity/],
    ['a notional too small', options({ quantity: '0.05' }), /^rejected: NOTIONAL: 4\.5 USDT/],
    ['a price off the tick', options({ price: '90.001' }), /^rejected: PRICE_FILTER: .*tick 0\.01/],
    ['a price that is no number', options({ price: 'NaN' }), /^rejected: PRICE: /],
    ['a price with a ninth decimal', options({ price: '90.000000001' }), /^rejected: PRECISION: /],
    ['a limit order without a price', market({ type: 'limit' }), /^rejected: PRICE: a limit order needs a price/],
    ['a market order with one', options({ type: 'market' }), /^rejected: PRICE: a market order takes no price/],
    ['a stop without a stop price', market({ type: 'stop-loss' }), /^rejected: STOP_PRICE: /],
    ['a stop price below zero', market({ type: 'stop-loss', stopPrice: '-90' }), /^rejected: STOP_PRICE: /],
    ['a stop price on a limit order', options({ stopPrice: '95' }), /^rejected: STOP_PRICE: /],
    ['a time in force on a market order', market({ timeInForce: 'IOC' }), /^rejected: TIME_IN_FORCE: /],
    ['more than the balance', options({ quantity: '2000' }), /^rejected: InsufficientFunds: .*100000 are free/],
    ['a market order over the balance', market({ quantity: '1000' }), /^rejected: InsufficientFunds: /],
    [
      'a stop over the balance',
      market({ type: 'stop-loss', stopPrice: '200', quantity: '501' }),
      /^rejected: InsufficientFunds: /,
    ],
    [
      'more than the account has to sell',
      options({ side: 'sell', price: '110', quantity: '10.5' }),
      /^rejected: POSITION: .*\(10\)/,
    ],
    [
      'a reduction of nothing',
      options({ side: 'sell', price: '110', reduceOnly: true }),
      /^rejected: POSITION: .*held by hand \(0\)/,
    ],
    ['an unknown symbol', options({ symbol: 'BTCUSD' }), /^UnknownSymbol: .*BTCUSD/],
  ])('%s', async (_what, asked, wanted) => {
    const before = await sent();
    expect(await refusalOf(byHand(asked))).toMatch(wanted);
    expect(await sent()).toEqual(before);
  });

  it('a market order where no price is known', async () => {
    const before = await sent();
    const intent = intentOf(market({}), null, Date.now());
    expect(await refusalOf(intent)).toMatch(/^rejected: REFERENCE_PRICE: no price of BTCUSDT is known/);
    expect(await sent()).toEqual(before);
  });

  it('an id of 37 characters, and one that is no id', async () => {
    const before = await sent();
    for (const orderId of ['a'.repeat(37), 'order one']) {
      expect(await refusalOf({ ...byHand(options({})), orderId })).toMatch(/^InvalidOrder: CLIENT_ID: /);
    }
    expect(await sent()).toEqual(before);
  });

  it('one of an archived strategy', async () => {
    const before = await sent();
    const strategyId = await addStrategy(stage.pool, 'active');
    await stage.pool.query(sql.unsafe`UPDATE strategies SET status = 'archived' WHERE id = ${strategyId}`);
    for (const intent of [await stage.intent(strategyId), { ...byHand(options({})), strategyId }]) {
      expect(await refusalOf(intent)).toBe('rejected: STRATEGY: the strategy is archived');
    }
    expect(await sent()).toEqual(before);
  });

  it('one by a strategy in the strategy of orders by hand', async () => {
    const { terms: _, ...intent } = byHand(options({}));
    expect(await refusalOf({ ...intent, kind: 'entry' })).toMatch(
      /^rejected: STRATEGY: it carries orders made by hand/,
    );
    expect(await refusalOf({ ...intent, orderId: randomUUID() })).toMatch(
      /^InvalidOrder: an order by hand needs its terms/,
    );
  });

  it('one while trading is halted, and one beyond a cap', async () => {
    const setState = (state: string) =>
      stage.pool.query(sql.unsafe`UPDATE trading_state SET state = ${state} WHERE environment = 'live'`);
    const before = await sent();
    await setState('HALTED');
    expect(await refusalOf(byHand(options({})))).toMatch(/^rejected: EntryForbidden: /);
    await setState('ACTIVE');
    expect(await sent()).toEqual(before);
    const resting = [byHand(options({ price: '80' })), byHand(options({ price: '81' }))];
    for (const intent of resting) expect((await trading.placeOrder(intent)).status).toBe('open');
    const atCap = await sent();
    expect(await refusalOf(byHand(options({})))).toMatch(
      /^rejected: CapExceeded: the cap on open orders is 2 for live, this order would make it 3/,
    );
    expect(await sent()).toEqual(atCap);
    for (const { orderId } of resting) {
      expect((await trading.cancelOrder(orderId, { by: 'ada' })).status).toBe('cancelled');
    }
  });
});

describe('mastertrade order', () => {
  const cli = async (...args: string[]): Promise<Readonly<Record<string, unknown>>> => {
    const { code, stdout, stderr } = await runCli(['order', ...args, '--json'], {
      env: { ...stage.namespace.env, DATABASE_URL: stage.url },
    });
    return { code, ...(JSON.parse(code === 0 ? stdout : stderr) as Record<string, unknown>) };
  };
  const place = (requestId: string, ...args: string[]) =>
    cli('place', '--environment', 'live', '--symbol', 'BTCUSDT', '--request-id', requestId, '--by', 'ada', ...args);

  it('places once under one request id, amends and cancels what rests, and shows who did it', async () => {
    const requestId = randomUUID();
    const limit = ['--side', 'buy', '--type', 'limit', '--quantity', '0.5', '--price', '90'];
    const placed = await place(requestId, ...limit);
    expect(placed).toMatchObject({ code: 0, status: 'open', kind: 'manual', quantity: '0.5', price: '90' });
    expect(await place(requestId, ...limit)).toMatchObject({ code: 0, orderId: placed['orderId'] });
    expect(await place(requestId, ...limit.with(1, 'sell'))).toMatchObject({ code: 2, error: 'BadInput' });
    expect(await countRows(stage.pool, 'orders', sql.fragment`price = 90 AND quantity = 0.5`)).toBe(1);

    const id = String(placed['orderId']);
    expect(await cli('amend', id, '--price', '90.001', '--by', 'ada')).toMatchObject({
      error: 'BadInput',
      message: expect.stringMatching(/^PRICE_FILTER: /) as string,
    });
    const amended = await cli('amend', id.slice(0, 8), '--price', '91', '--by', 'ada');
    expect(amended).toMatchObject({ code: 0, price: '91', quantity: '0.5', replaces: id });
    const replacement = String(amended['orderId']);
    expect(await cli('cancel', replacement, '--by', 'bob')).toMatchObject({ code: 0, status: 'cancelled' });
    expect(await cli('cancel', replacement, '--by', 'bob')).toMatchObject({ code: 1, error: 'IllegalTransition' });
    expect(await cli('show', id)).toMatchObject({
      status: 'cancelled',
      workflowId: `order/${id}`,
      audit: expect.arrayContaining([
        expect.objectContaining({ actor: 'ada', action: 'create_order', to: 'pending' }),
      ]) as unknown,
    });
  });

  it('buys at once, may close what it holds and no more, and leaves the base of strategies alone', async () => {
    const market = (side: string, quantity: string, ...more: string[]) =>
      place(randomUUID(), '--side', side, '--type', 'market', '--quantity', quantity, ...more);
    const bought = await market('buy', '0.4');
    expect(bought).toMatchObject({ code: 0, status: 'filled', filledQuantity: '0.4' });
    expect(bought['fills']).toHaveLength(1);
    expect(await market('sell', '0.5', '--reduce-only')).toMatchObject({
      code: 1,
      error: 'OrderRejected',
      message: expect.stringMatching(/^POSITION: reduce-only 0\.5 BTC is more than is held by hand/) as string,
    });
    const strategyId = await addStrategy(stage.pool, 'active');
    const held = text(
      dec((await stage.store.balances.read({ environment: 'live', exchange: 'simulator' })).get('BTC')!.free),
    );
    await stage.pool.query(sql.unsafe`
      INSERT INTO positions (strategy_id, symbol, environment, exchange, side, quantity, entry_price, opened_at)
      VALUES (${strategyId}, 'BTCUSDT', 'live', 'simulator', 'LONG', ${held}::numeric - 0.3, 100, now())`);
    expect(await market('sell', '0.31')).toMatchObject({
      message: expect.stringMatching(/^POSITION: .*\(0\.3\)/) as string,
    });
    await stage.pool.query(sql.unsafe`DELETE FROM positions WHERE strategy_id = ${strategyId}`);
    expect(await market('sell', '0.3', '--reduce-only')).toMatchObject({ code: 0, status: 'filled' });
  });

  it('names the rule that an order broke, and the nearest symbols', async () => {
    const limit = ['--side', 'buy', '--type', 'limit', '--quantity'];
    expect(await place(randomUUID(), ...limit, '1.000001', '--price', '90')).toMatchObject({
      code: 1,
      error: 'OrderRejected',
      message: expect.stringMatching(/^LOT_SIZE: /) as string,
    });
    expect(
      await cli('place', '--environment', 'live', '--symbol', 'BTCUSD', '--by', 'ada', ...limit, '1', '--price', '90'),
    ).toMatchObject({ code: 1, error: 'UnknownSymbol', next: expect.stringContaining('BTCUSDT') as string });
    expect(await place(randomUUID(), ...limit, '1', '--price', '90', '--time-in-force', 'DAY')).toMatchObject({
      code: 2,
      error: 'Usage',
    });
    expect(await cli('show', randomUUID())).toMatchObject({ code: 1, error: 'NotFound' });
  });

  it('trades on paper by the stored candles, with capital of its own', async () => {
    expect(
      await cli(
        'place',
        '--environment',
        'paper',
        '--symbol',
        'BTCUSDT',
        '--by',
        'ada',
        '--side',
        'buy',
        '--type',
        'stop-loss',
        '--stop-price',
        '105',
        '--quantity',
        '2',
      ),
    ).toMatchObject({ code: 0, status: 'open', exchange: 'paper', reservedAsset: 'USDT', stopPrice: '105' });
  });
});
