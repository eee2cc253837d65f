import { type DatabasePool, sql } from 'slonik';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkBooks } from '../../src/adapters/postgres/books-check.ts';
import type { NewOrder } from '../../src/adapters/postgres/orders.ts';
import { createDatabasePool } from '../../src/adapters/postgres/pool.ts';
import { type Store, createStore } from '../../src/adapters/postgres/store.ts';
import { createRandom } from '../../src/domain/random.ts';
import { reportsOf } from '../support/accounting.ts';
import { withClient } from '../support/database.ts';
import { type TradingDatabase, addStrategy, countRows, createTradingDatabase, newOrder } from '../support/trading.ts';

const account = { environment: 'live', exchange: 'simulator' } as const;
const connections = 12;

let database: TradingDatabase;
let pool: DatabasePool;
let store: Store;

beforeEach(async () => {
  database = await createTradingDatabase();
  pool = await createDatabasePool(database.url, { max: connections });
  store = createStore(pool);
  await store.balances.open(account, { USDT: '10000000', BTC: '1000', BNB: '10' }, 0);
});
afterEach(() => database.drop());

/** Deadlocks that the server had to break, counted when every session has ended and told of its own. */
const deadlocks = async (): Promise<number> => {
  const name = new URL(database.url).pathname.slice(1);
  await pool.end();
  await database.pool.end();
  return await withClient(database.url, async (client) => {
    const { rows } = await client.query<{ deadlocks: string }>(
      `SELECT deadlocks FROM pg_stat_database WHERE datname = $1`,
      [name],
    );
    return Number(rows[0]?.deadlocks);
  });
};

const assets = ['BTC', 'USDT', 'BNB'] as const;

/** What brings an order to its venue: refused once, sent again. */
const submission = (order: NewOrder) => {
  const buys = order.side === 'BUY';
  const submit = () =>
    store.orders.markSubmitting({
      orderId: order.orderId,
      sentAt: 0,
      reserveAsset: buys ? 'USDT' : 'BTC',
      reserveAmount: buys ? '110' : '1',
      actor: 'test',
    });
  const refuse = () =>
    store.orders.settleUnsent({ orderId: order.orderId, to: 'pending', note: 'busy', actor: 'test' });
  return { submit, refuse };
};

/** All that may be done with an order that is at its venue, in whatever order and at the same time. */
const stepsOf = (order: NewOrder, index: number): readonly (() => Promise<unknown>)[] => {
  const fills = [0, 1, 2].map((part) => ({
    tradeId: String(100 * index + part),
    price: '100',
    quantity: '0.25',
    commission: '0.001',
    commissionAsset: assets[(index + part) % assets.length]!,
    executedAt: index * 10 + part,
  }));
  const { submit } = submission(order);
  const reports = reportsOf({ order, fills, end: index % 3 === 0 ? 'cancelled' : 'working', tellsAll: true });
  return [
    submit,
    () => store.orders.requestCancel({ orderId: order.orderId, at: 0, actor: 'test', reason: 'test' }),
    () => store.balances.open(account, { BTC: '1000', [`FEE${index}`]: '1' }, 0),
    () => store.positions.mark({ symbol: order.symbol, price: String(90 + (index % 20)), at: 0 }),
    ...reports.map((report) => () => store.orders.applyReport(order.orderId, report, 'test')),
    submit,
  ];
};

it('two strategies on one account never block each other: fills, submissions, cancels and marks from many sessions', async () => {
  const random = createRandom(7);
  const strategies = [await addStrategy(pool, 'active'), await addStrategy(pool, 'active')];
  const orders = Array.from({ length: 24 }, (_, index) =>
    newOrder(strategies[index % 2]!, { side: index % 4 < 2 ? 'BUY' : 'SELL' }),
  );
  for (const order of orders) await store.orders.insert(order, 'test');
  await Promise.all(
    orders.map(async (order) => {
      const { submit, refuse } = submission(order);
      for (const step of [submit, refuse, submit]) await step();
    }),
  );
  const steps = orders.flatMap(stepsOf);
  const session = async (): Promise<void> => {
    while (steps.length > 0) await steps.splice(random.below(steps.length), 1)[0]!();
  };
  await Promise.all(Array.from({ length: connections }, session));

  const { rows } = await pool.query(sql.unsafe`
    SELECT count(*) FILTER (WHERE filled_quantity = 0.75)::int AS filled, count(*)::int AS all FROM orders`);
  expect(rows).toEqual([{ filled: orders.length, all: orders.length }]);
  expect(await countRows(pool, 'trades')).toBe(3 * orders.length);
  expect(await checkBooks(pool)).toEqual([]);
  expect(await deadlocks()).toBe(0);
}, 60_000);
