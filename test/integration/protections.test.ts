import { sql } from 'slonik';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { haltByHand, resumeByHand } from '../../src/adapters/postgres/breaker/by-hand.ts';
import { setPolicy } from '../../src/adapters/postgres/breaker/policies.ts';
import { closedPositions } from '../../src/adapters/postgres/closed-positions.ts';
import { entriesOf } from '../../src/adapters/postgres/entry-holds.ts';
import type { NewOrder } from '../../src/adapters/postgres/orders.ts';
import { submitProtection } from '../../src/adapters/postgres/protection.ts';
import { loadStrategy } from '../../src/adapters/postgres/strategies.ts';
import { text } from '../../src/domain/decimal.ts';
import type { Fill } from '../../src/domain/orders/order.ts';
import { runCli } from '../client/run-cli.ts';
import { type MarketStage, candlesOf, createMarketStage, marketStart, minute } from '../support/market-stage.ts';
import {
  type TradingDatabase,
  addStrategy,
  createTradingDatabase,
  definitionOf,
  newOrder,
} from '../support/trading.ts';

let database: TradingDatabase;
let nextTrade = 1;

beforeAll(async () => {
  database = await createTradingDatabase();
  await database.store.balances.open({ environment: 'live', exchange: 'simulator' }, { USDT: '100000', BTC: '100' }, 0);
});
afterAll(() => database.drop());

type Traded = readonly [quantity: string, price: string, at: number];

/** Books an order that filled in these trades, each with a fee of one quote. */
const traded = async (
  strategyId: string,
  side: 'BUY' | 'SELL',
  trades: readonly Traded[],
  over: Partial<NewOrder> = {},
): Promise<void> => {
  const { store } = database;
  const total = trades.reduce((sum, [quantity]) => sum + Number(quantity), 0);
  const order = newOrder(strategyId, { side, quantity: String(total), ...over });
  await store.orders.insert(order, 'test');
  const { orderId } = order;
  await (order.kind === 'protection'
    ? submitProtection(database.pool, { orderIds: [orderId], sentAt: 0, actor: 'test' })
    : store.orders.markSubmitting({
        orderId,
        sentAt: 0,
        reserveAsset: side === 'BUY' ? 'USDT' : 'BTC',
        reserveAmount: '1',
        actor: 'test',
      }));
  const fills = trades.map(([quantity, price, at]): Fill => ({
    tradeId: String(nextTrade++),
    quantity,
    price,
    commission: '1',
    commissionAsset: 'USDT',
    executedAt: at,
  }));
  await store.orders.applyReport(
    orderId,
    {
      clientOrderId: order.clientOrderId,
      exchangeOrderId: `venue-${order.clientOrderId}`,
      status: 'filled',
      filledQuantity: String(total),
      fills,
      reportedAt: 0,
    },
    'test',
  );
};

const read = async (over: Partial<Parameters<typeof closedPositions>[1]>): Promise<readonly unknown[]> =>
  (await closedPositions(database.pool, { environment: 'live', since: null, ...over })).map(
    ({ endedAt, pnl, paidIn, byStop }) => [endedAt, text(pnl), text(paidIn), byStop],
  );

describe('closed positions', () => {
  it('are what was traded between two flat moments: P&L net of fees, what was put in, what closed it', async () => {
    const strategyId = await addStrategy(database.pool, 'active');
    const of = { strategyIds: [strategyId] };
    // Bought in two orders, sold in two: one position of 3 × 100 + 1 × 104 that lost.
    await traded(strategyId, 'BUY', [['3', '100', 10]]);
    await traded(strategyId, 'BUY', [['1', '104', 20]]);
    await traded(strategyId, 'SELL', [['1', '90', 30]]);
    expect(await read(of)).toEqual([]);
    await traded(strategyId, 'SELL', [['3', '80', 40]], { kind: 'protection', type: 'STOP_LOSS', stopPrice: '81' });
    // One that a target closed in the same ms as the next one was opened, and one that an exit in place of a stop closed.
    await traded(strategyId, 'BUY', [['1', '100', 50]]);
    await traded(strategyId, 'SELL', [['1', '110', 60]], { kind: 'protection', type: 'TAKE_PROFIT', price: '110' });
    await traded(strategyId, 'BUY', [
      ['1', '100', 60],
      ['1', '102', 61],
    ]);
    const { metadata } = newOrder(strategyId);
    const protection = { type: 'STOP_LOSS', price: '95', candleTime: 0 } as const;
    await traded(strategyId, 'SELL', [['2', '95', 70]], { metadata: { ...metadata, protection } });
    await traded(strategyId, 'BUY', [['1', '100', 80]]);

    const all = [
      [40, '-78', '404', true],
      [60, '8', '100', false],
      [70, '-15', '202', true],
    ];
    expect(await read(of)).toEqual(all);
    expect(await read({ ...of, since: 40 })).toEqual(all.slice(1));
    expect(await read({ ...of, since: 39 })).toEqual(all);
    expect(await read({ ...of, newest: 2 })).toEqual(all.slice(1));
    expect(await read({ ...of, since: 60, newest: 5 })).toEqual(all.slice(2));
    expect(await read({ ...of, until: 69 })).toEqual(all.slice(0, 2));
    expect(await read({ ...of, environment: 'paper' })).toEqual([]);
  });
});

describe('a close', () => {
  let stage: MarketStage;
  afterAll(() => stage.close());

  const timeOf = (bar: number): number => marketStart + bar * minute;
  const alertRow = z.object({ title: z.string(), message: z.string() });

  it('lets no entry through while the stop-loss guard holds a strategy back or trading is stopped, and says so once', async () => {
    // Bought at bar 1, stopped by the low of bar 2; from bar 3 on each close asks for an entry again.
    stage = await createMarketStage(candlesOf(['100', '100', '90', '91', '92', '93', '94', '95', '96']));
    const { pool } = stage;
    const guard = { stopLossGuard: { lookbackHours: 1, stops: 1, pauseHours: 0.05 } };
    await setPolicy(pool, { environment: 'paper', policy: { protections: guard }, by: 'test' });
    const strategyId = await addStrategy(pool, 'paper', definitionOf({}, { stop_loss_pct: 5 }));
    await stage.activities.openAccount({ environment: 'paper', symbol: 'BTCUSDT' });
    const kindsOf = async (first: number, last: number): Promise<readonly (string | undefined)[]> => {
      const kinds: (string | undefined)[] = [];
      for (let bar = first; bar <= last; bar += 1) {
        const { decisions } = await stage.replay(bar, bar === 0 ? null : timeOf(bar - 1));
        kinds.push(decisions[0]?.kind);
      }
      return kinds;
    };
    const entries = async () => await entriesOf(pool, await loadStrategy(pool, strategyId));

    expect(await kindsOf(0, 4)).toEqual(['entry', undefined, 'exit', undefined, undefined]);
    // The stop was executed inside of bar 2, so an instant after its open.
    const until = timeOf(5) + 1;
    const hold = { protection: 'stopLossGuard', until, reason: 'a stop lost within 1 h' };
    expect(await entries()).toEqual({ state: 'ACTIVE', hold });
    const shown = await runCli(['strategy', 'show', strategyId], { env: { DATABASE_URL: stage.url } });
    expect(shown.stdout).toContain(
      `Entries held back until ${new Date(until).toISOString()} by the stop-loss guard: a stop lost within 1 h.`,
    );
    const alerts = await pool.any(sql.type(alertRow)`
      SELECT title, message FROM alerts WHERE alert_type = 'entries_held_back' AND entity_id = ${strategyId}`);
    expect(alerts).toEqual([
      {
        title: `Entries on BTCUSDT (paper) are held back until ${new Date(until).toISOString()} by the stop-loss guard`,
        message: 'a stop lost within 1 h. Exits and protection go on.',
      },
    ]);

    const byHand = { environment: 'paper', by: 'test', reason: 'a look at it' } as const;
    await haltByHand(pool, { ...byHand, actions: [] });
    expect(await kindsOf(5, 5)).toEqual([undefined]);
    expect(await entries()).toEqual({ state: 'HALTED', hold: null });
    await resumeByHand(pool, byHand);
    expect(await kindsOf(6, 6)).toEqual(['entry']);
  });
});
