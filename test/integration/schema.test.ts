import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTable } from '../support/catalog.ts';
import type { TableFacts } from '../support/catalog.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';

const seed = JSON.parse(readFileSync(new URL('../fixtures/seed-schema.json', import.meta.url), 'utf8')) as {
  readonly tables: Readonly<Record<string, TableFacts>>;
  readonly defaultGoals: readonly unknown[];
};

/** The only columns that are allowed to differ from the seed: docs/schema.md says why each is wider. */
const widened: Readonly<Record<string, string>> = {
  'market_data.id': 'bigint',
  'technical_indicators.id': 'bigint',
  'goal_progress.progress_pct': 'numeric(10,2)',
};

/** Unique indexes that the additions put on the seed's tables; nothing else may be there. */
const addedIndexes: Readonly<Record<string, readonly string[]>> = {
  orders: ['uq_orders_client_order_id', 'idx_orders_incident'],
  trades: ['uq_trades_exchange_trade_id', 'idx_trades_environment_executed'],
  risk_metrics: ['idx_risk_metrics_environment'],
  circuit_breaker_events: ['uq_circuit_breaker_open'],
  alerts: ['uq_alerts_dedupe_key'],
};

const foreignKeyOrder = (table: TableFacts): readonly string[] =>
  table.foreignKeys.map((key) => JSON.stringify(key)).toSorted();

let database: TestDatabase;
let client: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
});

afterAll(async () => {
  await client.end();
  await database.drop();
});

describe('the migrated database against the seed', () => {
  it('has facts to compare: 23 tables, 258 columns, 45 indexes', () => {
    const tables = Object.values(seed.tables);
    expect(tables).toHaveLength(23);
    expect(tables.flatMap(({ columns }) => columns)).toHaveLength(258);
    expect(tables.flatMap(({ indexes }) => Object.keys(indexes))).toHaveLength(45);
  });

  it.for(Object.entries(seed.tables))(
    '%s has every column with its type, nullability and default',
    async ([name, wanted]) => {
      const found = await readTable(client, name);
      const expected = wanted.columns.map((column) => ({
        ...column,
        type: widened[`${name}.${column.name}`] ?? column.type,
      }));
      expect(found.columns.slice(0, expected.length)).toEqual(expected);
    },
  );

  it.for(Object.entries(seed.tables))('%s has the same keys, cascades, unique constraints', async ([name, wanted]) => {
    const found = await readTable(client, name);
    expect(found.primaryKey).toEqual(wanted.primaryKey);
    expect(found.unique).toEqual(wanted.unique);
    expect(foreignKeyOrder(found)).toEqual(foreignKeyOrder(wanted));
  });

  it.for(Object.entries(seed.tables))(
    '%s has the same indexes, order of their columns included',
    async ([name, wanted]) => {
      const { indexes } = await readTable(client, name);
      const added = new Set(addedIndexes[name] ?? []);
      const ofTheSeed = Object.fromEntries(Object.entries(indexes).filter(([index]) => !added.has(index)));
      expect(ofTheSeed).toEqual(wanted.indexes);
      expect(Object.keys(indexes)).toEqual(expect.arrayContaining([...added]));
    },
  );

  it('adds only columns that a row of the seed can do without', async () => {
    for (const [name, wanted] of Object.entries(seed.tables)) {
      const { columns } = await readTable(client, name);
      const added = columns.slice(wanted.columns.length);
      expect(added.filter((column) => !column.nullable && column.default === null)).toEqual([]);
    }
  });

  it('has the three default goals and an ACTIVE trading state for each environment', async () => {
    const goals = await client.query('SELECT goal_type, target_value, priority FROM financial_goals ORDER BY priority');
    expect(goals.rows).toEqual(seed.defaultGoals);
    const states = await client.query('SELECT environment, state FROM trading_state ORDER BY environment');
    expect(states.rows).toEqual([
      { environment: 'live', state: 'ACTIVE' },
      { environment: 'paper', state: 'ACTIVE' },
    ]);
  });

  it('widens the sequences with the ids that upserts draw', async () => {
    const { rows } = await client.query(
      `SELECT data_type::text FROM pg_sequences
        WHERE sequencename IN ('market_data_id_seq', 'technical_indicators_id_seq')`,
    );
    expect(rows).toEqual([{ data_type: 'bigint' }, { data_type: 'bigint' }]);
  });
});
