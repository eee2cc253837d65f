import { sql } from 'slonik';
import type { DatabasePool } from 'slonik';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readCandleColumns, readLatestColumns } from '../../src/adapters/postgres/candle-columns.ts';
import { countCandles, ingestCandles, lastCandleTime, readCandles } from '../../src/adapters/postgres/candles.ts';
import { bindVenue, boundVenue, storedSymbol } from '../../src/adapters/postgres/market-venue.ts';
import { createDatabasePool, timestamp } from '../../src/adapters/postgres/pool.ts';
import type { Candle } from '../../src/domain/market/candle.ts';
import { candlesToColumns } from '../../src/domain/market/columns.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';

const series = { symbol: 'BTCUSDT', interval: '1m' } as const;
const start = Date.UTC(2022, 11, 13);

const candleAt = (minute: number, change: Partial<Candle> = {}): Candle => ({
  time: start + minute * 60_000,
  open: '17208.86',
  high: '17212.99',
  low: '17205',
  close: `${17_205 + minute}.00000001`,
  volume: '1.549151',
  ...change,
});
const many = (count: number): Candle[] => Array.from({ length: count }, (_, minute) => candleAt(minute));

let database: TestDatabase;
let pool: DatabasePool;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = await createDatabasePool(database.url);
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

beforeEach(async () => {
  await pool.query(sql.unsafe`TRUNCATE market_data, venue_bindings`);
});

const lastId = (): Promise<number> =>
  pool.oneFirst(sql.type(z.object({ last: z.int() }))`SELECT last_value AS last FROM market_data_id_seq`);

describe('candles', () => {
  it('are stored once, however often they are ingested, across chunks', async () => {
    const candles = many(25_000);
    expect(await ingestCandles(pool, { ...series, candles })).toEqual({ inserted: 25_000, updated: 0, unchanged: 0 });
    expect(await ingestCandles(pool, { ...series, candles })).toEqual({ inserted: 0, updated: 0, unchanged: 25_000 });
    expect(await countCandles(pool, series)).toBe(25_000);
    expect(await readCandles(pool, series)).toEqual(candles);
  });

  it('draw no id when nothing changes, and are overwritten where a number differs', async () => {
    await ingestCandles(pool, { ...series, candles: many(3) });
    const before = await lastId();
    const changed = [
      candleAt(0),
      candleAt(1, { close: '17000' }),
      candleAt(2, { open: '17208.86000000' }),
      candleAt(3),
    ];
    expect(await ingestCandles(pool, { ...series, candles: changed })).toEqual({
      inserted: 1,
      updated: 1,
      unchanged: 2,
    });
    expect(await lastId()).toBeLessThanOrEqual(before + 2);
    expect((await readCandles(pool, series)).map(({ close }) => close)).toEqual([
      '17205.00000001',
      '17000',
      '17207.00000001',
      '17208.00000001',
    ]);
  });

  it('keep every digit the columns hold', async () => {
    const exact = candleAt(0, {
      open: '0.00000001',
      high: '999999999999.99999999',
      low: '0',
      close: '123456789012.3456789',
      volume: '100',
    });
    await ingestCandles(pool, { ...series, candles: [exact] });
    expect(await readCandles(pool, series)).toEqual([exact]);
  });

  it('are all refused where two open at the same time or one has no number', async () => {
    const twice = [candleAt(0), candleAt(0, { close: '1' })];
    await expect(ingestCandles(pool, { ...series, candles: twice })).rejects.toMatchObject({ name: 'BadInput' });
    const bad = [...many(10_500), candleAt(10_500, { close: 'NaN' })];
    await expect(ingestCandles(pool, { ...series, candles: bad })).rejects.toThrow('violates a check');
    expect(await countCandles(pool, series)).toBe(0);
  });

  it('are stored by any number of writers at once', async () => {
    const candles = many(2000);
    const results = await Promise.all([1, 2, 3, 4].map(() => ingestCandles(pool, { ...series, candles })));
    expect(results.reduce((total, { inserted }) => total + inserted, 0)).toBe(2000);
    expect(await countCandles(pool, series)).toBe(2000);
  });

  it('are read by range, by limit, from either end, one series at a time', async () => {
    await ingestCandles(pool, { ...series, candles: many(10) });
    await ingestCandles(pool, { symbol: 'ETHUSDT', interval: '1m', candles: many(20) });
    await ingestCandles(pool, { symbol: 'BTCUSDT', interval: '5m', candles: many(30) });
    const minutes = (candles: readonly Candle[]): number[] => candles.map(({ time }) => (time - start) / 60_000);
    const from = start + 2 * 60_000;
    const to = start + 5 * 60_000;
    expect(minutes(await readCandles(pool, { ...series, from, to }))).toEqual([2, 3, 4, 5]);
    expect(minutes(await readCandles(pool, { ...series, limit: 3 }))).toEqual([0, 1, 2]);
    expect(minutes(await readCandles(pool, { ...series, limit: 3, latest: true }))).toEqual([7, 8, 9]);
    expect(await countCandles(pool, { ...series, from })).toBe(8);
    expect(await lastCandleTime(pool, series)).toBe(start + 9 * 60_000);
    expect(await lastCandleTime(pool, { ...series, symbol: 'NONE' })).toBeNull();
  });

  it('give the same numbers as columns and as rows', async () => {
    const awkward = ['0.1', '0.00000003', '123456789012.34567891', '17208.86', '0.30000001'];
    const candles = many(500).map((candle, n) => ({ ...candle, volume: awkward[n % awkward.length] ?? '0' }));
    await ingestCandles(pool, { ...series, candles });
    const range = { ...series, from: start + 60_000, to: start + 400 * 60_000 };
    const rows = await readCandles(pool, range);
    const columns = await readCandleColumns(pool, range);
    expect(columns.length).toBe(400);
    expect([...columns.time]).toEqual(rows.map(({ time }) => time));
    for (const name of ['open', 'high', 'low', 'close', 'volume'] as const) {
      expect([...columns[name]]).toEqual(rows.map((row) => Number(row[name])));
    }
    expect(await readLatestColumns(pool, { ...range, limit: 1_000 })).toEqual(columns);
    const latest = await readLatestColumns(pool, { ...range, limit: 150 });
    expect(latest).toEqual(candlesToColumns(rows.slice(-150)));
    expect(await readCandleColumns(pool, { ...series, symbol: 'NONE' })).toMatchObject({ length: 0 });
    expect(await readLatestColumns(pool, { ...series, symbol: 'NONE', limit: 5 })).toMatchObject({ length: 0 });
  });
});

describe('times', () => {
  it('are UTC to the millisecond whatever the server is set to', async () => {
    await pool.query(
      sql.unsafe`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET timezone = ''Asia/Kolkata''', current_database()); END $$`,
    );
    const fresh = await createDatabasePool(database.url, { max: 1 });
    try {
      const instant = Date.UTC(2024, 2, 31, 1, 30, 0, 987);
      const row = z.object({ given: z.int(), text: z.string(), now: z.int() });
      const read = await fresh.one(sql.type(row)`
        SELECT ${timestamp(instant)} AS given, (${timestamp(instant)})::text AS text, now()::timestamp AS now`);
      expect(read.given).toBe(instant);
      expect(read.text).toBe('2024-03-31 01:30:00.987');
      expect(Math.abs(read.now - Date.now())).toBeLessThan(60_000);
    } finally {
      await fresh.end();
    }
  });

  it('and rows that do not fit their schema are refused', async () => {
    const query = pool.one(sql.type(z.object({ n: z.string() }))`SELECT 1 AS n`);
    await expect(query).rejects.toThrow('do not conform');
  });
});

describe('the venue of a database', () => {
  it('is the first one that was bound', async () => {
    expect(await boundVenue(pool, 'live')).toBeNull();
    await bindVenue(pool, 'live', 'binance', null);
    await bindVenue(pool, 'live', 'binance', 'a');
    await bindVenue(pool, 'live', 'binance', 'a');
    await bindVenue(pool, 'market_data', 'kraken', null);
    expect(await boundVenue(pool, 'live')).toEqual({ exchange: 'binance', account: 'a' });
    await expect(bindVenue(pool, 'live', 'binance', 'b')).rejects.toMatchObject({ name: 'VenueMismatch' });
    await expect(bindVenue(pool, 'live', 'kraken', null)).rejects.toMatchObject({ name: 'VenueMismatch' });
    expect(await boundVenue(pool, 'live')).toEqual({ exchange: 'binance', account: 'a' });
  });

  it('keeps its own symbols and prefixes those of others', () => {
    expect(storedSymbol('binance', 'binance', 'BTCUSDT')).toBe('BTCUSDT');
    expect(storedSymbol('binance', 'kraken', 'BTCUSDT')).toBe('kraken:BTCUSDT');
    expect(() => storedSymbol('binance', 'krakenfutures', 'BTCUSDT')).toThrow(
      "'krakenfutures:BTCUSDT' is longer than the 20 characters",
    );
  });
});
