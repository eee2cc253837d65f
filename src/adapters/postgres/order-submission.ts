import { type CommonQueryMethods, type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { release, reserve } from '../../domain/accounting/balance.ts';
import { isLetThrough } from '../../domain/breaker/let-through.ts';
import { type TradingState, tradingStates } from '../../domain/breaker/policy.ts';
import { dec, text } from '../../domain/decimal.ts';
import { DomainError } from '../../domain/errors.ts';
import type { OrderCaps } from '../../domain/orders/caps.ts';
import { raiseAlert } from './alerts.ts';
import { balanceOf, lockBalances, writeBalance } from './balances.ts';
import { assertWithinCaps } from './exposure.ts';
import { type OrderRecord, loadOrder, lockOrder, moveOrder, noOrder } from './orders.ts';
import { timestamp } from './pool.ts';

const stateRow = z.object({
  state: z.enum(tradingStates),
  reason: z.string().nullable(),
  event_id: z.number().nullable(),
  environment: z.enum(['paper', 'live']),
  exchange: z.string(),
  max_strategies: z.number().nullable(),
});

/** Reads and share-locks the trading state of an order's account: what a breaker commits is seen by every later submission. */
const shareLockTradingState = async (tx: CommonQueryMethods, orderId: string): Promise<z.infer<typeof stateRow>> => {
  const found = await tx.maybeOne(sql.type(stateRow)`
    SELECT t.state, t.reason, t.event_id, o.environment, o.exchange, r.max_strategies
    FROM orders o JOIN trading_state t ON t.environment = o.environment
    LEFT JOIN risk_settings r ON r.environment = o.environment WHERE o.id = ${orderId} FOR SHARE OF t`);
  if (found) return found;
  throw noOrder(orderId);
};

/** Whether the breaker's event that an order closes for is still open: its end takes the same lock as this submission. */
const isOfOpenIncident = async (tx: CommonQueryMethods, order: OrderRecord): Promise<boolean> => {
  const incident = order.metadata.incident ?? null;
  return (
    incident !== null &&
    (await tx.exists(sql.unsafe`
      SELECT FROM circuit_breaker_events
      WHERE id = ${incident} AND environment = ${order.environment} AND resolved_at IS NULL`))
  );
};

/** Whether an order may go out by `letThrough`. */
const mayGo = async (tx: CommonQueryMethods, state: TradingState, order: OrderRecord): Promise<boolean> => {
  const { reduceOnly, kind, metadata } = order;
  const known = { reduceOnly, kind, standsForProtection: metadata.protection !== null };
  if (isLetThrough(state, { ...known, isOfOpenIncident: false })) return true;
  return isLetThrough(state, { ...known, isOfOpenIncident: await isOfOpenIncident(tx, order) });
};

const forbidden = ({ state, reason, event_id: event, environment }: z.infer<typeof stateRow>): DomainError =>
  new DomainError(
    'EntryForbidden',
    `trading is ${state} for ${environment}${event === null ? '' : ` by event ${event}`}${reason === null ? '' : ` (${reason})`}`,
    {
      next:
        event === null
          ? 'resolve the incident before new orders are placed: `mastertrade breaker show`'
          : `look at the incident and resolve it before new orders are placed: \`mastertrade breaker show ${event}\``,
      details: { state, event },
    },
  );

/**
 * What `markSubmitting` will judge, without a lock: asked before an exit takes back what protects its position.
 * @throws DomainError `EntryForbidden`
 */
export const assertMayGo = async (db: CommonQueryMethods, order: OrderRecord): Promise<void> => {
  const { environment, exchange } = order;
  const trading = await db.one(sql.type(stateRow)`
    SELECT state, reason, event_id, environment, ${exchange} AS exchange, NULL::int AS max_strategies
    FROM trading_state WHERE environment = ${environment}`);
  if (!(await mayGo(db, trading.state, order))) throw forbidden(trading);
};

/**
 * `pending → submitting`: checks the trading state and the caps, reserves the balance and stamps `sent_at`, in one
 * transaction that commits before anything is sent. Locks: trading_state, balance, caps, order.
 * @param sentAt Venue time, epoch ms. @param reserveAmount Of `reserveAsset`, decimal text.
 * @param caps None where left out; a reduce-only order knows none. How many strategies may trade at a time comes from the goals.
 * @returns The order; `submitted` is false where it was not pending any more.
 * @throws DomainError `EntryForbidden` where the trading state forbids it, `InsufficientFunds`, `CapExceeded`
 */
export const markSubmitting = async (
  pool: DatabasePool,
  request: {
    orderId: string;
    sentAt: number;
    reserveAsset: string;
    reserveAmount: string;
    actor: string;
    caps?: OrderCaps;
  },
): Promise<{ order: OrderRecord; submitted: boolean }> =>
  await pool.transaction(async (tx) => {
    const trading = await shareLockTradingState(tx, request.orderId);
    const { environment, exchange, max_strategies: maxStrategies } = trading;
    const account = { environment, exchange };
    const balances = await lockBalances(tx, account, [request.reserveAsset]);
    const order = await lockOrder(tx, request.orderId);
    if (order.status !== 'pending') return { order, submitted: false };
    if (!(await mayGo(tx, trading.state, order))) throw forbidden(trading);
    const free = balanceOf(balances, request.reserveAsset);
    const reserved = reserve(free, dec(request.reserveAmount));
    if (!reserved) {
      throw new DomainError(
        'InsufficientFunds',
        `the order needs ${request.reserveAmount} ${request.reserveAsset}, ${text(free.free)} are free on ${exchange} (${environment})`,
        { next: 'reduce the position size or add funds' },
      );
    }
    if (!order.reduceOnly) {
      const { reserveAsset: asset, reserveAmount: amount, caps } = request;
      await assertWithinCaps(tx, order, { caps, maxStrategies }, { asset, amount });
    }
    await writeBalance(tx, account, request.reserveAsset, reserved);
    const moved = await moveOrder(tx, order, {
      status: 'submitting',
      actor: request.actor,
      note: 'sent to the venue',
      set: sql.fragment`sent_at = ${timestamp(request.sentAt)}, reserved_asset = ${request.reserveAsset},
        reserved_amount = ${request.reserveAmount}::numeric`,
      metadata: { budget: order.side === 'BUY' && !order.reduceOnly ? request.reserveAmount : null },
      details: { reserved: `${request.reserveAmount} ${request.reserveAsset}` },
    });
    return { order: moved, submitted: true };
  });

/** Locks an order and the balance it has reserved of; `free` sets what is reserved free again. */
export const lockWithReservation = async (
  tx: CommonQueryMethods,
  orderId: string,
): Promise<{ order: OrderRecord; free: () => Promise<void> }> => {
  const seen = await loadOrder(tx, orderId);
  const account = { environment: seen.environment, exchange: seen.exchange };
  const balances = await lockBalances(tx, account, seen.reservedAsset ? [seen.reservedAsset] : []);
  const order = await lockOrder(tx, orderId);
  const free = async (): Promise<void> => {
    const { reservedAsset, reservedAmount } = order;
    if (!reservedAsset || !reservedAmount) return;
    await writeBalance(tx, account, reservedAsset, release(balanceOf(balances, reservedAsset), dec(reservedAmount)));
  };
  return { order, free };
};

/**
 * Ends a submission the venue definitely did not take (back to `pending`, or `rejected`), or an order that was
 * never sent. What was reserved is free again.
 */
export const settleUnsent = async (
  pool: DatabasePool,
  request: { orderId: string; to: 'pending' | 'rejected' | 'cancelled'; note: string; actor: string },
): Promise<OrderRecord> =>
  await pool.transaction(async (tx) => {
    const { order, free } = await lockWithReservation(tx, request.orderId);
    if (order.status !== 'pending' && order.status !== 'submitting') return order;
    await free();
    if (request.to === 'rejected') {
      await raiseAlert(tx, {
        type: 'order_rejected',
        severity: 'warning',
        title: `${order.side} ${order.quantity} ${order.symbol} was refused`,
        message: request.note,
        entityType: 'order',
        entityId: order.orderId,
        dedupeKey: `order_rejected/${order.orderId}`,
      });
    }
    return await moveOrder(tx, order, {
      status: request.to,
      actor: request.actor,
      note: request.note,
      set: sql.fragment`reserved_asset = NULL, reserved_amount = NULL, sent_at = NULL`,
    });
  });

/** The venue could not be made to say what became of it: its reservation stays and a person is told. */
export const markUnknown = async (
  pool: DatabasePool,
  request: { orderId: string; note: string; actor: string },
): Promise<OrderRecord> =>
  await pool.transaction(async (tx) => {
    const order = await lockOrder(tx, request.orderId);
    if (order.status !== 'submitting') return order;
    await raiseAlert(tx, {
      type: 'order_unknown',
      severity: 'critical',
      title: `${order.side} ${order.quantity} ${order.symbol}: the venue does not say what became of it`,
      message: `${request.note}. Look at the venue's own order history for client id ${order.clientOrderId}; it is not sent again. If the venue never took it, say so: \`mastertrade order settle\`.`,
      entityType: 'order',
      entityId: order.orderId,
      dedupeKey: `order_unknown/${order.orderId}`,
    });
    return await moveOrder(tx, order, { status: 'unknown', actor: request.actor, note: request.note });
  });

/** Stores that a cancel was asked for, with the market time from which no further fill counts on paper. */
export const requestCancel = async (
  pool: DatabasePool,
  request: { orderId: string; at: number; actor: string; reason: string },
): Promise<OrderRecord> =>
  await pool.transaction(async (tx) => {
    const order = await lockOrder(tx, request.orderId);
    if (order.metadata.cancelRequestedAt !== null) return order;
    return await moveOrder(tx, order, {
      status: order.status,
      actor: request.actor,
      note: `cancel asked for: ${request.reason}`,
      metadata: { cancelRequestedAt: request.at },
    });
  });
