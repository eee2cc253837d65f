import { type QuerySqlToken, sql } from 'slonik';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkBooks } from '../../src/adapters/postgres/books-check.ts';
import type { NewOrder } from '../../src/adapters/postgres/orders.ts';
import type { VenueOrderReport } from '../../src/contracts/venue.ts';
import { dec, sum, text } from '../../src/domain/decimal.ts';
import type { Fill } from '../../src/domain/orders/order.ts';
import { type TradingDatabase, addStrategy, createTradingDatabase, newOrder } from '../support/trading.ts';

const account = { environment: 'live', exchange: 'simulator' } as const;

let database: TradingDatabase;
let orders: Readonly<Record<'entry' | 'exit' | 'resting' | 'cancelled' | 'submitting', NewOrder>>;

const submit = async (order: NewOrder): Promise<NewOrder> => {
  const { store } = database;
  await store.orders.insert(order, 'test');
  const buys = order.side === 'BUY';
  await store.orders.markSubmitting({
    orderId: order.orderId,
    sentAt: 60_000,
    reserveAsset: buys ? 'USDT' : 'BTC',
    reserveAmount: buys ? '300' : order.quantity,
    actor: 'test',
  });
  return order;
};

let nextTrade = 1;
const fill = (quantity: string, over: Partial<Fill> = {}): Fill => {
  const id = nextTrade++;
  return {
    tradeId: String(id),
    price: '100',
    quantity,
    commission: '0',
    commissionAsset: 'USDT',
    executedAt: 100_000 + id,
    ...over,
  };
};

const report = async (
  order: NewOrder,
  status: VenueOrderReport['status'],
  fills: readonly Fill[] = [],
): Promise<void> => {
  await database.store.orders.applyReport(
    order.orderId,
    {
      clientOrderId: order.clientOrderId,
      exchangeOrderId: `venue-${order.clientOrderId}`,
      status,
      filledQuantity: text(sum(fills.map((one) => dec(one.quantity)))),
      fills,
      reportedAt: 200_000,
    },
    'test',
  );
};

/** An entry with fees in base and BNB, an exit that leaves a part, and an order in each other state. */
beforeEach(async () => {
  database = await createTradingDatabase();
  const { pool, store } = database;
  await store.balances.open(account, { USDT: '100000', BNB: '5' }, 0);
  const strategyId = await addStrategy(pool, 'active');
  const other = await addStrategy(pool, 'active');
  const limit = { type: 'LIMIT', price: '90', timeInForce: 'GTC' } as const;
  const entry = await submit(newOrder(strategyId));
  await report(entry, 'filled', [
    fill('0.4', { commission: '0.0004', commissionAsset: 'BTC' }),
    fill('0.6', { price: '110', commission: '0.01', commissionAsset: 'BNB' }),
  ]);
  const exit = await submit(newOrder(strategyId, { side: 'SELL', quantity: '0.7' }));
  await report(exit, 'filled', [fill('0.7', { price: '123.45678', commission: '0.08', commissionAsset: 'USDT' })]);
  const resting = await submit(newOrder(other, limit));
  await report(resting, 'open');
  const cancelled = await submit(newOrder(other, limit));
  await report(cancelled, 'open');
  await report(cancelled, 'cancelled');
  const submitting = await submit(newOrder(other));
  orders = { entry, exit, resting, cancelled, submitting };
});
afterEach(() => database.drop());

const rulesBroken = async (...statements: readonly QuerySqlToken[]): Promise<readonly string[]> => {
  for (const statement of statements) await database.pool.query(statement);
  return [...new Set((await checkBooks(database.pool)).map(({ rule }) => rule))].sort();
};

const of = (name: keyof typeof orders) => sql.fragment`${orders[name].orderId}`;
const lastAuditOf = (name: keyof typeof orders) =>
  sql.fragment`(SELECT max(id) FROM audit_logs WHERE entity_id = ${of(name)}::text)`;

describe('books that are right', () => {
  it('break no rule', async () => {
    expect(await checkBooks(database.pool)).toEqual([]);
  });

  it('break none when a position ends as dust, or empty', async () => {
    const dust = await submit(newOrder(orders.entry.strategyId, { side: 'SELL', quantity: '0.299' }));
    await report(dust, 'filled', [fill('0.299', { price: '120' })]);
    expect(await checkBooks(database.pool)).toEqual([]);
    const again = await submit(newOrder(orders.entry.strategyId));
    await report(again, 'filled', [fill('1')]);
    const all = await submit(newOrder(orders.entry.strategyId, { side: 'SELL' }));
    await report(all, 'filled', [fill('1', { price: '101' })]);
    expect(await checkBooks(database.pool)).toEqual([]);
  });

  it('are read without writing', async () => {
    const before = await database.pool.anyFirst(sql.unsafe`SELECT count(*) FROM audit_logs`);
    await checkBooks(database.pool);
    expect(await database.pool.anyFirst(sql.unsafe`SELECT count(*) FROM audit_logs`)).toEqual(before);
  });
});

describe('a row that is wrong', () => {
  it('is named with what it says and what it should', async () => {
    await database.pool.query(sql.unsafe`UPDATE orders SET average_fill_price = 105 WHERE id = ${of('entry')}`);
    expect(await checkBooks(database.pool)).toEqual([
      {
        rule: 'average_fill_price',
        entity: `order/${orders.entry.orderId}`,
        found: 'average 105',
        expected: '106',
      },
    ]);
  });

  it('an order with more filled than its trades say', async () => {
    expect(
      await rulesBroken(sql.unsafe`UPDATE orders SET filled_quantity = 1.1, quantity = 2 WHERE id = ${of('entry')}`),
    ).toEqual(['audit_chain', 'filled_quantity', 'status_and_fills']);
  });

  it('an order filled beyond its quantity', async () => {
    expect(await rulesBroken(sql.unsafe`UPDATE orders SET quantity = 0.5 WHERE id = ${of('entry')}`)).toEqual([
      'filled_quantity',
      'status_and_fills',
    ]);
  });

  it('an order whose trade is gone', async () => {
    expect(await rulesBroken(sql.unsafe`DELETE FROM trades WHERE order_id = ${of('exit')}`)).toEqual([
      'average_fill_price',
      'balance_total',
      'commission',
      'filled_quantity',
      'position',
    ]);
  });

  it('a commission that is not its trades’', async () => {
    expect(await rulesBroken(sql.unsafe`UPDATE orders SET commission = 1 WHERE id = ${of('exit')}`)).toEqual([
      'commission',
    ]);
  });

  it('two orders of ours for one of the venue', async () => {
    const id = `venue-${orders.resting.clientOrderId}`;
    expect(
      await rulesBroken(sql.unsafe`UPDATE orders SET exchange_order_id = ${id} WHERE id = ${of('cancelled')}`),
    ).toEqual(['venue_order_id']);
  });

  it('an order at the venue without the venue’s id', async () => {
    expect(
      await rulesBroken(sql.unsafe`UPDATE orders SET exchange_order_id = NULL WHERE id = ${of('resting')}`),
    ).toEqual(['venue_order_id']);
  });

  it('a trade on another strategy than its order', async () => {
    expect(
      await rulesBroken(
        sql.unsafe`UPDATE trades SET strategy_id = ${orders.resting.strategyId} WHERE order_id = ${of('exit')}`,
      ),
    ).toContain('trade_of_its_order');
  });

  it('a trade counted twice', async () => {
    expect(
      await rulesBroken(
        sql.unsafe`DROP INDEX uq_trades_exchange_trade_id`,
        sql.unsafe`INSERT INTO trades (order_id, strategy_id, symbol, side, quantity, price, environment, exchange, exchange_trade_id, executed_at)
          SELECT order_id, strategy_id, symbol, side, quantity, price, environment, exchange, exchange_trade_id, executed_at
          FROM trades WHERE order_id = ${of('exit')}`,
      ),
    ).toContain('trade_twice');
  });

  it('a realized P&L that the fold does not say', async () => {
    expect(
      await rulesBroken(
        sql.unsafe`UPDATE trades SET realized_pnl = realized_pnl + 0.01 WHERE order_id = ${of('exit')}`,
      ),
    ).toEqual(['realized_pnl']);
    expect(
      await rulesBroken(sql.unsafe`UPDATE trades SET realized_pnl_exact = 0 WHERE order_id = ${of('exit')}`),
    ).toEqual(['realized_pnl']);
  });

  it.each([
    ['quantity', sql.unsafe`UPDATE positions SET quantity = quantity + 0.001`],
    ['side', sql.unsafe`UPDATE positions SET side = 'SHORT'`],
    ['cost basis', sql.unsafe`UPDATE positions SET cost_basis_exact = cost_basis_exact + 1`],
    ['absence', sql.unsafe`DELETE FROM positions`],
    [
      'presence',
      sql.unsafe`INSERT INTO positions (strategy_id, symbol, side, quantity, entry_price, environment, exchange)
        SELECT strategy_id, 'ETHUSDT', side, quantity, entry_price, environment, exchange FROM positions`,
    ],
  ])('a position by its %s', async (_name, statement) => {
    expect(await rulesBroken(statement)).toEqual(['position']);
  });

  it('a balance that is negative, or does not add up', async () => {
    const drop = ['free', 'locked', 'total'].map(
      (name) =>
        sql.unsafe`ALTER TABLE current_balances DROP CONSTRAINT ${sql.identifier([`ck_current_balances_${name}`])}`,
    );
    expect(
      await rulesBroken(
        ...drop,
        sql.unsafe`UPDATE current_balances SET free_balance = free_balance + locked_balance + 1, locked_balance = -1 WHERE asset = 'USDT'`,
      ),
    ).toEqual(['balance_locked', 'balance_sign']);
    expect(
      await rulesBroken(
        sql.unsafe`UPDATE current_balances SET free_balance = total_balance, locked_balance = 600 WHERE asset = 'USDT'`,
      ),
    ).toEqual(['balance_sum']);
  });

  it('a balance that reservations, or flows and trades, do not explain', async () => {
    expect(
      await rulesBroken(sql.unsafe`UPDATE orders SET reserved_amount = 299 WHERE id = ${of('submitting')}`),
    ).toEqual(['balance_locked']);
    expect(
      await rulesBroken(
        sql.unsafe`UPDATE orders SET reserved_amount = 300 WHERE id = ${of('submitting')}`,
        sql.unsafe`UPDATE balance_flows SET amount = amount + 1 WHERE asset = 'BNB'`,
      ),
    ).toEqual(['balance_total']);
  });

  it('a deposit counts in, a withdrawal out', async () => {
    const flow = (kind: string, amount: string) => sql.unsafe`
      INSERT INTO balance_flows (flow_key, environment, exchange, asset, amount, kind, occurred_at)
      VALUES (${kind}, 'live', 'simulator', 'BNB', ${amount}::numeric, ${kind}, now())`;
    const move = sql.unsafe`
      UPDATE current_balances SET free_balance = free_balance + 1, total_balance = total_balance + 1 WHERE asset = 'BNB'`;
    expect(await rulesBroken(flow('deposit', '3'), flow('withdrawal', '2'))).toEqual(['balance_total']);
    expect(await rulesBroken(move)).toEqual([]);
  });

  it('a terminal order that still reserves', async () => {
    expect(
      await rulesBroken(
        sql.unsafe`UPDATE orders SET reserved_asset = 'USDT', reserved_amount = 1 WHERE id = ${of('cancelled')}`,
      ),
    ).toEqual(['reservation']);
  });
});

describe('an audit that does not tell the order', () => {
  it('a change without a row, at the end', async () => {
    expect(await rulesBroken(sql.unsafe`UPDATE orders SET status = 'cancelled' WHERE id = ${of('resting')}`)).toContain(
      'audit_chain',
    );
  });

  it('a change without a row, in between', async () => {
    expect(
      await rulesBroken(
        sql.unsafe`DELETE FROM audit_logs WHERE id = (SELECT min(id) + 1 FROM audit_logs WHERE entity_id = ${of('cancelled')}::text)`,
      ),
    ).toEqual(['audit_chain']);
  });

  it('no row at all', async () => {
    expect(await rulesBroken(sql.unsafe`DELETE FROM audit_logs WHERE entity_id = ${of('submitting')}::text`)).toEqual([
      'audit_chain',
    ]);
  });

  it('a terminal order that came back', async () => {
    expect(
      await rulesBroken(
        sql.unsafe`INSERT INTO audit_logs (actor, action, entity_type, entity_id, old_value, new_value)
          SELECT actor, action, entity_type, entity_id, new_value, jsonb_set(new_value, '{status}', '"open"')
          FROM audit_logs WHERE id = ${lastAuditOf('cancelled')}`,
        sql.unsafe`UPDATE orders SET status = 'open' WHERE id = ${of('cancelled')}`,
      ),
    ).toEqual(['audit_transition']);
  });
});

describe('a breaker', () => {
  const trip = sql.unsafe`
    WITH event AS (
      INSERT INTO circuit_breaker_events (trigger_type, threshold_value, actual_value, environment)
      VALUES ('drawdown', 10, 11, 'live') RETURNING id)
    INSERT INTO audit_logs (actor, action, entity_type, entity_id, new_value)
    SELECT 'test', 'trip_breaker', 'system', id::text, '{"state": "REDUCING"}' FROM event`;
  const resolve = sql.unsafe`
    WITH event AS (UPDATE circuit_breaker_events SET resolved_at = now() RETURNING id)
    INSERT INTO audit_logs (actor, action, entity_type, entity_id, new_value)
    SELECT 'test', 'resolve_breaker', 'system', id::text, '{"state": "ACTIVE"}' FROM event`;
  const another = async (side: 'BUY' | 'SELL'): Promise<void> => {
    await submit(newOrder(orders.entry.strategyId, { side, quantity: '0.001' }));
  };

  it('lets exits be submitted, and entries before and after it', async () => {
    await database.pool.query(trip);
    await another('SELL');
    await database.pool.query(resolve);
    await another('BUY');
    expect(await checkBooks(database.pool)).toEqual([]);
  });

  it('is broken by an entry submitted while it was open', async () => {
    await database.pool.query(trip);
    await another('BUY');
    expect(await rulesBroken(resolve)).toEqual(['breaker']);
  });

  it('is dated by its row where it left no audit', async () => {
    await database.pool.query(trip);
    await another('BUY');
    await database.pool.query(sql.unsafe`DELETE FROM audit_logs WHERE action = 'trip_breaker'`);
    expect(await rulesBroken()).toEqual(['breaker']);
    expect(
      await rulesBroken(sql.unsafe`UPDATE circuit_breaker_events SET triggered_at = now() + interval '1 hour'`),
    ).toEqual([]);
  });
});
