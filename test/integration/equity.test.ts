import { sql } from 'slonik';
import { z } from 'zod';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type EquityReading,
  carryEquity,
  readEquity,
  rebasePeak,
} from '../../src/adapters/postgres/portfolio/equity.ts';
import { marketTimeOf } from '../../src/adapters/postgres/portfolio/market-time.ts';
import { keepPrices } from '../../src/adapters/postgres/portfolio/prices.ts';
import { recordFlow } from '../../src/adapters/postgres/reconciliation-flows.ts';
import { text } from '../../src/domain/decimal.ts';
import { type Interval, intervalMs } from '../../src/domain/market/interval.ts';
import { type TradingDatabase, addStrategy, createTradingDatabase, definitionOf } from '../support/trading.ts';

const environment = 'paper';
const account = { environment, exchange: 'paper' } as const;
const minute = 60_000;

let database: TradingDatabase;
beforeAll(async () => {
  database = await createTradingDatabase();
});
afterAll(async () => {
  await database.drop();
});
beforeEach(async () => {
  await database.pool.transaction(async (tx) => {
    for (const table of [
      'market_data',
      'balance_flows',
      'current_balances',
      'equity_state',
      'asset_prices',
      'positions',
    ]) {
      await tx.query(sql.unsafe`DELETE FROM ${sql.identifier([table])}`);
    }
    await tx.query(sql.unsafe`UPDATE strategies SET status = 'archived'`);
  });
});

const close = (symbol: string, time: number, price: string, interval: Interval = '1m') =>
  database.store.candles.ingest({
    symbol,
    interval,
    candles: [{ time, open: price, high: price, low: price, close: price, volume: '1' }],
  });
const open = (amounts: Record<string, string>) => database.store.balances.open(account, amounts, 0);
let flows = 0;
const flow = (kind: 'deposit' | 'withdrawal', asset: string, amount: string) =>
  recordFlow(database.pool, { account, kind, asset, amount, occurredAt: 0, by: 'test', key: String((flows += 1)) });
/** As a trade would: no flow. */
const move = (asset: string, by: string) =>
  database.pool.query(sql.unsafe`
    UPDATE current_balances SET free_balance = free_balance + ${by}::numeric, total_balance = total_balance + ${by}::numeric
    WHERE asset = ${asset}`);
const read = async (): Promise<EquityReading> => {
  const reading = await readEquity(database.pool, environment);
  if (!reading) throw new Error('no account');
  return reading;
};
const carry = async () => {
  const reading = await read();
  return await database.pool.transaction((tx) => carryEquity(tx, reading));
};
const figures = ({ equity, index, drawdownPct, netFlows }: EquityReading) => ({
  equity: text(equity),
  index: Number(index.toFixed(12)),
  drawdownPct: drawdownPct === null ? null : Number(drawdownPct.toFixed(9)),
  netFlows: text(netFlows),
});

describe('the equity index', () => {
  it('has nothing to read before an account is opened, and begins at 1', async () => {
    expect(await readEquity(database.pool, environment)).toBeNull();
    await open({ USDT: '1000' });
    expect(figures(await read())).toEqual({ equity: '1000', index: 1, drawdownPct: 0, netFlows: '1000' });
  });

  it('is moved by trading and prices, and by no opening, deposit or withdrawal', async () => {
    await close('BTCUSDT', 0, '100');
    await open({ USDT: '1000' });
    await move('USDT', '100');
    expect(figures(await carry())).toEqual({ equity: '1100', index: 1.1, drawdownPct: 0, netFlows: '1000' });
    await move('USDT', '-220');
    const low = { index: 0.88, drawdownPct: 20 };
    expect(figures(await read())).toEqual({ equity: '880', netFlows: '1000', ...low });

    await flow('deposit', 'BTC', '5');
    expect(figures(await read())).toEqual({ equity: '1380', netFlows: '1500', ...low });
    await open({ USDC: '3000' });
    expect(figures(await read())).toEqual({ equity: '4380', netFlows: '4500', ...low });
    await flow('withdrawal', 'USDT', '880');
    expect(figures(await read())).toEqual({ equity: '3500', netFlows: '3620', ...low });
    // 500 of 3500 are BTC: half of its price is a fourteenth of all.
    await close('BTCUSDT', minute, '50');
    expect(figures(await read()).index).toBeCloseTo(0.88 * (1 - 250 / 3500), 12);
  });

  it('counts what is earned with new money against that money, however soon', async () => {
    await open({ USDT: '100' });
    await flow('deposit', 'USDT', '900');
    await move('USDT', '-100');
    expect(figures(await read())).toMatchObject({ equity: '900', index: 0.9, drawdownPct: 10 });
  });

  it('waits while everything is withdrawn, and goes on where it was', async () => {
    await open({ USDT: '100' });
    await move('USDT', '-10');
    await flow('withdrawal', 'USDT', '90');
    expect(figures(await carry())).toMatchObject({ equity: '0', index: 0.9, drawdownPct: 10 });
    await flow('deposit', 'USDT', '50');
    await move('USDT', '5');
    expect(figures(await carry())).toMatchObject({ equity: '55', index: 0.99, drawdownPct: 1 });
  });

  it('takes an asset that gets a price late as money from outside, what it earns from then on as a return', async () => {
    await open({ USDT: '1000', XYZ: '10' });
    await move('USDT', '-100');
    const before = await carry();
    expect(before.unpriced).toEqual(['XYZ']);
    expect(figures(before)).toEqual({ equity: '900', index: 0.9, drawdownPct: 10, netFlows: '1000' });

    await close('BTCUSDT', 0, '50000');
    await close('XYZBTC', 0, '0.001');
    const priced = await read();
    expect(priced.unpriced).toEqual([]);
    expect(figures(priced)).toEqual({ equity: '1400', index: 0.9, drawdownPct: 10, netFlows: '1500' });
    await carry();
    await close('XYZBTC', minute, '0.002');
    expect(figures(await read()).index).toBeCloseTo((0.9 * 1900) / 1400, 12);
  });

  it('values what was bought where no candle is stored at its mark, and keeps that price', async () => {
    await open({ USDT: '1000', XYZ: '0' });
    const strategyId = await addStrategy(database.pool, 'paper', definitionOf({ symbol: 'XYZUSDT' }));
    await move('USDT', '-500');
    await move('XYZ', '5');
    await database.pool.query(sql.unsafe`
      INSERT INTO positions (strategy_id, symbol, environment, side, quantity, entry_price, current_price)
      VALUES (${strategyId}, 'XYZUSDT', 'paper', 'LONG', 5, 100, 100)`);
    expect(figures(await carry())).toMatchObject({ equity: '1000', index: 1 });
    await database.pool.query(sql.unsafe`DELETE FROM positions`);
    expect(figures(await read())).toMatchObject({ equity: '1000', index: 1 });
    await keepPrices(database.pool, [{ asset: 'XYZ', price: '80', at: minute }]);
    expect(figures(await read())).toMatchObject({ equity: '900', index: 0.9 });
  });

  it('values shorts by their collateral less what it takes to buy back', async () => {
    await close('BTCUSDT', 0, '100');
    await open({ USDT: '1000' });
    const strategyId = await addStrategy(database.pool, 'paper');
    await move('USDT', '200');
    const short = (collateral: number) =>
      database.pool.query(sql.unsafe`
        INSERT INTO positions (strategy_id, symbol, environment, side, quantity, entry_price, current_price, collateral)
        VALUES (${strategyId}, 'BTCUSDT', 'paper', 'SHORT', 2, 100, 100, ${collateral})
        ON CONFLICT (strategy_id, symbol, environment) DO UPDATE SET collateral = EXCLUDED.collateral`);
    await short(400);
    expect(figures(await carry())).toMatchObject({ equity: '1000', index: 1 });
    await close('BTCUSDT', minute, '150');
    expect(figures(await read())).toMatchObject({ equity: '900', index: 0.9, drawdownPct: 10 });
    // Sold out of the account's own: nothing is owed.
    await short(0);
    expect(figures(await read())).toMatchObject({ equity: '1200' });
  });

  it('counts drawdown from a new peak once it is rebased, and begins again where all was lost', async () => {
    await open({ USDT: '1000' });
    await move('USDT', '-250');
    const rebase = async () => {
      const reading = await read();
      return await database.pool.transaction((tx) => rebasePeak(tx, environment, reading));
    };
    expect(await rebase()).toEqual({ before: 1, peak: 0.75 });
    expect(figures(await read())).toMatchObject({ index: 0.75, drawdownPct: 0 });
    await move('USDT', '-750');
    expect(figures(await carry())).toMatchObject({ equity: '0', index: 0, drawdownPct: 100 });
    await rebase();
    await flow('deposit', 'USDT', '100');
    await move('USDT', '-10');
    expect(figures(await read())).toMatchObject({ equity: '90', index: 0.9, drawdownPct: 10 });
  });

  it('counts a flow once, however many read it and carry it on at the same time', async () => {
    await open({ USDT: '1000' });
    const stale = await read();
    await Promise.all([
      ...Array.from({ length: 6 }, async () => await flow('deposit', 'USDT', '100')),
      ...Array.from({ length: 4 }, async () => await carry()),
    ]);
    await database.pool.transaction((tx) => carryEquity(tx, stale));
    await database.pool.query(sql.unsafe`
      INSERT INTO balance_flows (flow_key, environment, exchange, asset, amount, kind, occurred_at)
      VALUES ('left', 'paper', 'paper', 'USDT', 50, 'deposit', now())`);
    await move('USDT', '50');
    expect(figures(await read())).toEqual({ equity: '1650', index: 1, drawdownPct: 0, netFlows: '1650' });
    await carry();
    expect(figures(await read())).toEqual({ equity: '1650', index: 1, drawdownPct: 0, netFlows: '1650' });
    const open0 = sql.type(z.object({ count: z.number() }))`SELECT count(*) FROM balance_flows WHERE NOT is_linked`;
    expect(await database.pool.one(open0)).toEqual({ count: 0 });
  });

  it('begins once where the first two are written at the same time', async () => {
    await open({ USDT: '1000' });
    await database.pool.query(sql.unsafe`DELETE FROM equity_state`);
    await database.pool.query(sql.unsafe`UPDATE balance_flows SET is_linked = false`);
    const readings = await Promise.all([read(), read()]);
    const carried = await Promise.all(
      readings.map((reading) => database.pool.transaction((tx) => carryEquity(tx, reading))),
    );
    for (const each of carried) expect(figures(each)).toMatchObject({ index: 1, netFlows: '1000' });
  });
});

describe('market time and prices', () => {
  it('are those of the candle that closed last, which need not have opened last', async () => {
    expect(await marketTimeOf(database.pool, environment)).toBeNull();
    await close('ETHUSDT', 30 * minute, '9');
    expect(await marketTimeOf(database.pool, environment)).toBe(31 * minute);
    await addStrategy(database.pool, 'paper');
    expect(await marketTimeOf(database.pool, environment)).toBe(31 * minute);
    await close('BTCUSDT', 5 * minute, '100');
    expect(await marketTimeOf(database.pool, environment)).toBe(6 * minute);
    await close('BTCUSDT', 0, '110', '1h');
    await close('BTCUSDC', 0, '120');
    expect(await marketTimeOf(database.pool, environment)).toBe(intervalMs['1h']);
    await open({ BTC: '1' });
    expect(figures(await read())).toMatchObject({ equity: '110' });
    expect(await marketTimeOf(database.pool, 'live')).toBe(intervalMs['1h']);
  });
});
