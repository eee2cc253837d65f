import { type CommonQueryMethods, type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { dec } from '../../domain/decimal.ts';
import { isUnfinished } from './order-states.ts';
import { type NewOrder, type OrderRecord, unfinishedOrders, writeNewOrder } from './orders.ts';
import { plainDecimal } from './rows.ts';

const heldRow = z.object({ quantity: z.string() });

/**
 * Why a strategy's order would be a second one for the same position, or null. The strategy's row is locked, so that of
 * two orders at once one sees the other; orders are read before the position, so that one that ends in between shows there.
 */
const repeats = async (tx: CommonQueryMethods, order: NewOrder): Promise<string | null> => {
  await tx.query(sql.unsafe`SELECT 1 FROM strategies WHERE id = ${order.strategyId} FOR NO KEY UPDATE`);
  const unfinished = await unfinishedOrders(tx, order.strategyId);
  const other = unfinished.find(
    ({ environment, orderId, kind }) =>
      environment === order.environment && orderId !== order.orderId && (order.kind === 'entry' || kind === 'exit'),
  );
  if (other) return `the strategy already has order ${other.orderId} at work`;
  const held = await tx.maybeOne(sql.type(heldRow)`
    SELECT quantity FROM positions
    WHERE strategy_id = ${order.strategyId} AND symbol = ${order.symbol} AND environment = ${order.environment}`);
  if (order.kind === 'entry') return held ? `the strategy already holds ${order.symbol}` : null;
  return dec(held?.quantity ?? '0').lt(dec(order.quantity))
    ? `the strategy holds ${held?.quantity ?? 'nothing'}`
    : null;
};

const sumRow = z.object({ total: z.string() });

/**
 * Why an order by hand would take what is not its own, or null: one that only reduces may not exceed, with the others at work,
 * what its strategy holds on the other side; a sale, with those not yet reserved, may not take base that other strategies hold.
 */
const takesTooMuch = async (tx: CommonQueryMethods, order: NewOrder): Promise<string | null> => {
  await tx.query(sql.unsafe`SELECT 1 FROM strategies WHERE id = ${order.strategyId} FOR NO KEY UPDATE`);
  const { strategyId, symbol, environment, exchange, side, quantity } = order;
  const { base } = order.metadata;
  if (order.reduceOnly) {
    const { total: working } = await tx.one(sql.type(sumRow)`
      SELECT coalesce(sum(quantity - filled_quantity), 0)::text AS total FROM orders
      WHERE strategy_id = ${strategyId} AND symbol = ${symbol} AND environment = ${environment} AND side = ${side}
        AND id <> ${order.orderId} AND ${isUnfinished()}`);
    const { total: held } = await tx.one(sql.type(sumRow)`
      SELECT coalesce(sum(quantity), 0)::text AS total FROM positions
      WHERE strategy_id = ${strategyId} AND symbol = ${symbol} AND environment = ${environment}
        AND side = ${side === 'SELL' ? 'LONG' : 'SHORT'}`);
    if (dec(working).plus(quantity).lte(held)) return null;
    const others = dec(working).gt('0') ? `, and orders at work reduce it by ${plainDecimal(working)}` : '';
    return `reduce-only ${plainDecimal(quantity)} ${base} is more than is held by hand (${plainDecimal(held)}${others})`;
  }
  if (side === 'BUY') return null;
  const { total: spare } = await tx.one(sql.type(sumRow)`
    SELECT (
      coalesce((SELECT free_balance FROM current_balances
        WHERE environment = ${environment} AND exchange = ${exchange} AND asset = ${base}), 0)
      - coalesce((SELECT sum(quantity) FROM positions
        WHERE environment = ${environment} AND coalesce(exchange, ${exchange}) = ${exchange} AND symbol = ${symbol} AND side = 'LONG'
          AND strategy_id <> ${strategyId}), 0)
      + coalesce((SELECT sum(reserved_amount) FROM orders
        WHERE environment = ${environment} AND exchange = ${exchange} AND symbol = ${symbol} AND strategy_id <> ${strategyId}
          AND reserved_asset = ${base}
          AND ${isUnfinished()}), 0)
      - coalesce((SELECT sum(quantity) FROM orders
        WHERE strategy_id = ${strategyId} AND symbol = ${symbol} AND environment = ${environment} AND side = 'SELL'
          AND status = 'pending' AND id <> ${order.orderId}), 0)
    )::text AS total`);
  return dec(quantity).lte(spare)
    ? null
    : `${plainDecimal(quantity)} ${base} is more than is free and no strategy's (${plainDecimal(spare)})`;
};

const objectionTo = async (
  tx: CommonQueryMethods,
  order: NewOrder,
  { onePosition }: { readonly onePosition: boolean },
): Promise<string | null> => {
  if (order.kind === 'manual') return await takesTooMuch(tx, order);
  return onePosition ? await repeats(tx, order) : null;
};

/**
 * Writes the intent before any effect: repeating it changes nothing. One by hand that would take what is not its own is
 * written `rejected`.
 * @param rule With `onePosition` an entry is written `rejected` where its strategy holds the symbol or has an order at
 * work, an exit where another exit is at work or less is held: decisions made before an earlier one was on record do not
 * add up.
 */
export const insertOrder = async (
  pool: DatabasePool,
  wanted: NewOrder,
  actor: string,
  rule: { readonly onePosition: boolean } = { onePosition: false },
): Promise<OrderRecord> =>
  await pool.transaction(async (tx) => {
    const objection = wanted.status === 'pending' ? await objectionTo(tx, wanted, rule) : null;
    const order: NewOrder =
      objection === null
        ? wanted
        : { ...wanted, status: 'rejected', metadata: { ...wanted.metadata, note: `POSITION: ${objection}` } };
    return await writeNewOrder(tx, order, actor);
  });
