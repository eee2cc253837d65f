import { type CommonQueryMethods, sql } from 'slonik';
import { reservedAfter } from '../../domain/accounting/settlement.ts';
import type { Trade } from '../../domain/accounting/trade.ts';
import { type Decimal, dec, text, zero } from '../../domain/decimal.ts';
import { isTerminal } from '../../domain/orders/order.ts';
import { type OrderRecord, lockOrder, moveOrder, ordersWhere } from './orders.ts';

/** An order and the other one of its pair, both locked. */
export interface LockedOrders {
  readonly order: OrderRecord;
  readonly others: readonly OrderRecord[];
}

/** Locks an order and those of its pair, by their ids. */
export const lockWithPair = async (tx: CommonQueryMethods, seen: OrderRecord): Promise<LockedOrders> => {
  const { orderId, orderListId, exchange, environment } = seen;
  if (orderListId === null) return { order: await lockOrder(tx, orderId), others: [] };
  const pair = await ordersWhere(
    tx,
    sql.fragment`order_list_id = ${orderListId} AND exchange = ${exchange} AND environment = ${environment}`,
  );
  const locked: OrderRecord[] = [];
  for (const id of [...new Set([orderId, ...pair.map((one) => one.orderId)])].sort())
    locked.push(await lockOrder(tx, id));
  return {
    order: locked.find((one) => one.orderId === orderId)!,
    others: locked.filter((one) => one.orderId !== orderId),
  };
};

/** What one order holds locked, without and with a report. */
export interface Reservation {
  readonly holder: OrderRecord;
  readonly asset: string;
  readonly before: Decimal;
  readonly after: Decimal;
}

/**
 * What new trades of an order leave of its reservation; of a pair, one order reserves for both. Null where none of them
 * reserves anything.
 * @param ends Whether the order is over with this report.
 */
export const reservationAfter = (
  { order, others }: LockedOrders,
  ends: boolean,
  fresh: readonly Trade[],
): Reservation | null => {
  const holder = [order, ...others].find((one) => one.reservedAsset !== null && !isTerminal(one.status));
  if (!holder || holder.reservedAsset === null) return null;
  const before = dec(holder.reservedAmount ?? '0');
  const left = reservedAfter({ asset: holder.reservedAsset, amount: before, side: holder.side }, fresh, order.metadata);
  return { holder, asset: holder.reservedAsset, before, after: ends && holder === order ? zero : left };
};

/** Writes what the other order of a pair has left of what it reserves for both. */
export const writeReservation = async (
  tx: CommonQueryMethods,
  { holder, asset, after }: Reservation,
  spentBy: string,
  actor: string,
): Promise<void> => {
  await moveOrder(tx, holder, {
    status: holder.status,
    actor,
    set: sql.fragment`reserved_amount = ${text(after)}::numeric`,
    details: { reserved: `${text(after)} ${asset}`, spent_by: spentBy },
  });
};
