import { sql } from 'slonik';
import { afterEach, describe, expect, it } from 'vitest';
import { runBacktest } from '../../src/domain/backtest/engine.ts';
import type { Comparison, PriceField, RiskParams, StrategyDefinition } from '../../src/domain/strategy/definition.ts';
import { candlesToColumns } from '../../src/domain/market/columns.ts';
import { defaultFilters } from '../../src/simulator/market.ts';
import { backtestFills, paperFills } from '../support/fills.ts';
import { type MarketStage, candlesOf, createMarketStage, marketStart, minute, walk } from '../support/market-stage.ts';
import { addStrategy, countRows, definitionOf, newOrder } from '../support/trading.ts';

let stage: MarketStage;

const open = async (closes: readonly string[]): Promise<void> => {
  stage = await createMarketStage(candlesOf(closes));
};
afterEach(() => stage.close());

const timeOf = (bar: number): number => marketStart + bar * minute;

/** Buys as soon as a close is above 100 and sells below it. */
const above100 = (): StrategyDefinition =>
  definitionOf({
    entry_conditions: { left: { price: 'close' }, op: '>', right: 100 },
    exit_conditions: { left: { price: 'close' }, op: '<', right: 100 },
  });

describe('a closed candle', () => {
  it('is handled once: a repeated tick stores nothing, decides nothing and places nothing', async () => {
    await open(['99', '101', '102', '103']);
    await addStrategy(stage.pool, 'paper', above100());
    await stage.activities.openAccount({ environment: 'paper', symbol: 'BTCUSDT' });
    await stage.closeOf(0);
    expect(await stage.handleClose(null)).toMatchObject({ candles: 1, lastCandle: timeOf(0), decisions: [] });
    await stage.closeOf(1);
    const first = await stage.handleClose(timeOf(0));
    expect(first).toMatchObject({ candles: 1, lastCandle: timeOf(1), decisions: [{ kind: 'entry', side: 'BUY' }] });
    expect(await stage.handleClose(timeOf(1))).toMatchObject({ candles: 0, lastCandle: timeOf(1), decisions: [] });

    const [decision] = first.decisions;
    const [again] = (await stage.handleClose(timeOf(0))).decisions;
    expect(again).toEqual(decision);
    await Promise.all([stage.place(decision!), stage.place(again!)]);
    await stage.place(decision!);
    expect(await countRows(stage.pool, 'orders')).toBe(1);
  });

  it('is decided on again in a strategy’s next version, and not for a strategy with an order at work', async () => {
    await open(['101', '102', '103']);
    const strategyId = await addStrategy(stage.pool, 'paper', above100());
    await stage.activities.openAccount({ environment: 'paper', symbol: 'BTCUSDT' });
    await stage.closeOf(0);
    const [first] = (await stage.handleClose(null)).decisions;
    await stage.pool.query(sql.unsafe`UPDATE strategies SET version = 2 WHERE id = ${strategyId}`);
    const [second] = (await stage.handleClose(null)).decisions;
    expect(second?.decisionId).not.toBe(first?.decisionId);
    await stage.place(second!);
    expect((await stage.handleClose(null)).decisions).toEqual([]);
  });

  it('that comes late is stored and not traded', async () => {
    await open(['99', '101']);
    await addStrategy(stage.pool, 'paper', above100());
    await stage.closeOf(0);
    await stage.handleClose(null);
    // The venue has nothing newer than bar 1 when the market is already two bars on.
    await stage.closeOf(3);
    expect(await stage.handleClose(timeOf(0))).toMatchObject({ candles: 1, lastCandle: timeOf(1), decisions: [] });
    expect(await countRows(stage.pool, 'market_data')).toBe(2);
    expect(await countRows(stage.pool, 'orders')).toBe(0);
  });

  it('after a gap is judged when the gap is repaired, and only the newest one', async () => {
    await open(['99', '101', '99', '101', '99', '101', '102']);
    await addStrategy(stage.pool, 'paper', above100());
    await stage.closeOf(0);
    await stage.handleClose(null);
    await stage.closeOf(5);
    const tick = await stage.handleClose(timeOf(0));
    expect(tick).toMatchObject({ candles: 5, lastCandle: timeOf(5) });
    expect(tick.decisions.map(({ candleTime }) => candleTime)).toEqual([timeOf(5)]);
    expect(await countRows(stage.pool, 'market_data')).toBe(6);
  });

  it('keeps a paused strategy’s exits and none of its entries', async () => {
    await open(['101', '99', '101']);
    const account = { environment: 'live', exchange: 'simulator' } as const;
    await stage.store.balances.open(account, { USDT: '1000' }, marketStart);
    const holding = await addStrategy(stage.pool, 'paused', above100());
    await addStrategy(stage.pool, 'paused', above100());
    const order = newOrder(holding);
    await stage.store.orders.insert(order, 'test');
    const submission = { sentAt: marketStart, reserveAsset: 'USDT', reserveAmount: '100', actor: 'test' };
    await stage.store.orders.markSubmitting({ orderId: order.orderId, ...submission });
    const fill = { tradeId: '1', price: '100', quantity: '1', commission: '0', commissionAsset: 'USDT' };
    await stage.store.orders.applyReport(
      order.orderId,
      {
        clientOrderId: order.clientOrderId,
        exchangeOrderId: '1',
        status: 'filled',
        filledQuantity: '1',
        fills: [{ ...fill, executedAt: marketStart }],
        reportedAt: marketStart,
      },
      'test',
    );
    await stage.closeOf(0);
    expect((await stage.handleClose(null)).decisions).toEqual([]);
    await stage.closeOf(1);
    expect((await stage.handleClose(timeOf(0))).decisions).toMatchObject([
      { strategyId: holding, environment: 'live', kind: 'exit', side: 'SELL' },
    ]);
  });
});

describe('two decisions to enter', () => {
  it('of which the second was made before the first was on record, buy once', async () => {
    await open(['101', '102', '103']);
    await addStrategy(stage.pool, 'paper', above100());
    await stage.activities.openAccount({ environment: 'paper', symbol: 'BTCUSDT' });
    await stage.closeOf(0);
    const [first] = (await stage.handleClose(null)).decisions;
    await stage.closeOf(1);
    const [second] = (await stage.handleClose(timeOf(0))).decisions;
    expect(second?.decisionId).not.toBe(first?.decisionId);
    expect((await stage.place(first!)).status).not.toBe('rejected');
    expect(await stage.place(second!)).toMatchObject({
      status: 'rejected',
      note: expect.stringContaining('already') as string,
    });
  });
});

describe('an order on paper', () => {
  it('decided on candle i fills at the open of i + 1 exactly, whenever it is looked at', async () => {
    const closes = ['99', '101.37', '102', '103', '104'];
    await open(closes);
    const strategyId = await addStrategy(stage.pool, 'paper', above100());
    await stage.activities.openAccount({ environment: 'paper', symbol: 'BTCUSDT' });
    await stage.replay(0, null);
    const { decisions } = await stage.replay(1, timeOf(0));
    const orderId = decisions[0]!.decisionId;
    expect(await stage.activities.syncOrder(orderId)).toMatchObject({ status: 'open', filledQuantity: '0' });
    await stage.closeOf(4);
    await stage.handleClose(timeOf(1));
    expect(await stage.activities.syncOrder(orderId)).toMatchObject({ status: 'filled', averageFillPrice: '101.37' });
    expect(await paperFills(stage.pool, strategyId)).toMatchObject([
      { side: 'BUY', price: 101.37, executed_at: timeOf(2) },
    ]);
  });
});

describe('the same strategy over the same candles', () => {
  const price = (name: PriceField, offset = 0) => ({ price: name, offset });
  const average = (period: number) => ({ indicator: 'SMA', period });
  const strategies: readonly { name: string; entry: Comparison; exit: Comparison; risk?: Partial<RiskParams> }[] = [
    {
      name: 'crossing averages',
      entry: { left: average(3), op: 'crosses_above', right: average(8) },
      exit: { left: average(3), op: 'crosses_below', right: average(8) },
    },
    {
      name: 'in after a bar up, out after a bar down',
      entry: { left: price('close'), op: '>', right: price('open') },
      exit: { left: price('close'), op: '<', right: price('open') },
    },
    {
      name: 'the same with three bars of rest after a loss',
      entry: { left: price('close'), op: '>', right: price('open') },
      exit: { left: price('close'), op: '<', right: price('open') },
      risk: { cooldown_bars_after_loss: 3 },
    },
    {
      name: 'limit entries that rest for a bar',
      entry: { left: price('close'), op: '>', right: price('open') },
      exit: { left: price('close'), op: '<', right: price('open') },
      risk: { order: { type: 'limit', offset_bps: 10, expire_bars: 1 } },
    },
    {
      name: 'a stop, a target and a trailing stop inside the bar',
      entry: { left: average(3), op: 'crosses_above', right: average(8) },
      exit: { left: average(3), op: 'crosses_below', right: average(20) },
      risk: { stop_loss_pct: 0.6, take_profit_pct: 0.9, trailing_stop_pct: 0.7 },
    },
    {
      name: 'limit entries that are stopped, on their own bar too',
      entry: { left: average(3), op: 'crosses_above', right: average(8) },
      exit: { left: average(3), op: 'crosses_below', right: average(20) },
      risk: { order: { type: 'limit', offset_bps: 10, expire_bars: 3 }, stop_loss_pct: 0.2, take_profit_pct: 0.8 },
    },
    {
      name: 'shorts of crossing averages',
      entry: { left: average(3), op: 'crosses_below', right: average(8) },
      exit: { left: average(3), op: 'crosses_above', right: average(8) },
      risk: { side: 'SHORT' },
    },
    {
      name: 'shorts by limit orders, with a stop, a target and a trailing stop',
      entry: { left: average(3), op: 'crosses_below', right: average(8) },
      exit: { left: average(3), op: 'crosses_above', right: average(20) },
      risk: {
        side: 'SHORT',
        order: { type: 'limit', offset_bps: 10, expire_bars: 3 },
        stop_loss_pct: 0.6,
        take_profit_pct: 0.9,
        trailing_stop_pct: 0.7,
      },
    },
    {
      name: 'entries and exits on the same close',
      entry: { left: price('close'), op: '>', right: price('open') },
      exit: { left: price('close'), op: '>', right: price('close', 3) },
    },
  ];

  it.each(strategies)(
    '$name: the same bars, sides, prices and quantities in a backtest and on paper',
    async ({ entry, exit, risk }) => {
      const candles = candlesOf(walk(120, 7));
      await open(candles.map(({ close }) => close));
      const definition = definitionOf(
        { entry_conditions: entry, exit_conditions: exit },
        { position_size: { type: 'equity_fraction', value: 0.5 }, ...risk },
      );
      const strategyId = await addStrategy(stage.pool, 'paper', definition);
      await stage.activities.openAccount({ environment: 'paper', symbol: 'BTCUSDT' });
      for (const [bar] of candles.entries()) await stage.replay(bar, bar === 0 ? null : timeOf(bar - 1));

      const run = runBacktest({
        definition,
        columns: candlesToColumns(candles),
        capital: 10_000,
        feeRates: { maker: 0.001, taker: 0.001 },
        slippageBps: 0,
        filters: defaultFilters,
      });
      expect(run.trades.length).toBeGreaterThan(3);
      expect(await paperFills(stage.pool, strategyId)).toEqual(backtestFills(run));
    },
  );
});
