import { afterAll, beforeAll, expect, it } from 'vitest';
import { sql } from 'slonik';
import { listStrategies } from '../../src/adapters/postgres/strategies.ts';
import { isManualStrategy } from '../../src/domain/orders/manual.ts';
import { type TradingDatabase, addStrategy, countRows, createTradingDatabase } from '../support/trading.ts';

let database: TradingDatabase;
beforeAll(async () => {
  database = await createTradingDatabase();
});
afterAll(() => database.drop());

it('an environment has one strategy for orders by hand, however many ask for it at once', async () => {
  const ask = () => database.store.strategies.ensureManual('paper');
  const ids = await Promise.all([ask(), ask(), ask(), ask()]);
  expect(new Set(ids).size).toBe(1);
  expect(isManualStrategy(ids[0])).toBe(true);
  expect(await database.store.strategies.ensureManual('live')).not.toBe(ids[0]);
  expect(await countRows(database.pool, 'strategies')).toBe(2);
  expect(await countRows(database.pool, 'audit_logs', sql.fragment`action = 'create_strategy'`)).toBe(2);
});

it('it trades nothing by itself, is in no listing, and can be looked up', async () => {
  const manual = await database.store.strategies.ensureManual('paper');
  const other = await addStrategy(database.pool, 'paper');
  const { status, definition } = await database.store.strategies.load(manual);
  expect({ status, name: definition.name }).toEqual({ status: 'archived', name: 'manual (paper)' });
  expect(await database.store.strategies.trading({ symbol: definition.symbol, interval: '1m' })).toEqual([]);
  const listed = await listStrategies(database.pool, { limit: 10 });
  expect(listed.map(({ strategyId }) => strategyId)).toEqual([other]);
});
