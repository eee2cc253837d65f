import { sql } from 'slonik';
import { z } from 'zod';
import { afterEach, describe, expect, it } from 'vitest';
import { runBacktest } from '../../src/domain/backtest/engine.ts';
import type { Candle } from '../../src/domain/market/candle.ts';
import { candlesToColumns } from '../../src/domain/market/columns.ts';
import type { InformativeMarkets } from '../../src/domain/market/informative.ts';
import type { Condition, RiskParams, StrategyDefinition } from '../../src/domain/strategy/definition.ts';
import { defaultFilters } from '../../src/simulator/market.ts';
import { backtestFills, paperFills } from '../support/fills.ts';
import { type MarketStage, candlesOf, createMarketStage, marketStart, minute, walk } from '../support/market-stage.ts';
import { addStrategy, definitionOf } from '../support/trading.ts';

let stage: MarketStage;
afterEach(() => stage.close());

const timeOf = (bar: number): number => marketStart + bar * minute;
const eth = { symbol: 'ETHUSDT' } as const;
const fiveMinutes = { interval: '5m' } as const;

const strategyOf = (entry: Condition, exit: Condition, risk: Partial<RiskParams> = {}): StrategyDefinition =>
  definitionOf(
    { entry_conditions: entry, exit_conditions: exit },
    { position_size: { type: 'equity_fraction', value: 0.5 }, ...risk },
  );
/** In while the other market's close is above 100, out while it is under it. */
const follows = (market: { symbol?: string; interval?: '5m' }, risk?: Partial<RiskParams>): StrategyDefinition =>
  strategyOf(
    { left: { price: 'close', market }, op: '>', right: 100 },
    { left: { price: 'close', market }, op: '<', right: 100 },
    risk,
  );

const replayAll = async (candles: readonly Candle[]): Promise<void> => {
  for (const [bar] of candles.entries()) await stage.replay(bar, bar === 0 ? null : timeOf(bar - 1));
};
const backtestOf = (definition: StrategyDefinition, candles: readonly Candle[], markets: InformativeMarkets) =>
  runBacktest({
    definition,
    columns: candlesToColumns(candles),
    markets,
    capital: 10_000,
    feeRates: { maker: 0.001, taker: 0.001 },
    slippageBps: 0,
    filters: defaultFilters,
  });
const alerts = async () =>
  await stage.pool.any(sql.type(z.object({ alert_type: z.string(), entity_id: z.string(), message: z.string() }))`
    SELECT alert_type, entity_id, message FROM alerts WHERE alert_type = 'market_data_missing' ORDER BY id`);

describe('a strategy that looks at other markets', () => {
  it('trades on paper as in a backtest: another symbol with gaps, and a longer interval of its own', async () => {
    const candles = candlesOf(walk(120, 7));
    const others = candlesOf(walk(120, 11)).filter((_, bar) => bar % 17 !== 5);
    stage = await createMarketStage(candles, { ETHUSDT: others });
    const average = (period: number, market: object) => ({ indicator: 'SMA', period, market });
    const definition = strategyOf(
      {
        all: [
          { left: average(2, eth), op: '>', right: average(6, eth) },
          { left: { price: 'close', market: fiveMinutes }, op: '>', right: average(3, fiveMinutes) },
          { left: { price: 'close' }, op: '>', right: { price: 'open' } },
        ],
      },
      {
        any: [
          { left: average(2, eth), op: 'crosses_below', right: average(6, eth) },
          {
            left: { price: 'low', market: fiveMinutes },
            op: '<',
            right: { price: 'low', offset: 1, market: fiveMinutes },
          },
        ],
      },
    );
    const strategyId = await addStrategy(stage.pool, 'paper', definition);
    await stage.activities.openAccount({ environment: 'paper', symbol: 'BTCUSDT' });
    await replayAll(candles);

    const stored = {
      'ETHUSDT:1m': await stage.store.candles.columns({ symbol: 'ETHUSDT', interval: '1m' }),
      'BTCUSDT:5m': await stage.store.candles.columns({ symbol: 'BTCUSDT', interval: '5m' }),
    };
    expect([stored['ETHUSDT:1m'].length, stored['BTCUSDT:5m'].length]).toEqual([others.length, 24]);
    const run = backtestOf(definition, candles, stored);
    expect(run.trades.length).toBeGreaterThan(3);
    expect(await paperFills(stage.pool, strategyId)).toEqual(backtestFills(run));
  });

  it('sees a longer candle on the very close that ends it', async () => {
    stage = await createMarketStage(candlesOf(['99', '99', '99', '99', '101', '99']));
    await addStrategy(stage.pool, 'paper', follows(fiveMinutes));
    await stage.activities.openAccount({ environment: 'paper', symbol: 'BTCUSDT' });
    await stage.closeOf(3);
    expect((await stage.handleClose(null)).decisions).toEqual([]);
    await stage.closeOf(4);
    expect((await stage.handleClose(timeOf(3))).decisions).toMatchObject([{ kind: 'entry', candleTime: timeOf(4) }]);
  });

  it('decides nothing by a candle that is missing, and a person is told once', async () => {
    const others = candlesOf(['101', '101', '101', '101']).filter((_, bar) => bar === 0 || bar === 3);
    stage = await createMarketStage(candlesOf(['100', '100', '100', '100']), { ETHUSDT: others });
    await addStrategy(stage.pool, 'paper', follows(eth));
    await stage.activities.openAccount({ environment: 'paper', symbol: 'BTCUSDT' });
    const decided: number[] = [];
    for (const bar of [0, 1, 2, 3]) {
      await stage.closeOf(bar);
      const { decisions } = await stage.handleClose(bar === 0 ? null : timeOf(bar - 1));
      decided.push(decisions.length);
    }
    expect(decided).toEqual([1, 0, 0, 1]);
    expect(await alerts()).toMatchObject([
      {
        entity_id: 'ETHUSDT:1m',
        message: expect.stringContaining('no candle that opens at 2026-01-01T00:01') as string,
      },
    ]);
  });

  it('that the venue does not have keeps its stop, and the market goes on for others', async () => {
    const closes = ['101', '101', '90', '90'];
    stage = await createMarketStage(candlesOf(closes));
    const lost = follows({ symbol: 'NOPEUSDT' }, { stop_loss_pct: 5 });
    const plain: Condition = { left: { price: 'close' }, op: '>', right: 100 };
    // Its way in is plain, its way out needs the market that is not there.
    const strategyId = await addStrategy(stage.pool, 'paper', { ...lost, entry_conditions: plain });
    const other = await addStrategy(stage.pool, 'paper', strategyOf(plain, { not: plain }));
    await stage.activities.openAccount({ environment: 'paper', symbol: 'BTCUSDT' });
    await replayAll(candlesOf(closes));
    const sides = async (of: string) => (await paperFills(stage.pool, of)).map(({ side }) => side);
    expect([await sides(strategyId), await sides(other)]).toEqual([
      ['BUY', 'SELL'],
      ['BUY', 'SELL'],
    ]);
    expect(await alerts()).toMatchObject([
      { entity_id: 'NOPEUSDT:1m', message: expect.stringContaining("no spot market 'NOPEUSDT'") as string },
    ]);
  });
});

describe('a stored strategy’s backtest', () => {
  const request = (strategyId: string, from: number | null, requestId = `test/${strategyId}/${from ?? 'all'}`) => ({
    strategyId,
    requestId,
    from,
    to: null,
    capital: '10000',
    feePct: 0.1,
    slippageBps: 0,
    by: 'test',
  });

  it('reads other markets from before its period, as much as their indicators need', async () => {
    const candles = candlesOf(walk(200, 3));
    const others = candlesOf(walk(200, 5));
    stage = await createMarketStage(candles, { ETHUSDT: others });
    await stage.store.candles.ingest({ symbol: 'BTCUSDT', interval: '1m', candles });
    await stage.store.candles.ingest({ symbol: 'ETHUSDT', interval: '1m', candles: others });
    const above: Condition = {
      left: { price: 'close', market: eth },
      op: '>',
      right: { indicator: 'SMA', period: 40, market: eth },
    };
    const definition = strategyOf(above, { not: above });
    const strategyId = await addStrategy(stage.pool, 'paper', definition);
    const from = timeOf(150);
    const run = backtestOf(definition, candles.slice(150), { 'ETHUSDT:1m': candlesToColumns(others) });
    expect(run.trades.length).toBeGreaterThan(1);
    // No bar of the period is lost to the other market's warm-up.
    expect(run.trades[0]!.entryBar).toBeLessThan(39);
    const summary = await stage.activities.runBacktest(request(strategyId, from));
    expect(summary).toMatchObject({ bars: 50, trades: run.trades.length });
    expect(summary.totalReturnPct).toBeCloseTo((run.finalEquity / 10_000 - 1) * 100, 3);
  });

  it('names the market that nothing is stored of', async () => {
    stage = await createMarketStage(candlesOf(walk(20, 3)));
    await stage.store.candles.ingest({ symbol: 'BTCUSDT', interval: '1m', candles: candlesOf(walk(20, 3)) });
    const strategyId = await addStrategy(stage.pool, 'paper', follows(eth));
    await expect(stage.activities.runBacktest(request(strategyId, null))).rejects.toMatchObject({
      type: 'NotEnoughCandles',
      message: expect.stringContaining('looks at ETHUSDT:1m, and no candles of it are stored') as string,
    });
  });
});
