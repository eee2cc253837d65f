import { randomUUID } from 'node:crypto';
import { type DatabasePool, sql } from 'slonik';
import type { NewOrder } from '../../src/adapters/postgres/orders.ts';
import { submitProtection } from '../../src/adapters/postgres/protection.ts';
import type { VenueOrderReport } from '../../src/contracts/venue.ts';
import { dec, sum, text } from '../../src/domain/decimal.ts';
import type { Environment, Fill, OrderSide } from '../../src/domain/orders/order.ts';
import { type TradingDatabase, newOrder } from './trading.ts';

/** One order as its venue knows it: what it traded, and how it ended, or that it still works. Decimal text. */
export interface VenueTruth {
  /** Which of the account's strategies. */
  readonly strategy: number;
  readonly side: OrderSide;
  readonly quantity: string;
  readonly reduceOnly: boolean;
  readonly minNotional: string;
  readonly reserve: { readonly asset: string; readonly amount: string };
  readonly fills: readonly Fill[];
  readonly end: 'filled' | 'cancelled' | 'expired' | 'working';
  /** Whether one report says all of it; else each fill is told of alone and the end before them. */
  readonly tellsAll: boolean;
  /** Sold by the second order of a pair; the first reserves for both and expires. */
  readonly isPair: boolean;
}

export interface PlayedOrder {
  readonly order: NewOrder;
  readonly fills: readonly Fill[];
  readonly end: VenueTruth['end'];
  readonly tellsAll: boolean;
}

/** An account and a market of their own, so that many histories fit one database without meeting. */
export interface Stage {
  readonly environment: Environment;
  readonly exchange: string;
  readonly symbol: string;
}

const filledBy = (fills: readonly Fill[]): string => text(sum(fills.map((fill) => dec(fill.quantity))));

/**
 * What a venue may say of one order, in the order of what happened: it runs ahead of its fills, tells of them one by one,
 * ends before it has told of them, and mostly says all of it.
 */
export const reportsOf = ({ order, fills, end, tellsAll }: PlayedOrder): readonly VenueOrderReport[] => {
  const working = fills.length > 0 ? 'partially_filled' : 'open';
  const last = end === 'working' ? working : end;
  const report = (
    status: VenueOrderReport['status'],
    known: readonly Fill[],
    filledQuantity = filledBy(known),
  ): VenueOrderReport => ({
    clientOrderId: order.clientOrderId,
    exchangeOrderId: `venue-${order.clientOrderId}`,
    status,
    filledQuantity,
    fills: known,
    reportedAt: 0,
  });
  const total = filledBy(fills);
  return [
    report('open', []),
    report(working, [], total),
    ...fills.map((fill, index) => report('partially_filled', [fill], filledBy(fills.slice(0, index + 1)))),
    report(last, fills.slice(0, Math.ceil(fills.length / 2)), total),
    report(last, [], total),
    ...(tellsAll ? [report(last, fills.toReversed())] : []),
  ];
};

/** Opens the account and brings the orders to where their venue has them: written, reserved, `submitting`. */
export const submitAll = async (
  { store, pool }: TradingDatabase,
  stage: Stage,
  strategies: readonly string[],
  truths: readonly VenueTruth[],
): Promise<readonly PlayedOrder[]> => {
  const opening = { USDT: '10000000', BTC: '1000', BNB: '1000' };
  await store.balances.open({ environment: stage.environment, exchange: stage.exchange }, opening, 0);
  const played: PlayedOrder[] = [];
  for (const { strategy, side, quantity, reduceOnly, minNotional, reserve, fills, end, isPair, tellsAll } of truths) {
    const orderListId = isPair ? randomUUID() : null;
    const rowOf = (kind: NewOrder['kind']): NewOrder => {
      const order = newOrder(strategies[strategy]!, { ...stage, side, quantity, reduceOnly, kind, orderListId });
      return { ...order, metadata: { ...order.metadata, minNotional, borrowPct: '0.4' } };
    };
    const order = rowOf(isPair ? 'protection' : reduceOnly ? 'exit' : 'entry');
    await store.orders.insert(order, 'test');
    if (isPair) {
      const stop = rowOf('protection');
      await store.orders.insert(stop, 'test');
      await submitProtection(pool, { orderIds: [stop.orderId, order.orderId], sentAt: 0, actor: 'test' });
      played.push({ order: stop, fills: [], end: 'expired', tellsAll: true });
    } else {
      const { asset: reserveAsset, amount: reserveAmount } = reserve;
      await store.orders.markSubmitting({
        orderId: order.orderId,
        sentAt: 0,
        reserveAsset,
        reserveAmount,
        actor: 'test',
      });
    }
    played.push({ order, fills, end, tellsAll });
  }
  return played;
};

const rowsOf = async (pool: DatabasePool, query: ReturnType<typeof sql.fragment>): Promise<readonly unknown[]> => {
  const { rows } = await pool.query(sql.unsafe`SELECT to_jsonb(r) AS row FROM (${query}) r`);
  return rows.map((row) => (row as { row: unknown }).row);
};

/** All that accounting wrote on a stage, orders by their place in the play: ids, names and clock times left out. */
export const booksOf = async (pool: DatabasePool, stage: Stage, played: readonly PlayedOrder[]) => {
  const ids = sql.array(
    played.map(({ order }) => order.orderId),
    'uuid',
  );
  const place = sql.fragment`array_position(${ids}, o.id)`;
  return {
    orders: await rowsOf(
      pool,
      sql.fragment`SELECT ${place} AS place, status, filled_quantity, average_fill_price, commission, commission_asset,
        exchange_order_id IS NOT NULL AS has_venue_id, reserved_asset, reserved_amount, filled_at,
        metadata -> 'commissions' AS commissions, metadata -> 'ending' AS ending
        FROM orders o WHERE exchange = ${stage.exchange} ORDER BY 1`,
    ),
    trades: await rowsOf(
      pool,
      sql.fragment`SELECT ${place} AS place, t.exchange_trade_id, t.side, t.quantity, t.price, t.commission, t.commission_asset,
        t.executed_at, t.realized_pnl, t.realized_pnl_exact, t.borrow_cost, t.dust_quantity, t.is_flat
        FROM trades t JOIN orders o ON o.id = t.order_id WHERE t.exchange = ${stage.exchange} ORDER BY t.exchange_trade_id`,
    ),
    positions: await rowsOf(
      pool,
      sql.fragment`SELECT strategy_id, side, quantity, entry_price, entry_fill_price, current_price, unrealized_pnl,
        unrealized_pnl_pct, cost_basis_exact, realized_pnl_exact, unrealized_pnl_exact, collateral, opened_at
        FROM positions WHERE symbol = ${stage.symbol} ORDER BY strategy_id`,
    ),
    balances: await rowsOf(
      pool,
      sql.fragment`SELECT asset, free_balance, locked_balance, total_balance
        FROM current_balances WHERE exchange = ${stage.exchange} ORDER BY asset`,
    ),
  };
};
