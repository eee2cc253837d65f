import { afterEach, describe, expect, it } from 'vitest';
import { sql } from 'slonik';
import { checkBooks } from '../../src/adapters/postgres/books-check.ts';
import { dec, text } from '../../src/domain/decimal.ts';
import type { RiskParams } from '../../src/domain/strategy/definition.ts';
import { entryIntent } from '../support/intents.ts';
import { type MarketStage, candlesOf, createMarketStage, marketStart, minute } from '../support/market-stage.ts';
import { addStrategy, countRows, definitionOf } from '../support/trading.ts';

const account = { environment: 'paper', exchange: 'paper' } as const;

let stage: MarketStage;
afterEach(() => stage.close());

const timeOf = (bar: number): number => marketStart + bar * minute;

/** Opens the account, and places the entry that is decided on the first close. */
const enter = async (
  closes: readonly string[],
  risk: Partial<RiskParams>,
  environment: Readonly<Record<string, string>> = {},
): Promise<string> => {
  stage = await createMarketStage(candlesOf(closes), {}, environment);
  await addStrategy(stage.pool, 'paper', definitionOf({}, risk));
  await stage.activities.openAccount({ environment: 'paper', symbol: 'BTCUSDT' });
  const { decisions } = await stage.replay(0, null);
  return decisions[0]!.decisionId;
};

/** A close of which nothing follows but fills: what is decided on it is left alone. */
const close = async (bar: number): Promise<void> => {
  await stage.closeOf(bar);
  await stage.handleClose(timeOf(bar - 1));
};

const balances = async (): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries(
    [...(await stage.store.balances.read(account))].map(([asset, { free, locked }]) => [
      asset,
      `${text(free)} + ${text(locked)}`,
    ]),
  );

/** One per cent under the close, resting for two bars. */
const limit = (expireBars = 2): Partial<RiskParams> => ({
  position_size: { type: 'fixed_quote', value: 99 },
  order: { type: 'limit', offset_bps: 100, expire_bars: expireBars },
});

describe('a paper account', () => {
  it('opens once with its capital, however often it is opened', async () => {
    stage = await createMarketStage(candlesOf(['100']));
    await Promise.all(
      Array.from({ length: 3 }, () => stage.activities.openAccount({ environment: 'paper', symbol: 'BTCUSDT' })),
    );
    expect(await balances()).toEqual({ USDT: '10000 + 0' });
    expect(await countRows(stage.pool, 'balance_flows')).toBe(1);
  });
});

describe('a market order on paper', () => {
  it('fills in one at the next open with the fee in quote, by hand', async () => {
    const orderId = await enter(['100', '101'], { position_size: { type: 'fixed_quote', value: 1_001 } });
    // 1001 at 100 with a fee of 0.1 %: 10.
    expect(await balances()).toEqual({ BTC: '0 + 0', USDT: '8999 + 1001' });
    await stage.replay(1, timeOf(0));
    expect(await stage.activities.syncOrder(orderId)).toMatchObject({
      status: 'filled',
      filledQuantity: '10',
      averageFillPrice: '100',
    });
    expect(await balances()).toEqual({ BTC: '10 + 0', USDT: '8999 + 0' });
  });

  it('pays its fee in what it buys where that is asked for: what is left under a step is written off with its exit', async () => {
    const orderId = await enter(
      ['100', '101', '101', '101'],
      { position_size: { type: 'fixed_quote', value: 1_001 } },
      { MASTERTRADE_PAPER_FEE_IN: 'received', MASTERTRADE_PAPER_FEE_PCT: '0.12345' },
    );
    await close(1);
    const entry = await stage.store.orders.load(orderId);
    expect(entry).toMatchObject({ status: 'filled', quantity: entry.filledQuantity });
    const fee = dec(entry.filledQuantity).times('0.0012345').round(8);
    const [position] = await stage.store.positions.of(entry.strategyId);
    expect(position).toMatchObject({ quantity: text(dec(entry.filledQuantity).minus(fee)) });
    expect(await balances()).toEqual({
      BTC: `${position!.quantity} + 0`,
      USDT: `${text(dec('10000').minus(dec(entry.filledQuantity).times('100')))} + 0`,
    });
    const exit = await stage.activities.placeOrder({
      ...entryIntent(entry.strategyId, timeOf(2), { kind: 'exit', environment: 'paper' }),
    });
    await close(2);
    expect(await stage.activities.syncOrder(exit.orderId)).toMatchObject({ status: 'filled' });
    expect(await stage.store.positions.of(entry.strategyId)).toEqual([]);
    expect(await countRows(stage.pool, 'audit_logs', sql.fragment`action = 'close_position_as_dust'`)).toBe(1);
    expect(await checkBooks(stage.pool)).toEqual([]);
  });

  it('spends its stake at the price it gets, wherever that is: its quantity follows', async () => {
    stage = await createMarketStage([
      ...candlesOf(['100']),
      { time: timeOf(1), open: '200', high: '200', low: '200', close: '200', volume: '1' },
    ]);
    await addStrategy(stage.pool, 'paper', definitionOf({}, { position_size: { type: 'equity_fraction', value: 1 } }));
    await stage.activities.openAccount({ environment: 'paper', symbol: 'BTCUSDT' });
    const [decision] = (await stage.replay(0, null)).decisions;
    expect((await stage.store.orders.load(decision!.decisionId)).quantity).toBe('99.90009');
    await stage.replay(1, timeOf(0));
    const order = await stage.activities.syncOrder(decision!.decisionId);
    expect(order).toMatchObject({ status: 'filled', quantity: order.filledQuantity });
    const filled = Number(order.filledQuantity);
    expect(filled * 200 * 1.001).toBeLessThanOrEqual(10_000);
    expect((filled + 0.00001) * 200 * 1.001).toBeGreaterThan(9_999.9);
    const usdt = (await stage.store.balances.read(account)).get('USDT');
    expect([usdt?.locked.toFixed(), usdt?.free.gte('0')]).toEqual(['0', true]);
  });
});

describe('under a volume limit', () => {
  it('an entry takes what its candle gives and an exit goes on, each fill in the books', async () => {
    const volumes = ['1', '12', '1', '8', '8'];
    const candles = candlesOf(['100', '100', '90', '90', '90']).map((candle, bar) => ({
      ...candle,
      volume: volumes[bar] ?? '0',
    }));
    stage = await createMarketStage(candles, {}, { MASTERTRADE_PAPER_VOLUME_LIMIT_PCT: '50' });
    const [above, below] = (['>', '<'] as const).map((op) => ({ left: { price: 'close' as const }, op, right: 95 }));
    await addStrategy(
      stage.pool,
      'paper',
      definitionOf(
        { entry_conditions: above!, exit_conditions: below! },
        { position_size: { type: 'fixed_quote', value: 1_006.005 } },
      ),
    );
    await stage.activities.openAccount({ environment: 'paper', symbol: 'BTCUSDT' });
    const [entry] = (await stage.replay(0, null)).decisions;
    await stage.replay(1, timeOf(0));
    expect(await stage.activities.syncOrder(entry!.decisionId)).toMatchObject({
      status: 'expired',
      filledQuantity: '6',
    });
    const [exit] = (await stage.replay(2, timeOf(1))).decisions;
    await stage.replay(3, timeOf(2));
    expect(await stage.activities.syncOrder(exit!.decisionId)).toMatchObject({
      status: 'partially_filled',
      filledQuantity: '4',
    });
    await stage.replay(4, timeOf(3));
    expect(await stage.activities.syncOrder(exit!.decisionId)).toMatchObject({ status: 'filled', filledQuantity: '6' });
    expect(await countRows(stage.pool, 'trades')).toBe(3);
    // 600 and 540 of notional with 0.1 % each.
    expect(await balances()).toEqual({ BTC: '0 + 0', USDT: '9938.86 + 0' });
  });
});

describe('a limit order on paper', () => {
  it('rests until a candle touches it and fills at its limit', async () => {
    const orderId = await enter(['100', '99.50', '98.50'], limit());
    await stage.replay(1, timeOf(0));
    expect(await stage.activities.syncOrder(orderId)).toMatchObject({ status: 'open', filledQuantity: '0' });
    await stage.replay(2, timeOf(1));
    expect(await stage.activities.syncOrder(orderId)).toMatchObject({ status: 'filled', averageFillPrice: '99' });
  });

  it('is cancelled when its time in force is over, with what it had reserved free again', async () => {
    const orderId = await enter(['100', '100', '100', '90'], limit());
    expect(await stage.activities.syncOrder(orderId)).toMatchObject({ status: 'open', expiresInMs: 2 * minute });
    await close(1);
    expect(await stage.activities.syncOrder(orderId)).toMatchObject({ status: 'open', expiresInMs: minute });
    await close(2);
    expect(await stage.activities.syncOrder(orderId)).toMatchObject({ status: 'cancelled', filledQuantity: '0' });
    // Bar 3 would have reached it.
    await close(3);
    expect((await stage.activities.syncOrder(orderId)).status).toBe('cancelled');
    expect(await balances()).toEqual({ BTC: '0 + 0', USDT: '10000 + 0' });
  });

  it('that was looked at only after its time was over has the fill it had in time', async () => {
    const orderId = await enter(['100', '100', '98', '100', '100'], limit());
    await stage.closeOf(4);
    await stage.handleClose(timeOf(0));
    expect(await stage.activities.syncOrder(orderId)).toMatchObject({ status: 'filled', averageFillPrice: '99' });
  });

  it('that is looked at only after its time was over has no fill from after it', async () => {
    const orderId = await enter(['100', '100', '100', '90', '90'], limit());
    await stage.closeOf(4);
    await stage.handleClose(timeOf(0));
    expect(await stage.activities.syncOrder(orderId)).toMatchObject({ status: 'cancelled', filledQuantity: '0' });
  });

  it('that was cancelled fills no more, and a fill from before the cancel wins', async () => {
    const cancelled = await enter(['100', '100', '90'], limit());
    await stage.replay(1, timeOf(0));
    const request = { by: 'test', reason: 'changed my mind' };
    expect(await stage.activities.cancelOrder({ orderId: cancelled, ...request })).toMatchObject({
      status: 'cancelled',
    });
    await stage.replay(2, timeOf(1));
    expect(await stage.activities.syncOrder(cancelled)).toMatchObject({ status: 'cancelled', filledQuantity: '0' });
    await stage.close();

    const filled = await enter(['100', '98'], limit());
    await stage.closeOf(1);
    // The candle is stored, the order has not been looked at since.
    await stage.store.candles.ingest({ symbol: 'BTCUSDT', interval: '1m', candles: candlesOf(['100', '98']) });
    expect(await stage.activities.cancelOrder({ orderId: filled, ...request })).toMatchObject({ status: 'filled' });
  });
});
