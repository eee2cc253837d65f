import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';

const strategy = '00000000-0000-4000-8000-000000000001';
const order = '00000000-0000-4000-8000-000000000002';

let database: TestDatabase;
let client: Client;

const insert = async (table: string, row: Readonly<Record<string, unknown>>): Promise<void> => {
  const names = Object.keys(row);
  const places = names.map((_, index) => `$${index + 1}`);
  await client.query(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${places.join(', ')})`, Object.values(row));
};

const strategyRow = { id: strategy, name: 's', symbol: 'BTCUSDT', interval: '1m', parameters: {} };
const orderRow = {
  id: order,
  strategy_id: strategy,
  symbol: 'BTCUSDT',
  side: 'BUY',
  order_type: 'MARKET',
  quantity: '1',
  environment: 'paper',
};
const tradeRow = {
  order_id: order,
  strategy_id: strategy,
  symbol: 'BTCUSDT',
  side: 'BUY',
  quantity: '1',
  price: '100',
  environment: 'paper',
  executed_at: '2024-01-01',
};
const positionRow = {
  strategy_id: strategy,
  symbol: 'BTCUSDT',
  side: 'LONG',
  quantity: '1',
  entry_price: '100',
  environment: 'paper',
};
const balanceRow = { environment: 'paper', exchange: 'paper', asset: 'USDT', free_balance: '7', total_balance: '7' };
const snapshotRow = { environment: 'paper', asset: 'USDT', free_balance: '7', total_balance: '7' };
const candleRow = {
  symbol: 'BTCUSDT',
  timestamp: '2024-01-01',
  interval: '1m',
  open: '1',
  high: '1',
  low: '1',
  close: '1',
  volume: '1',
};
const breakerRow = { trigger_type: 'drawdown', threshold_value: '1', actual_value: '2' };

beforeAll(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
});

afterAll(async () => {
  await client.end();
  await database.drop();
});

beforeEach(async () => {
  await client.query('BEGIN');
  await insert('strategies', strategyRow);
  await insert('orders', orderRow);
});

afterEach(async () => {
  await client.query('ROLLBACK');
});

describe('checks', () => {
  it('take the rows that the refused ones below differ from', async () => {
    await insert('trades', tradeRow);
    await insert('positions', positionRow);
    await insert('current_balances', balanceRow);
    await insert('portfolio_balances', snapshotRow);
    await insert('market_data', candleRow);
  });

  it.for([
    ['orders', { ...orderRow, quantity: 'NaN' }],
    ['orders', { ...orderRow, quantity: '-1' }],
    ['orders', { ...orderRow, filled_quantity: 'NaN' }],
    ['orders', { ...orderRow, reserved_amount: 'Infinity' }],
    ['orders', { ...orderRow, commission: 'NaN' }],
    ['orders', { ...orderRow, status: 'done' }],
    ['orders', { ...orderRow, side: 'buy' }],
    ['orders', { ...orderRow, environment: 'test' }],
    ['trades', { ...tradeRow, price: 'NaN' }],
    ['trades', { ...tradeRow, quantity: '-1' }],
    ['trades', { ...tradeRow, realized_pnl_exact: 'NaN' }],
    ['positions', { ...positionRow, quantity: '-0.00000001' }],
    ['positions', { ...positionRow, side: 'BUY' }],
    ['positions', { ...positionRow, cost_basis_exact: 'NaN' }],
    ['current_balances', { ...balanceRow, free_balance: '-1', total_balance: '-1' }],
    ['current_balances', { ...balanceRow, free_balance: 'NaN', total_balance: 'NaN' }],
    ['current_balances', { ...balanceRow, free_balance: 'Infinity', total_balance: 'Infinity' }],
    ['current_balances', { ...balanceRow, locked_balance: '-1', total_balance: '6' }],
    ['current_balances', { ...balanceRow, total_balance: '8' }],
    ['portfolio_balances', { ...snapshotRow, free_balance: '-1' }],
    ['portfolio_balances', { ...snapshotRow, total_balance: 'NaN' }],
    ['market_data', { ...candleRow, close: 'NaN' }],
    ['market_data', { ...candleRow, volume: '-1' }],
    ['strategies', { ...strategyRow, status: 'live' }],
  ] as const)('refuse in %s %j', async ([table, row]) => {
    const withOwnId = table === 'orders' || table === 'strategies' ? { ...row, id: crypto.randomUUID() } : row;
    await expect(insert(table, withOwnId)).rejects.toMatchObject({ code: '23514' });
  });

  it('take every status an order can have', async () => {
    const statuses = [
      'pending',
      'submitting',
      'open',
      'partially_filled',
      'filled',
      'cancelled',
      'rejected',
      'expired',
    ];
    for (const status of [...statuses, 'unknown']) {
      await client.query('UPDATE orders SET status = $1 WHERE id = $2', [status, order]);
    }
  });
});

describe('unique keys', () => {
  it('count a trade id of a venue once, and each venue has its own', async () => {
    await insert('trades', { ...tradeRow, exchange: 'binance', exchange_trade_id: '1' });
    await insert('trades', { ...tradeRow, exchange: 'kraken', exchange_trade_id: '1' });
    await insert('trades', { ...tradeRow, exchange: 'binance', exchange_trade_id: '1', symbol: 'ETHUSDT' });
    const again = insert('trades', { ...tradeRow, exchange: 'binance', exchange_trade_id: '1' });
    await expect(again).rejects.toMatchObject({ code: '23505' });
  });

  it('count a trade id once where no venue is given, and take any number of trades without an id', async () => {
    await insert('trades', tradeRow);
    await insert('trades', tradeRow);
    await insert('trades', { ...tradeRow, exchange_trade_id: '1' });
    await expect(insert('trades', { ...tradeRow, exchange_trade_id: '1' })).rejects.toMatchObject({ code: '23505' });
  });

  it('serve as the conflict target of an insert that may be repeated', async () => {
    const again = `INSERT INTO trades (order_id, strategy_id, symbol, side, quantity, price, environment, executed_at,
        exchange, exchange_trade_id)
      VALUES ('${order}', '${strategy}', 'BTCUSDT', 'BUY', 1, 100, 'paper', '2024-01-01', 'paper', '1')
      ON CONFLICT (exchange, symbol, exchange_trade_id, environment) WHERE exchange_trade_id IS NOT NULL DO NOTHING`;
    expect((await client.query(again)).rowCount).toBe(1);
    expect((await client.query(again)).rowCount).toBe(0);
  });

  it('allow one open event per environment and trigger', async () => {
    await insert('circuit_breaker_events', { ...breakerRow, environment: 'paper', resolved_at: '2024-01-01' });
    await insert('circuit_breaker_events', { ...breakerRow, environment: 'paper' });
    await insert('circuit_breaker_events', { ...breakerRow, environment: 'live' });
    await insert('circuit_breaker_events', breakerRow);
    await insert('circuit_breaker_events', breakerRow);
    const second = insert('circuit_breaker_events', { ...breakerRow, environment: 'paper' });
    await expect(second).rejects.toMatchObject({ code: '23505' });
  });

  it('allow a client order id once', async () => {
    await insert('orders', { ...orderRow, id: crypto.randomUUID(), client_order_id: 'a' });
    const second = insert('orders', { ...orderRow, id: crypto.randomUUID(), client_order_id: 'a' });
    await expect(second).rejects.toMatchObject({ code: '23505' });
  });
});
