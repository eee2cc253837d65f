import type { Pool, PoolClient } from 'pg';
import { createCcxtClient } from '../../src/adapters/exchange/ccxt-client.ts';
import { createCcxtVenue } from '../../src/adapters/exchange/ccxt-venue.ts';
import type { OrderIntent } from '../../src/contracts/order-intent.ts';
import type { Venue } from '../../src/contracts/venue.ts';
import { account, clientIdOf } from './order-desk.ts';

/** ccxt as the worker uses it, on the simulator. */
export const simulatedVenue = async (simulator: {
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
}): Promise<Venue> =>
  createCcxtVenue({
    id: account.exchange,
    client: await createCcxtClient({
      exchange: 'binance',
      credentials: { apiKey: simulator.apiKey, secret: simulator.apiSecret },
      baseUrl: simulator.url,
      msPerWeight: 0.01,
    }),
  });

const inTransaction = async <T>(pool: Pool, work: (tx: PoolClient) => Promise<T>): Promise<T> => {
  const tx = await pool.connect();
  try {
    await tx.query('BEGIN');
    const answer = await work(tx);
    await tx.query('COMMIT');
    return answer;
  } catch (error) {
    await tx.query('ROLLBACK');
    throw error;
  } finally {
    tx.release();
  }
};

const audit = (tx: PoolClient, orderId: string, status: string) =>
  tx.query(
    `INSERT INTO audit_logs (actor, action, entity_type, entity_id, new_value)
     VALUES ('plain', 'update_order', 'order', $1, jsonb_build_object('status', $2::text))`,
    [orderId, status],
  );

const metadata = (intent: OrderIntent): string =>
  JSON.stringify({
    interval: intent.interval,
    candleTime: intent.candleTime,
    decidedAt: intent.decidedAt,
    base: 'BTC',
    quote: 'USDT',
    stepSize: '0.00001',
    reason: intent.reason,
  });

/**
 * The steps of one order without workflows, sizing or the questions in between: the intent committed, the balance reserved and
 * the row marked before anything is sent, one POST, and what the venue answered. One process, one function, nothing that
 * would take it up again after a crash.
 */
export const placePlainly = async (pool: Pool, venue: Venue, intent: OrderIntent, quantity: string): Promise<void> => {
  const { orderId, strategyId, symbol, side, referencePrice } = intent;
  const clientOrderId = clientIdOf(orderId);
  await inTransaction(pool, async (tx) => {
    await tx.query(
      `INSERT INTO orders (id, strategy_id, strategy_version, symbol, side, order_type, intent, environment, exchange, status, quantity,
                           client_order_id, metadata)
       VALUES ($1, $2, 1, $3, $4, 'MARKET', 'entry', $5, $6, 'pending', $7, $8, $9)`,
      [
        orderId,
        strategyId,
        symbol,
        side,
        account.environment,
        account.exchange,
        quantity,
        clientOrderId,
        metadata(intent),
      ],
    );
    await audit(tx, orderId, 'pending');
  });
  const sentAt = await venue.now(symbol);
  await inTransaction(pool, async (tx) => {
    await tx.query('SELECT state FROM trading_state WHERE environment = $1 FOR SHARE', [account.environment]);
    const moved = await tx.query(
      `UPDATE current_balances
       SET free_balance = free_balance - $3::numeric * $4::numeric, locked_balance = locked_balance + $3::numeric * $4::numeric
       WHERE environment = $1 AND exchange = $2 AND asset = 'USDT' AND free_balance >= $3::numeric * $4::numeric`,
      [account.environment, account.exchange, quantity, referencePrice],
    );
    if (moved.rowCount !== 1) throw new TypeError('nothing is free to buy with');
    await tx.query(
      `UPDATE orders SET status = 'submitting', sent_at = $2, updated_at = now() WHERE id = $1 AND status = 'pending'`,
      [orderId, new Date(sentAt).toISOString().slice(0, -1)],
    );
    await audit(tx, orderId, 'submitting');
  });
  const request = { clientOrderId, symbol, side, type: 'MARKET', quantity, price: null, stopPrice: null } as const;
  const report = await venue.place({ ...request, timeInForce: null, sentAt });
  await inTransaction(pool, async (tx) => {
    await tx.query(
      `UPDATE orders SET status = $2, filled_quantity = $3, exchange_order_id = $4, updated_at = now() WHERE id = $1`,
      [orderId, report.status, report.filledQuantity, report.exchangeOrderId],
    );
    await audit(tx, orderId, report.status);
  });
};
