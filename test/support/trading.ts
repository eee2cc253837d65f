import { randomUUID } from 'node:crypto';
import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import type { NewOrder } from '../../src/adapters/postgres/orders.ts';
import { createDatabasePool } from '../../src/adapters/postgres/pool.ts';
import { type Store, createStore } from '../../src/adapters/postgres/store.ts';
import { createStrategy } from '../../src/adapters/postgres/strategies.ts';
import type { Environment, OrderSide } from '../../src/domain/orders/order.ts';
import type { RiskParams, StrategyDefinition } from '../../src/domain/strategy/definition.ts';
import { createTestDatabase } from './database.ts';

export interface TradingDatabase {
  readonly url: string;
  readonly pool: DatabasePool;
  readonly store: Store;
  readonly drop: () => Promise<void>;
}

export const createTradingDatabase = async (): Promise<TradingDatabase> => {
  const { url, drop } = await createTestDatabase();
  const pool = await createDatabasePool(url);
  return {
    url,
    pool,
    store: createStore(pool),
    drop: async () => {
      await pool.end();
      await drop();
    },
  };
};

/** Goals look on the hour, whenever a test runs: where a worker runs that none of them is about, they would write in the middle of it. */
export const pauseGoals = async (pool: DatabasePool): Promise<void> => {
  await pool.query(sql.unsafe`UPDATE financial_goals SET status = 'paused'`);
};

/** A strategy that buys when the close is above zero, so always; what differs between tests is given in `over`. */
export const definitionOf = (
  over: Partial<StrategyDefinition> = {},
  risk: Partial<RiskParams> = {},
): StrategyDefinition => ({
  name: `test ${randomUUID()}`,
  strategy_type: 'momentum',
  symbol: 'BTCUSDT',
  interval: '1m',
  parameters: {},
  entry_conditions: { left: { price: 'close' }, op: '>', right: 0 },
  exit_conditions: { left: { price: 'close' }, op: '<', right: 0 },
  risk_params: { side: 'LONG', position_size: { type: 'fixed_quote', value: 500 }, ...risk },
  ...over,
});

/** Writes a strategy row that is already in `status`. */
export const addStrategy = async (
  pool: DatabasePool,
  status: 'paper' | 'active' | 'paused',
  definition: StrategyDefinition = definitionOf(),
): Promise<string> => {
  const { strategyId } = await createStrategy(pool, { definition, policy: 'demo', by: 'test' });
  await pool.query(sql.unsafe`UPDATE strategies SET status = ${status} WHERE id = ${strategyId}`);
  return strategyId;
};

/** An order row as `prepareOrder` would write it: BTCUSDT in steps of 0.001, on the simulator. */
export const newOrder = (
  strategyId: string,
  over: Partial<NewOrder> & { side?: OrderSide; environment?: Environment } = {},
): NewOrder => {
  const orderId = over.orderId ?? randomUUID();
  return {
    orderId,
    strategyId,
    strategyVersion: 1,
    symbol: 'BTCUSDT',
    side: 'BUY',
    type: 'MARKET',
    kind: over.side === 'SELL' ? 'exit' : 'entry',
    environment: 'live',
    exchange: 'simulator',
    status: 'pending',
    quantity: '1',
    price: null,
    stopPrice: null,
    orderListId: null,
    clientOrderId: orderId.replaceAll('-', ''),
    timeInForce: null,
    reduceOnly: over.side === 'SELL',
    metadata: {
      interval: '1m',
      candleTime: 0,
      decidedAt: 60_000,
      base: 'BTC',
      quote: 'USDT',
      stepSize: '0.001',
      minQuantity: '0',
      minNotional: '0',
      reason: 'test',
      cancelRequestedAt: null,
      expireAt: null,
      budget: null,
      protection: null,
      note: '',
    },
    ...over,
  };
};

const rowsOf = async (pool: DatabasePool, query: ReturnType<typeof sql.fragment>): Promise<readonly unknown[]> => {
  const { rows } = await pool.query(sql.unsafe`SELECT row_to_json(r) AS row FROM (${query}) r`);
  return rows.map((row) => (row as { row: unknown }).row);
};

/** What accounting has written: orders, trades, positions and balances, without ids and clock times. NUMERIC as text. */
export const accountingRows = async (pool: DatabasePool) => ({
  orders: await rowsOf(
    pool,
    sql.fragment`SELECT client_order_id, status, quantity::text, filled_quantity::text, average_fill_price::text, commission::text,
      commission_asset, exchange_order_id, reserved_asset, trim_scale(reserved_amount)::text AS reserved_amount, filled_at
      FROM orders ORDER BY client_order_id`,
  ),
  trades: await rowsOf(
    pool,
    sql.fragment`SELECT o.client_order_id, t.exchange_trade_id, t.side, t.quantity::text, t.price::text, t.commission::text,
      t.commission_asset, t.executed_at, t.realized_pnl::text, trim_scale(t.realized_pnl_exact)::text AS realized_pnl_exact
      FROM trades t JOIN orders o ON o.id = t.order_id ORDER BY t.exchange, t.exchange_trade_id`,
  ),
  positions: await rowsOf(
    pool,
    sql.fragment`SELECT strategy_id, symbol, environment, side, quantity::text, entry_price::text, current_price::text,
      trim_scale(cost_basis_exact)::text AS cost_basis_exact, trim_scale(realized_pnl_exact)::text AS realized_pnl_exact,
      trim_scale(unrealized_pnl_exact)::text AS unrealized_pnl_exact, opened_at FROM positions ORDER BY strategy_id`,
  ),
  balances: await rowsOf(
    pool,
    sql.fragment`SELECT environment, exchange, asset, trim_scale(free_balance)::text AS free, trim_scale(locked_balance)::text AS locked
      FROM current_balances ORDER BY environment, exchange, asset`,
  ),
});

/** How many rows of a table meet a condition. */
export const countRows = async (
  pool: DatabasePool,
  table: string,
  where: ReturnType<typeof sql.fragment> = sql.fragment`true`,
): Promise<number> =>
  await pool.oneFirst(
    sql.type(
      z.object({ count: z.number() }),
    )`SELECT count(*)::int AS count FROM ${sql.identifier([table])} WHERE ${where}`,
  );
