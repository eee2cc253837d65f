import { readFileSync } from 'node:fs';
import type { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrate } from '../../src/adapters/postgres/migrate.ts';
import { createEmptyDatabase, withClient } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';

const seed = JSON.parse(readFileSync(new URL('../fixtures/seed-schema.json', import.meta.url), 'utf8')) as {
  readonly ddl: readonly string[];
  readonly tables: Readonly<Record<string, { readonly columns: readonly { readonly name: string }[] }>>;
};

const strategy = '00000000-0000-4000-8000-000000000001';
const order = '00000000-0000-4000-8000-000000000002';

/** Rows as an older installation left them, some of which a check of ours would not take today. */
const rows = `
  INSERT INTO strategies (id, name, symbol, interval, parameters, status)
    VALUES ('${strategy}', 'old', 'BTCUSDT', '1m', '{"fast": 9}', 'inactive');
  INSERT INTO orders (id, strategy_id, symbol, side, order_type, quantity, environment)
    VALUES ('${order}', '${strategy}', 'BTCUSDT', 'buy', 'MARKET', 0.12345678, 'paper'),
      (gen_random_uuid(), '${strategy}', 'BTCUSDT', 'SELL', 'STOP_LOSS', 'NaN', 'live');
  INSERT INTO trades (order_id, strategy_id, symbol, side, quantity, price, environment, exchange_trade_id, executed_at)
    VALUES ('${order}', '${strategy}', 'BTCUSDT', 'BUY', 1, 100, 'paper', '1', '2024-01-01 00:00:00.123456'),
      ('${order}', '${strategy}', 'BTCUSDT', 'BUY', 1, 100, 'paper', NULL, '2024-01-01'),
      ('${order}', '${strategy}', 'BTCUSDT', 'BUY', 1, 100, 'paper', NULL, '2024-01-01');
  INSERT INTO market_data (symbol, timestamp, interval, open, high, low, close, volume)
    VALUES ('BTCUSDT', '2024-01-01', '1m', 1.1, 2, 1, 1.5, 0.00000001);
  INSERT INTO financial_goals (goal_type, target_value, priority) VALUES ('monthly_return_pct', 25, 7);
  INSERT INTO goal_progress (goal_id, timestamp, current_value, target_value, progress_pct)
    VALUES (1, '2024-01-01', 5, 25, 20);
  INSERT INTO circuit_breaker_events (trigger_type, threshold_value, actual_value)
    VALUES ('drawdown', 1, 2), ('drawdown', 1, 2);
  INSERT INTO portfolio_balances (environment, asset, free_balance, total_balance) VALUES ('paper', 'USDT', -3, -3);
`;

let database: TestDatabase;

beforeEach(async () => {
  database = await createEmptyDatabase();
});

afterEach(async () => {
  await database.drop();
});

const run = (statements: string): Promise<unknown> => withClient(database.url, (client) => client.query(statements));

/** Every row of every table of the seed, with the seed's columns. */
const contents = async (client: Client): Promise<Readonly<Record<string, readonly unknown[]>>> => {
  const found: [string, readonly unknown[]][] = [];
  for (const [table, { columns }] of Object.entries(seed.tables)) {
    const names = columns.map(({ name }) => `${name}::text`).join(', ');
    const { rows: all } = await client.query<Record<string, unknown>>(`SELECT ${names} FROM ${table} ORDER BY id`);
    found.push([table, all]);
  }
  return Object.fromEntries(found);
};

const tableNames = async (): Promise<readonly string[]> =>
  withClient(database.url, async (client) => {
    const { rows: found } = await client.query<{ name: string }>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
    );
    return found.map(({ name }) => name);
  });

describe('migrate', () => {
  it('adopts a database that has the seed’s schema and leaves its rows as they are', async () => {
    await run(seed.ddl.join(';\n'));
    await run(rows);
    const before = await withClient(database.url, contents);
    const { applied } = await migrate(database.url);
    expect(applied[0]).toBe('0001_seed');
    const { financial_goals: goals, ...after } = await withClient(database.url, contents);
    const { financial_goals: goalsBefore, ...othersBefore } = before;
    expect(after).toEqual(othersBefore);
    expect(Object.values(othersBefore).filter((table) => table.length > 0)).toHaveLength(7);
    expect(goals).toEqual(expect.arrayContaining([...(goalsBefore ?? [])]));
    expect(goals?.map((goal) => (goal as { goal_type: string }).goal_type)).toEqual([
      'monthly_return_pct',
      'monthly_profit_usd',
      'portfolio_target_usd',
    ]);
  });

  it('finds nothing to do the second time', async () => {
    const first = await migrate(database.url);
    expect(first.applied.length).toBeGreaterThan(0);
    const before = await withClient(database.url, contents);
    expect(await migrate(database.url)).toEqual({ applied: [] });
    expect(await withClient(database.url, contents)).toEqual(before);
  });

  it('is run once when several start together', async () => {
    const results = await Promise.all([migrate(database.url), migrate(database.url), migrate(database.url)]);
    expect(results.filter(({ applied }) => applied.length > 0)).toHaveLength(1);
  });

  it('reports trade ids that are stored twice and changes nothing', async () => {
    await run(seed.ddl.join(';\n'));
    await run(rows);
    await run(`INSERT INTO trades
        (order_id, strategy_id, symbol, side, quantity, price, environment, exchange_trade_id, executed_at)
      VALUES ('${order}', '${strategy}', 'BTCUSDT', 'BUY', 1, 100, 'paper', '1', '2024-01-02')`);
    const tables = await tableNames();
    const before = await withClient(database.url, contents);
    await expect(migrate(database.url)).rejects.toMatchObject({
      name: 'MigrationRefused',
      message: '1 venue trade id(s) are stored more than once: paper BTCUSDT 1 (trades.id 1, 4)',
    });
    expect(await tableNames()).toEqual(tables);
    expect(await withClient(database.url, contents)).toEqual(before);
  });

  it('refuses tables of something else under our names and changes nothing', async () => {
    await run('CREATE TABLE users (id BIGSERIAL PRIMARY KEY, email VARCHAR(255) NOT NULL)');
    await expect(migrate(database.url)).rejects.toMatchObject({
      name: 'MigrationRefused',
      message: expect.stringContaining('users: column username character varying(100)') as string,
    });
    expect(await tableNames()).toEqual(['users']);
  });
});

describe('a wrong database URL', () => {
  const changed = (change: (url: URL) => void): string => {
    const url = new URL(database.url);
    change(url);
    return url.href;
  };

  it.for([
    ['a database that does not exist', (url: URL): void => void (url.pathname = '/nowhere'), 'does not exist'],
    ['a port where nothing listens', (url: URL): void => void (url.port = '1'), 'nothing listens there'],
    ['a wrong password', (url: URL): void => void (url.password = 'hunter2'), 'user or password is refused'],
  ] as const)('%s is named, without the password', async ([, change, found]) => {
    const url = changed(change);
    const error: unknown = await migrate(url).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'DatabaseUnreachable', message: expect.stringContaining(found) as string });
    const { message, next, details } = error as { message: string; next: string; details: unknown };
    expect(JSON.stringify([message, next, details])).not.toContain(new URL(url).password);
  });

  it.for(['', 'nonsense', 'mysql://root:hunter2@localhost/db', 'postgres://u:hunter2@localhost/db?sslmode=maybe'])(
    '%j is no PostgreSQL URL',
    async (url) => {
      const error: unknown = await migrate(url).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ name: 'DatabaseUnreachable' });
      expect(String((error as Error).stack)).not.toContain('hunter2');
    },
  );
});
