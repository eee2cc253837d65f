import type { DatabasePool } from 'slonik';
import { sql } from 'slonik';
import { dec } from '../../domain/decimal.ts';
import { DomainError } from '../../domain/errors.ts';
import { lockWithReservation } from './order-submission.ts';
import { type OrderRecord, lockOrder, moveOrder } from './orders.ts';

/** Gives an exit that was not sent yet the quantity that is still there to be sold, decimal text. */
export const refitOrder = async (
  pool: DatabasePool,
  request: { readonly orderId: string; readonly quantity: string; readonly actor: string; readonly note: string },
): Promise<OrderRecord> =>
  await pool.transaction(async (tx) => {
    const order = await lockOrder(tx, request.orderId);
    if (order.status !== 'pending' || dec(order.quantity).eq(dec(request.quantity))) return order;
    return await moveOrder(tx, order, {
      status: 'pending',
      actor: request.actor,
      note: request.note,
      set: sql.fragment`quantity = ${request.quantity}::numeric`,
      details: { quantity: request.quantity, was: order.quantity },
    });
  });

/** Says which order takes the place of one that is being amended, once. */
export const markReplaced = async (
  pool: DatabasePool,
  request: { readonly orderId: string; readonly replacementId: string; readonly actor: string },
): Promise<OrderRecord> =>
  await pool.transaction(async (tx) => {
    const order = await lockOrder(tx, request.orderId);
    if (order.metadata.replacedBy !== null) return order;
    return await moveOrder(tx, order, {
      status: order.status,
      actor: request.actor,
      note: `amended: ${request.replacementId} takes its place`,
      metadata: { replacedBy: request.replacementId },
    });
  });

/**
 * A person's word on an order that the venue would not account for: it never took it. The order ends as `cancelled`, its reservation
 * is free again and its alert resolved. Should the order show after all, its fills are still booked.
 * @throws DomainError `NotFound`, or `IllegalTransition` where the order is not `unknown`
 */
export const settleUnknown = async (
  pool: DatabasePool,
  request: { readonly orderId: string; readonly actor: string; readonly reason: string },
): Promise<OrderRecord> =>
  await pool.transaction(async (tx) => {
    const { order, free } = await lockWithReservation(tx, request.orderId);
    if (order.status !== 'unknown') {
      throw new DomainError('IllegalTransition', `order ${order.orderId} is ${order.status}, not unknown`, {
        next: 'only what the venue does not account for is settled by hand; cancel what still works',
        details: { status: order.status },
      });
    }
    await free();
    await tx.query(sql.unsafe`
      UPDATE alerts SET status = 'resolved', resolved_at = now()
      WHERE dedupe_key = ${`order_unknown/${order.orderId}`} AND status <> 'resolved'`);
    return await moveOrder(tx, order, {
      status: 'cancelled',
      actor: request.actor,
      note: `the venue never took it, says ${request.actor}: ${request.reason}`,
      set: sql.fragment`reserved_asset = NULL, reserved_amount = NULL`,
    });
  });
