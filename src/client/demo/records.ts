import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import { type Environment, type OrderStatus, orderStatuses } from '../../domain/orders/order.ts';
import type { RecordedOrder } from './ledger-audit.ts';

const statusRow = z.object({ id: z.string(), status: z.enum(orderStatuses) });

/** Statuses of those of the orders that have a row. */
export const orderStatusesOf = async (
  db: CommonQueryMethods,
  orderIds: readonly string[],
): Promise<ReadonlyMap<string, OrderStatus>> => {
  const rows = await db.any(sql.type(statusRow)`
    SELECT id, status FROM orders WHERE id = ANY(${sql.array([...orderIds], 'uuid')})`);
  return new Map(rows.map((row) => [row.id, row.status]));
};

/** The id under which an order goes to the venue; null before it has a row. */
export const clientOrderIdOf = (db: CommonQueryMethods, orderId: string): Promise<string | null> =>
  db.maybeOneFirst(sql.type(z.object({ client_order_id: z.string() }))`
    SELECT client_order_id FROM orders WHERE id = ${orderId}`);

/** How many positions are open. */
export const openPositions = (db: CommonQueryMethods, environment: Environment): Promise<number> =>
  db.oneFirst(sql.type(z.object({ count: z.number() }))`
    SELECT count(*)::int AS count FROM positions WHERE environment = ${environment}`);

const recordedRow = z.object({
  client_order_id: z.string(),
  trade_ids: z.array(z.string()),
});

/** Our live orders at a venue, with the venue's trade ids of their trade rows. */
export const recordedOrders = async (db: CommonQueryMethods, exchange: string): Promise<readonly RecordedOrder[]> => {
  const rows = await db.any(sql.type(recordedRow)`
    SELECT o.client_order_id,
           coalesce(array_agg(t.exchange_trade_id ORDER BY t.id) FILTER (WHERE t.id IS NOT NULL), '{}') AS trade_ids
    FROM orders o LEFT JOIN trades t ON t.order_id = o.id
    WHERE o.environment = 'live' AND o.exchange = ${exchange}
    GROUP BY o.id, o.client_order_id ORDER BY o.created_at`);
  return rows.map((row) => ({ clientOrderId: row.client_order_id, tradeIds: row.trade_ids }));
};

const environmentRow = z.object({
  environment: z.enum(['paper', 'live']),
  orders: z.number(),
  filled: z.number(),
  trades: z.number(),
  realized_pnl: z.string(),
});

/** Orders, fills and realised P&L of one environment. P&L is decimal text in quote currency, fees included. */
export interface EnvironmentRecord {
  readonly orders: number;
  readonly filled: number;
  readonly trades: number;
  readonly realizedPnl: string;
}

const emptyRecord: EnvironmentRecord = { orders: 0, filled: 0, trades: 0, realizedPnl: '0' };

const environmentRecords = async (
  db: CommonQueryMethods,
): Promise<Readonly<Record<'paper' | 'live', EnvironmentRecord>>> => {
  const rows = await db.any(sql.type(environmentRow)`
    SELECT o.environment, count(*) AS orders, count(*) FILTER (WHERE o.status = 'filled') AS filled,
           coalesce(sum(t.trades), 0)::int8 AS trades, coalesce(sum(t.pnl), 0) AS realized_pnl
    FROM orders o
    LEFT JOIN (SELECT order_id, count(*) AS trades, sum(coalesce(realized_pnl_exact, realized_pnl)) AS pnl
               FROM trades GROUP BY order_id) t ON t.order_id = o.id
    GROUP BY o.environment`);
  const of = (environment: 'paper' | 'live'): EnvironmentRecord => {
    const row = rows.find((each) => each.environment === environment);
    if (row === undefined) return emptyRecord;
    return { orders: row.orders, filled: row.filled, trades: row.trades, realizedPnl: row.realized_pnl };
  };
  return { paper: of('paper'), live: of('live') };
};

const countsRow = z.object({ positions: z.number(), alerts: z.number(), audit_rows: z.number() });
const alertRow = z.object({ alert_type: z.string(), severity: z.string(), number: z.number(), last: z.string() });

/** What the database holds at the end. */
export interface DemoRecords {
  readonly environments: Readonly<Record<'paper' | 'live', EnvironmentRecord>>;
  readonly counts: z.infer<typeof countsRow>;
  readonly alerts: readonly z.infer<typeof alertRow>[];
}

export const readRecords = async (db: CommonQueryMethods): Promise<DemoRecords> => ({
  environments: await environmentRecords(db),
  counts: await db.one(sql.type(countsRow)`
    SELECT (SELECT count(*) FROM positions) AS positions, (SELECT count(*) FROM alerts) AS alerts,
           (SELECT count(*) FROM audit_logs) AS audit_rows`),
  alerts: await db.any(sql.type(alertRow)`
    SELECT alert_type, severity, count(*) AS number, (array_agg(title ORDER BY created_at DESC, id))[1] AS last
    FROM alerts GROUP BY alert_type, severity ORDER BY min(created_at), alert_type`),
});
