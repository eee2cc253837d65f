import { randomUUID } from 'node:crypto';
import { sql } from 'slonik';
import { z } from 'zod';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { recordFlow } from '../../src/adapters/postgres/reconciliation-flows.ts';
import { readPortfolio } from '../../src/client/portfolio-view.ts';
import { portfolioText } from '../../src/client/portfolio-text.ts';
import type { Environment } from '../../src/domain/orders/order.ts';
import { runCli } from '../client/run-cli.ts';
import { type MarketStage, candlesOf, createMarketStage, marketStart, minute } from '../support/market-stage.ts';
import { addStrategy, countRows } from '../support/trading.ts';

const hour = 60 * minute;
/** BTC stands at 100 for an hour and at 80 afterwards; XYZ has a market at the venue, NIL has none. */
const btc = candlesOf([...Array.from({ length: 60 }, () => '100'), ...Array.from({ length: 60 }, () => '80')]);
const xyz = candlesOf(Array.from({ length: 120 }, () => '5'));

let stage: MarketStage;
beforeAll(async () => {
  stage = await createMarketStage(btc, { XYZUSDT: xyz });
});
afterAll(() => stage.close());

const paper = { environment: 'paper', exchange: 'paper' } as const;
const request = (environment: Environment, snapshotId: string = randomUUID()) => ({ environment, snapshotId });
const storeUpTo = (bar: number) =>
  stage.store.candles.ingest({ symbol: 'BTCUSDT', interval: '1m', candles: btc.slice(0, bar + 1) });
const withdraw = (asset: string, amount: string) =>
  recordFlow(stage.pool, { account: paper, kind: 'withdrawal', asset, amount, occurredAt: 0, by: 'test', key: asset });

const riskRow = z.object({
  timestamp: z.number(),
  total: z.string(),
  largest: z.string().nullable(),
  drawdown: z.string().nullable(),
  metadata: z.record(z.string(), z.unknown()),
});
const riskRows = () =>
  stage.pool.any(sql.type(riskRow)`
    SELECT timestamp, total_portfolio_value::text AS total, largest_position_pct::text AS largest, max_drawdown::text AS drawdown, metadata
    FROM risk_metrics WHERE environment = 'paper' ORDER BY id`);
const balanceRows = () =>
  stage.pool.any(sql.type(z.object({ asset: z.string(), value: z.string().nullable() }))`
    SELECT asset, usd_value::text AS value FROM portfolio_balances
    WHERE environment = 'paper' AND timestamp = (SELECT max(timestamp) FROM portfolio_balances) ORDER BY asset`);
const alerts = () =>
  stage.pool.any(sql.type(
    z.object({ entity_id: z.string(), severity: z.string(), status: z.string(), message: z.string() }),
  )`
    SELECT entity_id, severity, status, message FROM alerts WHERE alert_type = 'price_missing' ORDER BY entity_id, created_at`);

it('an environment without an account has no snapshot, and nothing is due', async () => {
  await expect(stage.activities.snapshotPortfolio(request('live'))).rejects.toMatchObject({ type: 'NoHistory' });
  await expect(stage.activities.snapshotRisk(request('live'))).rejects.toMatchObject({ type: 'NoHistory' });
  expect(await stage.store.portfolio.snapshotDue('live', marketStart)).toBe(false);
  await expect(readPortfolio(stage.pool, 'live')).rejects.toMatchObject({ name: 'NoHistory' });
});

it('without a candle there is no market time, and nothing is written', async () => {
  await stage.store.balances.open(paper, { NIL: '3' }, 0);
  await expect(stage.activities.snapshotRisk(request('paper'))).rejects.toMatchObject({
    type: 'NoHistory',
    message: 'no candle is stored yet, so there is no market time to value paper at',
  });
  expect((await readPortfolio(stage.pool, 'paper')).at).toBeNull();
});

it('where nothing that is held has a price, no snapshot is written and a person is told', async () => {
  await stage.closeOf(0);
  await storeUpTo(0);
  await expect(stage.activities.snapshotPortfolio(request('paper'))).rejects.toMatchObject({ type: 'PriceMissing' });
  await expect(stage.activities.snapshotRisk(request('paper'))).rejects.toMatchObject({ type: 'PriceMissing' });
  expect(await countRows(stage.pool, 'risk_metrics')).toBe(0);
  expect(await alerts()).toEqual([
    {
      entity_id: 'paper/NIL',
      severity: 'warning',
      status: 'active',
      message:
        'paper holds NIL, which is in no figure of the portfolio: no candle of it is stored, and simulator has no market NILUSDT',
    },
  ]);
});

it('balances have their value: by candles, by the venue where none is stored, and none where nobody knows', async () => {
  await stage.closeOf(30);
  await storeUpTo(30);
  await stage.store.balances.open(paper, { USDT: '1000', BTC: '2', XYZ: '10' }, marketStart);
  const id = randomUUID();
  const first = await stage.activities.snapshotPortfolio(request('paper', id));
  expect(first).toEqual({
    environment: 'paper',
    at: marketStart + 31 * minute,
    equity: '1250',
    assets: 4,
    unpriced: ['NIL'],
  });
  const written = [
    { asset: 'BTC', value: '200.00' },
    { asset: 'NIL', value: null },
    { asset: 'USDT', value: '1000.00' },
    { asset: 'XYZ', value: '50.00' },
  ];
  expect(await balanceRows()).toEqual(written);

  await stage.pool.query(
    sql.unsafe`UPDATE current_balances SET free_balance = 0, total_balance = 0 WHERE asset = 'XYZ'`,
  );
  expect(await stage.activities.snapshotPortfolio(request('paper', id))).toEqual(first);
  expect(await balanceRows()).toEqual(written);
  await stage.pool.query(
    sql.unsafe`UPDATE current_balances SET free_balance = 10, total_balance = 10 WHERE asset = 'XYZ'`,
  );
});

it('risk figures follow from the index, once by their id, and are due an hour of market time later', async () => {
  const strategyId = await addStrategy(stage.pool, 'paper');
  await stage.pool.query(sql.unsafe`
    INSERT INTO positions (strategy_id, symbol, environment, exchange, side, quantity, entry_price, current_price)
    VALUES (${strategyId}, 'BTCUSDT', 'paper', 'paper', 'LONG', 2, 100, 100)`);
  const at = marketStart + 31 * minute;
  expect(await stage.store.portfolio.snapshotDue('paper', at)).toBe(true);
  const id = randomUUID();
  const taken = await Promise.all([1, 2, 3].map(() => stage.activities.snapshotRisk(request('paper', id))));
  expect(taken[1]).toEqual(taken[0]);
  expect(await stage.activities.snapshotRisk(request('paper', id))).toEqual(taken[0]);
  expect(taken[0]).toMatchObject({
    equity: '1250',
    positions: 1,
    largestPosition: 0.16,
    maxDrawdownPct: 0,
    sharpe: null,
  });
  expect(taken[0]?.reasons).toMatchObject({ sharpe: 'it takes two daily returns' });
  const [row, ...others] = await riskRows();
  expect(others).toEqual([]);
  expect(row).toMatchObject({ timestamp: at, total: '1250.00', largest: '0.1600', drawdown: '0.0000' });
  expect(row?.metadata).toMatchObject({
    index: 1,
    peakIndex: 1,
    netFlows: '1250',
    unpriced: ['NIL'],
    exposure: {
      bySymbol: { BTCUSDT: '200' },
      byStrategy: { [strategyId]: '200' },
      bySide: { LONG: '200', SHORT: '0' },
    },
  });
  expect(await stage.store.portfolio.snapshotDue('paper', at + hour - 1)).toBe(false);
  // Another market may be ahead: what this environment trades on is not.
  expect(await stage.store.portfolio.snapshotDue('paper', at + hour)).toBe(false);

  await storeUpTo(119);
  expect(await stage.store.portfolio.snapshotDue('paper', at + hour)).toBe(true);
  await stage.closeOf(119);
  const next = await stage.activities.snapshotRisk(request('paper'));
  expect(next).toMatchObject({ at: marketStart + 2 * hour, equity: '1210', largestPosition: 160 / 1210 });
  expect(next.maxDrawdownPct).toBeCloseTo((40 / 1250) * 100, 9);
});

it('an asset that gets a price, or that is gone, is told of no longer; the same later is told again', async () => {
  await withdraw('NIL', '3');
  await stage.activities.snapshotRisk(request('paper'));
  expect((await alerts()).map(({ status }) => status)).toEqual(['resolved']);
  expect(await countRows(stage.pool, 'audit_logs', sql.fragment`action = 'resolve_alert'`)).toBe(1);
  await stage.store.balances.open({ ...paper, exchange: 'other' }, { NIL: '4' }, marketStart);
  const { index } = (await stage.store.portfolio.equity('paper'))!;
  expect(await stage.activities.snapshotRisk(request('paper'))).toMatchObject({ equity: '1210', unpriced: ['NIL'] });
  expect((await alerts()).map(({ status }) => status)).toEqual(['resolved', 'active']);
  await stage.store.portfolio.keepPrices([{ asset: 'NIL', price: '2.5', at: marketStart }]);
  expect(await stage.activities.snapshotRisk(request('paper'))).toMatchObject({ equity: '1220', unpriced: [] });
  expect((await riskRows()).at(-1)?.metadata).toMatchObject({ index, unpriced: [] });
  expect((await alerts()).map(({ status }) => status)).toEqual(['resolved', 'resolved']);
});

it('a person reads what is held, at stake and risked, and why a figure is missing', async () => {
  await stage.store.balances.open({ ...paper, exchange: 'third' }, { ZIP: '4' }, marketStart);
  const view = await readPortfolio(stage.pool, 'paper');
  expect(view).toMatchObject({
    equity: '1220.00',
    netFlows: '1260.00',
    profit: '-40.00',
    unpriced: ['ZIP'],
    risk: { sharpe: null, positions: 1 },
    exposure: { bySymbol: [{ name: 'BTCUSDT', value: '160' }], bySide: [{ name: 'LONG', value: '160' }] },
  });
  const shown = portfolioText(view);
  expect(shown).toMatch(/equity +\$1,220\.00/);
  expect(shown).toMatch(/earned +−\$40\.00/);
  expect(shown).toMatch(/below its peak +3\.20%/);
  expect(shown).toContain('!! without a price, and in no figure here: ZIP');
  expect(shown).toMatch(/Sharpe ratio +│ – +│ it takes two daily returns/);
});

it('the command answers with the same as JSON, chooses the account there is, and refuses by name where there is none', async () => {
  const options = { env: { DATABASE_URL: stage.url } };
  const [shown, live] = await Promise.all([
    runCli(['portfolio', '--json'], options),
    runCli(['portfolio', '--environment', 'live', '--json'], options),
  ]);
  expect(JSON.parse(shown.stdout)).toEqual(JSON.parse(JSON.stringify(await readPortfolio(stage.pool, 'paper'))));
  expect(live.code).toBe(1);
  expect(JSON.parse(live.stderr)).toMatchObject({ error: 'NoHistory' });
});
