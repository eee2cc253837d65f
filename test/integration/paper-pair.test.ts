import { randomUUID } from 'node:crypto';
import { afterEach, expect, it } from 'vitest';
import { text } from '../../src/domain/decimal.ts';
import type { Candle } from '../../src/domain/market/candle.ts';
import { type MarketStage, candlesOf, createMarketStage, marketStart, minute } from '../support/market-stage.ts';
import { addStrategy, countRows, definitionOf, newOrder } from '../support/trading.ts';

const account = { environment: 'paper', exchange: 'paper' } as const;
const [stopId, targetId] = [randomUUID(), randomUUID()];
let stage: MarketStage;
afterEach(() => stage.close());

const timeOf = (bar: number): number => marketStart + bar * minute;

/** Buys 10 at 100, and places a stop at 95 and a target at 105 for them, which rest from the second close on. */
const protect = async (
  closes: readonly string[],
  changed: Readonly<Record<number, Partial<Candle>>> = {},
): Promise<void> => {
  const candles = candlesOf(['100', '100', ...closes]).map((candle, bar) => ({
    ...candle,
    ...changed[bar],
  }));
  stage = await createMarketStage(candles, {}, { MASTERTRADE_PAPER_VOLUME_LIMIT_PCT: '50' });
  const definition = definitionOf({}, { position_size: { type: 'fixed_quote', value: 1_001 } });
  const strategyId = await addStrategy(stage.pool, 'paper', definition);
  await stage.activities.openAccount({ environment: 'paper', symbol: 'BTCUSDT' });
  const [entry] = (await stage.replay(0, null)).decisions;
  await stage.replay(1, timeOf(0));
  expect(await stage.activities.syncOrder(entry!.decisionId)).toMatchObject({ status: 'filled', filledQuantity: '10' });
  const { metadata } = newOrder(strategyId);
  const leg = {
    ...account,
    side: 'SELL',
    kind: 'protection',
    quantity: '10',
    orderListId: 'the-pair',
    metadata: { ...metadata, decidedAt: timeOf(2) },
  } as const;
  const legs = [
    newOrder(strategyId, { ...leg, orderId: stopId, type: 'STOP_LOSS', stopPrice: '95' }),
    newOrder(strategyId, { ...leg, orderId: targetId, type: 'TAKE_PROFIT', price: '105' }),
  ];
  const key = { strategyId, symbol: 'BTCUSDT', environment: 'paper' } as const;
  expect(await stage.store.protection.insert(key, legs, 'test')).toHaveLength(2);
  const orderIds = [stopId, targetId];
  expect(await stage.store.protection.submit({ orderIds, sentAt: timeOf(2), actor: 'test' })).toHaveLength(2);
};

/** A close of which nothing follows but what rests on paper. */
const close = async (bar: number): Promise<void> => {
  await stage.closeOf(bar);
  await stage.handleClose(timeOf(bar - 1));
};

const statuses = async (): Promise<readonly string[]> =>
  await Promise.all(
    [stopId, targetId].map(async (orderId) => {
      const { status, filledQuantity } = await stage.store.orders.load(orderId);
      return `${status} ${filledQuantity}`;
    }),
  );

const held = async (): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries(
    [...(await stage.store.balances.read(account))].map(([asset, { free, locked }]) => [
      asset,
      `${text(free)} + ${text(locked)}`,
    ]),
  );

it('leaves at its target, asked by its stop: one trades, the other has ended, nothing is sold twice', async () => {
  await protect(['101', '106', '90']);
  await close(2);
  expect(await stage.activities.syncOrder(stopId)).toMatchObject({ status: 'open' });
  expect(await held()).toMatchObject({ BTC: '0 + 10' });
  await close(3);
  await close(4);
  await stage.activities.syncOrder(stopId);
  expect(await statuses()).toEqual(['expired 0', 'filled 10']);
  // 10000 - 1001 + 1050 - 1.05
  expect(await held()).toEqual({ BTC: '0 + 0', USDT: '10047.95 + 0' });
  expect(await countRows(stage.pool, 'positions')).toBe(0);
});

it('has no stop any more once a part of its target is sold', async () => {
  await protect(['100', '90', '106'], { 2: { high: '106', volume: '8' } });
  await close(2);
  await stage.activities.syncOrder(stopId);
  expect(await statuses()).toEqual(['expired 0', 'partially_filled 4']);
  await close(3);
  expect(await stage.activities.syncOrder(targetId)).toMatchObject({ status: 'partially_filled' });
  await close(4);
  await stage.activities.syncOrder(targetId);
  expect(await statuses()).toEqual(['expired 0', 'filled 10']);
  expect(await held()).toMatchObject({ BTC: '0 + 0' });
});

it('is cancelled as a whole, and what it would have sold is free again', async () => {
  await protect(['101', '106']);
  await close(2);
  await stage.activities.syncOrder(stopId);
  await stage.activities.cancelOrder({ orderId: targetId, by: 'test', reason: 'test' });
  expect(await statuses()).toEqual(['cancelled 0', 'cancelled 0']);
  await close(3);
  expect(await stage.activities.syncOrder(stopId)).toMatchObject({ status: 'cancelled' });
  expect(await held()).toEqual({ BTC: '10 + 0', USDT: '8999 + 0' });
});
