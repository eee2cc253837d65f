import type { DatabasePool } from 'slonik';
import { sql } from 'slonik';
import { dec } from '../../domain/decimal.ts';
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
