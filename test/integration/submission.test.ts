import type { Client } from 'pg';
import { sql } from 'slonik';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NewOrder } from '../../src/adapters/postgres/orders.ts';
import { text } from '../../src/domain/decimal.ts';
import type { OrderCaps } from '../../src/domain/orders/caps.ts';
import { withClient } from '../support/database.ts';
import { type TradingDatabase, addStrategy, countRows, createTradingDatabase, newOrder } from '../support/trading.ts';

const account = { environment: 'live', exchange: 'simulator' } as const;

let database: TradingDatabase;
let strategyId: string;

beforeEach(async () => {
  database = await createTradingDatabase();
  strategyId = await addStrategy(database.pool, 'active');
  await database.store.balances.open(account, { USDT: '1000', BTC: '2' }, 0);
});
afterEach(() => database.drop());

const pending = async (over: Partial<NewOrder> = {}): Promise<NewOrder> => {
  const order = newOrder(strategyId, over);
  await database.store.orders.insert(order, 'test');
  return order;
};

const submit = (order: NewOrder, amount = '100') =>
  database.store.orders.markSubmitting({
    orderId: order.orderId,
    sentAt: 60_000,
    reserveAsset: order.side === 'BUY' ? 'USDT' : 'BTC',
    reserveAmount: amount,
    actor: 'test',
  });

const setState = (state: string) =>
  database.pool.query(
    sql.unsafe`UPDATE trading_state SET state = ${state}, reason = 'drawdown' WHERE environment = 'live'`,
  );

const balance = async (asset: string): Promise<readonly [free: string, locked: string]> => {
  const held = (await database.store.balances.read(account)).get(asset);
  return [text(held!.free), text(held!.locked)];
};

/** Until some session waits for a lock that another one holds. */
const untilSomeoneWaits = async (client: Client): Promise<void> => {
  for (;;) {
    const { rows } = await client.query(
      'SELECT 1 FROM pg_stat_activity WHERE wait_event_type = $1 AND datname = current_database()',
      ['Lock'],
    );
    if (rows.length > 0) return;
  }
};

describe('an intent', () => {
  it('is one row however often it is written', async () => {
    const order = await pending();
    await Promise.all(Array.from({ length: 5 }, () => database.store.orders.insert(order, 'test')));
    expect(await countRows(database.pool, 'orders')).toBe(1);
    expect(await countRows(database.pool, 'audit_logs', sql.fragment`action = 'create_order'`)).toBe(1);
  });
});

describe('orders of one strategy', () => {
  const enter = (order: NewOrder) => database.store.orders.insert(order, 'test', { onePosition: true });

  it('enter one at a time, however many are written at once', async () => {
    const rows = await Promise.all(Array.from({ length: 6 }, () => enter(newOrder(strategyId))));
    expect(rows.filter(({ status }) => status === 'pending')).toHaveLength(1);
    const [refused] = rows.filter(({ status }) => status === 'rejected');
    expect(refused?.metadata.note).toMatch(/already has order .* at work/);
  });

  it('leave other strategies and the other environment alone', async () => {
    expect((await enter(newOrder(strategyId))).status).toBe('pending');
    expect((await enter(newOrder(strategyId, { environment: 'paper' }))).status).toBe('pending');
    expect((await enter(newOrder(await addStrategy(database.pool, 'active')))).status).toBe('pending');
  });

  it('sell what is held once: never another strategy’s', async () => {
    const exit = () => enter(newOrder(strategyId, { side: 'SELL' }));
    expect(await exit()).toMatchObject({
      status: 'rejected',
      metadata: { note: 'POSITION: the strategy holds nothing' },
    });
    await database.pool.query(sql.unsafe`
      INSERT INTO positions (strategy_id, symbol, environment, side, quantity, entry_price, opened_at)
      VALUES (${strategyId}, 'BTCUSDT', 'live', 'LONG', 1, 100, now())`);
    const rows = await Promise.all([exit(), exit(), exit()]);
    expect(rows.filter(({ status }) => status === 'pending')).toHaveLength(1);
    expect(await enter(newOrder(strategyId))).toMatchObject({ status: 'rejected' });
    const tooMuch = newOrder(await addStrategy(database.pool, 'active'), { side: 'SELL', quantity: '0.5' });
    expect((await enter(tooMuch)).status).toBe('rejected');
  });

  it('written again stay what they are', async () => {
    const order = newOrder(strategyId);
    await enter(order);
    expect((await enter(order)).status).toBe('pending');
    expect(await countRows(database.pool, 'orders')).toBe(1);
  });
});

describe('orders by hand', () => {
  const place = async (over: Partial<NewOrder>) => {
    const manual = await database.store.strategies.ensureManual('live');
    return await database.store.orders.insert(newOrder(manual, { kind: 'manual', ...over }), 'test', {
      onePosition: true,
    });
  };
  const several = async (count: number, over: Partial<NewOrder>) => {
    const rows = await Promise.all(Array.from({ length: count }, () => place(over)));
    return rows.filter(({ status }) => status === 'pending').length;
  };

  it('may be several at a time', async () => {
    expect(await several(4, {})).toBe(4);
  });

  it('that only reduce never come to more than is held, however many are written at once', async () => {
    const manual = await database.store.strategies.ensureManual('live');
    await database.pool.query(sql.unsafe`
      INSERT INTO positions (strategy_id, symbol, environment, exchange, side, quantity, entry_price, opened_at)
      VALUES (${manual}, 'BTCUSDT', 'live', 'simulator', 'LONG', 1, 100, now())`);
    expect(await several(5, { side: 'SELL', quantity: '0.4', reduceOnly: true })).toBe(2);
    expect(await several(1, { side: 'SELL', quantity: '0.2', reduceOnly: true })).toBe(1);
    expect(await several(1, { side: 'BUY', quantity: '0.1', reduceOnly: true })).toBe(0);
  });

  it('sell what is free and no strategy holds', async () => {
    await database.pool.query(sql.unsafe`
      INSERT INTO positions (strategy_id, symbol, environment, exchange, side, quantity, entry_price, opened_at)
      VALUES (${strategyId}, 'BTCUSDT', 'live', 'simulator', 'LONG', 1.5, 100, now())`);
    expect(await several(1, { side: 'SELL', quantity: '0.501', reduceOnly: false })).toBe(0);
    // What the strategy's own exit has reserved is not free any more, and is not taken off twice.
    const exit = await pending({ side: 'SELL', quantity: '1.5' });
    await submit(exit, '1.5');
    expect(await several(1, { side: 'SELL', quantity: '0.501', reduceOnly: false })).toBe(0);
    expect(await several(4, { side: 'SELL', quantity: '0.25', reduceOnly: false })).toBe(2);
  });
});

describe('pending → submitting', () => {
  it('reserves, stamps the venue time and is audited, in one go', async () => {
    const order = await pending();
    expect(await submit(order)).toMatchObject({
      submitted: true,
      order: { status: 'submitting', sentAt: 60_000, reservedAsset: 'USDT', reservedAmount: '100' },
    });
    expect(await balance('USDT')).toEqual(['900', '100']);
    expect(await countRows(database.pool, 'audit_logs', sql.fragment`action = 'update_order'`)).toBe(1);
  });

  it('happens once, however many try', async () => {
    const order = await pending();
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => submit(order)));
    expect(outcomes.filter(({ submitted }) => submitted)).toHaveLength(1);
    expect(await balance('USDT')).toEqual(['900', '100']);
  });

  it('is refused where the balance does not pay for it, and nothing is changed', async () => {
    const order = await pending();
    await expect(submit(order, '1000.00000001')).rejects.toMatchObject({ name: 'InsufficientFunds' });
    expect(await balance('USDT')).toEqual(['1000', '0']);
    expect((await database.store.orders.find(order.orderId))?.status).toBe('pending');
  });

  it('never reserves more than there is, however many orders want it at once', async () => {
    const orders = await Promise.all(Array.from({ length: 8 }, () => pending()));
    const outcomes = await Promise.allSettled(orders.map((order) => submit(order, '300')));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    expect(await balance('USDT')).toEqual(['100', '900']);
  });

  it.each([
    ['ACTIVE', true, true],
    ['REDUCING', false, true],
    ['HALTED', false, false],
  ])('under %s an entry goes: %s, an exit goes: %s', async (state, entryGoes, exitGoes) => {
    const entry = await pending();
    const exit = await pending({ side: 'SELL' });
    await setState(state);
    const [ofEntry, ofExit] = await Promise.allSettled([submit(entry), submit(exit, '1')]);
    const forbidden = { status: 'rejected', reason: { name: 'EntryForbidden' } };
    expect(ofEntry).toMatchObject(entryGoes ? { status: 'fulfilled' } : forbidden);
    expect(ofExit).toMatchObject(exitGoes ? { status: 'fulfilled' } : forbidden);
    expect(await balance('USDT')).toEqual(entryGoes ? ['900', '100'] : ['1000', '0']);
  });

  it('goes on while the other environment is halted', async () => {
    await database.pool.query(sql.unsafe`UPDATE trading_state SET state = 'HALTED' WHERE environment = 'paper'`);
    expect(await submit(await pending())).toMatchObject({ submitted: true });
  });
});

describe('caps', () => {
  const none: OrderCaps = { openOrders: null, symbolPct: null, strategyPct: null, totalPct: null };
  const atOnce = async (orders: readonly NewOrder[], amount: string, caps: Partial<OrderCaps>) => {
    const outcomes = await Promise.allSettled(
      orders.map((order) =>
        database.store.orders.markSubmitting({
          orderId: order.orderId,
          sentAt: 60_000,
          reserveAsset: order.side === 'BUY' ? 'USDT' : 'BTC',
          reserveAmount: amount,
          actor: 'test',
          caps: { ...none, ...caps },
        }),
      ),
    );
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ name: 'CapExceeded' });
    return outcomes.filter(({ status }) => status === 'fulfilled').length;
  };
  const ofManyStrategies = async (count: number, over: Partial<NewOrder> = {}): Promise<readonly NewOrder[]> => {
    const orders: NewOrder[] = [];
    for (let i = 0; i < count; i += 1) {
      const order = newOrder(await addStrategy(database.pool, 'active'), over);
      await database.store.orders.insert(order, 'test');
      orders.push(order);
    }
    return orders;
  };
  /** BTC at 100: with 1000 USDT and 2 BTC the account is worth 1200. */
  const mark = () =>
    database.store.candles.ingest({
      symbol: 'BTCUSDT',
      interval: '1m',
      candles: [{ time: 0, open: '100', high: '100', low: '100', close: '100', volume: '1' }],
    });

  it('on open orders is never passed by many strategies at once', async () => {
    expect(await atOnce(await ofManyStrategies(12), '0.1', { openOrders: 5 })).toBe(5);
    expect(await countRows(database.pool, 'orders', sql.fragment`status = 'submitting'`)).toBe(5);
  });

  it('on open orders counts those that lock another asset, too', async () => {
    for (let most = 1; most <= 20; most += 1) {
      const buy = await ofManyStrategies(1);
      const sale = await ofManyStrategies(1, { side: 'SELL', kind: 'manual', reduceOnly: false });
      expect(await atOnce([...buy, ...sale], '0.01', { openOrders: most })).toBe(1);
    }
  });

  it.each([
    ['in all', { totalPct: 25 }, 3],
    ['per symbol', { symbolPct: 17 }, 2],
    ['per strategy, which each has for itself', { strategyPct: 9 }, 8],
  ])('on exposure %s is never passed by many strategies at once', async (_name, caps, most) => {
    await mark();
    const orders = await ofManyStrategies(8);
    expect(await atOnce(orders, '100', caps)).toBe(most);
    expect(await balance('USDT')).toEqual([String(1_000 - most * 100), String(most * 100)]);
  });

  it('counts what is held at its mark, and names itself, its amount and what it would be', async () => {
    await mark();
    await database.pool.query(sql.unsafe`
      INSERT INTO positions (strategy_id, symbol, environment, exchange, side, quantity, entry_price, current_price, opened_at)
      VALUES (${strategyId}, 'BTCUSDT', 'live', 'simulator', 'LONG', 2, 90, 100, now())`);
    const [order] = await ofManyStrategies(1);
    await expect(
      database.store.orders.markSubmitting({
        orderId: order!.orderId,
        sentAt: 0,
        reserveAsset: 'USDT',
        reserveAmount: '101',
        actor: 'test',
        caps: { ...none, symbolPct: 25 },
      }),
    ).rejects.toMatchObject({
      name: 'CapExceeded',
      message:
        'the cap on exposure per symbol is 300 USDT (25 % of equity) for live, this order would make it 301 USDT',
    });
    expect((await database.store.orders.find(order!.orderId))?.status).toBe('pending');
    expect(await atOnce([order!], '100', { symbolPct: 25 })).toBe(1);
  });

  it('counts what a short owes against equity, and as at stake', async () => {
    await mark();
    const short = await addStrategy(database.pool, 'active');
    await database.pool.query(sql.unsafe`
      INSERT INTO positions (strategy_id, symbol, environment, exchange, side, quantity, entry_price, current_price, collateral, opened_at)
      VALUES (${short}, 'BTCUSDT', 'live', 'simulator', 'SHORT', 1, 110, 100, 220, now())`);
    // 1200 less the 100 that it takes to cover: 330 is 30 %, of which 100 is the short's.
    const orders = await ofManyStrategies(4);
    expect(await atOnce(orders.slice(0, 2), '116', { totalPct: 30 })).toBe(1);
    expect(await atOnce(orders.slice(2), '57', { totalPct: 30 })).toBe(2);
  });

  it('never stops what only closes, and does not count it', async () => {
    await mark();
    const exits = await ofManyStrategies(3, { side: 'SELL', reduceOnly: true });
    expect(await atOnce(exits, '0.1', { openOrders: 1, totalPct: 0 })).toBe(3);
    expect(await atOnce(await ofManyStrategies(2), '1', { openOrders: 1 })).toBe(1);
  });
});

describe('a breaker that commits while orders are being submitted', () => {
  it('is followed by no entry: each that went had the state locked before it', async () => {
    const orders = await Promise.all(Array.from({ length: 30 }, () => pending()));
    const after = await pending();
    await withClient(database.url, async (breaker) => {
      const submissions = orders.map((order) => submit(order, '1'));
      const settled = Promise.allSettled(submissions);
      await Promise.race(submissions);
      await breaker.query('BEGIN');
      await breaker.query("UPDATE trading_state SET state = 'REDUCING' WHERE environment = 'live'");
      // What it finds `submitting` now is all there will ever be.
      const { rowCount } = await breaker.query("SELECT 1 FROM orders WHERE status = 'submitting'");
      await breaker.query('COMMIT');
      const outcomes = await settled;
      const gone = outcomes.filter(({ status }) => status === 'fulfilled').length;
      expect(gone).toBeGreaterThan(0);
      expect(gone).toBe(rowCount);
      expect(await countRows(database.pool, 'orders', sql.fragment`status = 'submitting'`)).toBe(gone);
      const refusals = outcomes.flatMap((outcome) =>
        outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
      );
      for (const refusal of refusals) expect(refusal).toMatchObject({ name: 'EntryForbidden' });
      expect(await balance('USDT')).toEqual([String(1_000 - gone), String(gone)]);
    });
    await expect(submit(after, '1')).rejects.toMatchObject({ name: 'EntryForbidden' });
  });

  it('holds submissions up from its update to its commit, and then refuses them', async () => {
    const order = await pending();
    await withClient(database.url, async (breaker) => {
      await breaker.query('BEGIN');
      await breaker.query("UPDATE trading_state SET state = 'HALTED' WHERE environment = 'live'");
      const outcome = submit(order).then(
        () => 'submitted',
        (error: unknown) => (error instanceof Error ? error.name : 'unknown'),
      );
      await untilSomeoneWaits(breaker);
      await breaker.query('COMMIT');
      expect(await outcome).toBe('EntryForbidden');
    });
    expect(await balance('USDT')).toEqual(['1000', '0']);
  });
});

describe('what the venue did not take', () => {
  it('goes back to pending with its reservation free, and may be submitted again', async () => {
    const order = await pending();
    await submit(order);
    await database.store.orders.settleUnsent({ orderId: order.orderId, to: 'pending', note: 'busy', actor: 'test' });
    expect(await balance('USDT')).toEqual(['1000', '0']);
    expect(await submit(order, '50')).toMatchObject({ submitted: true });
    expect(await balance('USDT')).toEqual(['950', '50']);
  });

  it('is rejected once, with one alert', async () => {
    const order = await pending();
    await submit(order);
    const reject = () =>
      database.store.orders.settleUnsent({ orderId: order.orderId, to: 'rejected', note: 'refused', actor: 'test' });
    await Promise.all([reject(), reject(), reject()]);
    expect(await balance('USDT')).toEqual(['1000', '0']);
    expect(await countRows(database.pool, 'alerts', sql.fragment`entity_id = ${order.orderId}`)).toBe(1);
    expect((await submit(order)).submitted).toBe(false);
  });

  it('cannot take an order back that the venue has', async () => {
    const order = await pending();
    await submit(order);
    await database.store.orders.applyReport(
      order.orderId,
      {
        clientOrderId: order.clientOrderId,
        exchangeOrderId: '7',
        status: 'open',
        filledQuantity: '0',
        fills: [],
        reportedAt: 0,
      },
      'test',
    );
    const late = await database.store.orders.settleUnsent({
      orderId: order.orderId,
      to: 'rejected',
      note: 'late',
      actor: 'test',
    });
    expect(late.status).toBe('open');
    expect(await balance('USDT')).toEqual(['900', '100']);
  });
});

describe('an order that became unknown', () => {
  it('keeps its reservation, tells a person once, and is adopted when it shows', async () => {
    const order = await pending();
    await submit(order);
    const lost = () => database.store.orders.markUnknown({ orderId: order.orderId, note: 'absent', actor: 'test' });
    await Promise.all([lost(), lost()]);
    expect(await balance('USDT')).toEqual(['900', '100']);
    expect(await countRows(database.pool, 'alerts', sql.fragment`severity = 'critical'`)).toBe(1);
    expect((await submit(order)).submitted).toBe(false);
    const found = await database.store.orders.applyReport(
      order.orderId,
      {
        clientOrderId: order.clientOrderId,
        exchangeOrderId: '7',
        status: 'filled',
        filledQuantity: '1',
        fills: [
          {
            tradeId: '1',
            price: '99',
            quantity: '1',
            commission: '0',
            commissionAsset: 'USDT',
            executedAt: 70_000,
          },
        ],
        reportedAt: 0,
      },
      'test',
    );
    expect(found).toMatchObject({ status: 'filled', reservedAmount: null });
    expect(await balance('USDT')).toEqual(['901', '0']);
  });
});
