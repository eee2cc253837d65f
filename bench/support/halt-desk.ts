import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { inspectIncident, lookAfterClose } from '../../src/adapters/postgres/breaker/index.ts';
import { readTradingState } from '../../src/adapters/postgres/breaker/trading-state.ts';
import { createDatabasePool } from '../../src/adapters/postgres/pool.ts';
import { createStore } from '../../src/adapters/postgres/store.ts';
import { breakerLookSignal } from '../../src/contracts/breaker.ts';
import { taskQueues } from '../../src/contracts/task-queues.ts';
import type { Venue } from '../../src/contracts/venue.ts';
import { circuitBreakerWorkflowId, orderWorkflowId } from '../../src/contracts/workflow-ids.ts';
import { dec, divide, rounding, text } from '../../src/domain/decimal.ts';
import type { Stack } from '../../src/stack/stack.ts';
import { account, addStrategies, clientIdOf, entryOf, exchangeOf, openAccount, symbol } from './order-desk.ts';
import { simulatedVenue } from './plain-order.ts';

const minute = 60_000;
const giveUpMs = 120_000;

const until = async (what: string, isSo: () => Promise<boolean>): Promise<void> => {
  const started = performance.now();
  while (!(await isSo())) {
    if (performance.now() - started > giveUpMs) throw new TypeError(`gave up waiting until ${what}`);
    await sleep(10);
  }
};

const share = (price: string, part: string): string => text(dec(price).times(part));

/** Cancels as many orders of the account as are given, one after the other, with nothing but the venue's client. */
export const cancelPlainly = async (venue: Venue, price: string, count: number): Promise<number> => {
  const limit = text(divide(dec(share(price, '0.9')), dec('1'), 2, rounding.down));
  const placed: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const clientOrderId = `${Date.now()}x${n}`;
    await venue.place({
      clientOrderId,
      symbol,
      side: 'BUY',
      type: 'LIMIT',
      quantity: text(divide(dec('10'), dec(limit), 5, rounding.up)),
      price: limit,
      stopPrice: null,
      timeInForce: 'GTC',
      sentAt: await venue.now(symbol),
    });
    placed.push(clientOrderId);
  }
  const started = performance.now();
  for (const clientOrderId of placed) await venue.cancel({ clientOrderId, symbol });
  return performance.now() - started;
};

export interface HaltTimes {
  /** Milliseconds from before the candle is stored. */
  readonly committed: number;
  readonly lastCancelled: number;
  readonly flat: number;
  readonly plain: number;
}

const openRow = z.object({ open: z.number() });

const restingOf = async (pool: DatabasePool, orderIds: readonly string[]): Promise<number> =>
  (
    await pool.one(sql.type(openRow)`
      SELECT count(*)::int AS open FROM orders WHERE status = 'open' AND id = ANY(${sql.array([...orderIds], 'uuid')})`)
  ).open;

/**
 * One strategy holds half of a live account, and `entries` others have an entry resting; then a candle closes at less than half of the
 * price, and the market's look at it is carried out as the worker does.
 */
export const haltOf = async (stack: Stack, entries: number): Promise<HaltTimes> => {
  const { databaseUrl, temporal } = stack.addresses;
  if (databaseUrl === null || !temporal) throw new TypeError('the stack is not all embedded');
  const connection = await Connection.connect({ address: temporal.address });
  const client = new Client({ connection });
  const pool = await createDatabasePool(databaseUrl, { max: 4 });
  const store = createStore(pool);
  const exchange = exchangeOf(stack);
  const venue = await simulatedVenue(exchange.simulator);
  try {
    await openAccount(store, '10000');
    const price = await exchange.price();
    const start = (strategyId: string) => {
      const intent = entryOf(strategyId, price);
      return client.workflow.start('orderExecution', {
        workflowId: orderWorkflowId(intent.orderId),
        taskQueue: taskQueues.orchestration,
        args: [{ intent, reportTo: null }],
      });
    };
    const order = { type: 'limit', offset_bps: 1_000, expire_bars: 10_000 } as const;
    const [holder] = await addStrategies(pool, 1, { position_size: { type: 'fixed_quote', value: 5_000 } });
    const bidders = await addStrategies(pool, entries, { order });
    await (await start(holder ?? '')).result();
    const bids = await Promise.all(bidders.map((strategyId) => start(strategyId)));
    const orderIds = bids.map(({ workflowId }) => workflowId.replace(orderWorkflowId(''), ''));
    await until('all entries rest', async () => (await restingOf(pool, orderIds)) === entries);

    const closeAt = async (bar: number, close: string): Promise<readonly string[]> => {
      const time = Math.floor(Date.now() / minute) * minute + (bar - 2) * minute;
      const candle = { time, open: close, high: close, low: close, close, volume: '1' };
      await store.candles.ingest({ symbol, interval: '1m', candles: [candle] });
      await store.positions.mark({ symbol, price: close, at: time + minute });
      return await lookAfterClose(pool, { symbol, at: time + minute });
    };
    await closeAt(0, price);
    const startedAt = Date.now();
    const tripped = await closeAt(1, share(price, '0.4'));
    const committed = Date.now() - startedAt;
    if (tripped.length === 0) throw new TypeError('no breaker tripped');
    await client.workflow.getHandle(circuitBreakerWorkflowId(account.environment)).signal(breakerLookSignal);
    const { eventId } = await readTradingState(pool, account.environment);
    await until('the incident is carried out', async () =>
      (await inspectIncident(pool, eventId ?? 0)).actions.every(({ status }) => status === 'done'),
    );
    const flat = Date.now() - startedAt;
    const changedAt = await exchange.changedAt();
    const ends = orderIds.map((orderId) => changedAt.get(clientIdOf(orderId)) ?? NaN);
    const plain = await cancelPlainly(venue, price, entries);
    return { committed, lastCancelled: Math.max(...ends) - startedAt, flat, plain };
  } finally {
    await pool.end();
    await connection.close();
  }
};
