import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { readBalances } from '../../src/adapters/postgres/balances.ts';
import { checkBooks } from '../../src/adapters/postgres/books-check.ts';
import { type OrderStatus, isTerminal, orderStatuses } from '../../src/domain/orders/order.ts';
import { dec, sum, text, zero } from '../../src/domain/decimal.ts';
import { type ChaosPlan, hashOf } from './chaos-plan.ts';
import type { VenueLedger } from './simulator-admin.ts';
import { account } from './stage.ts';

/** What a run did and what was found wrong after it. */
export interface ChaosReport {
  readonly seed: number;
  readonly planHash: string;
  readonly orders: number;
  readonly accepted: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
  readonly kills: Readonly<Record<string, number>>;
  /** Last words of workers that ended by themselves. */
  readonly endedByThemselves: readonly string[];
  readonly alerts: Readonly<Record<string, number>>;
  readonly violations: readonly string[];
  readonly ms: number;
}

const orderRow = z.object({
  id: z.string(),
  client_order_id: z.string(),
  exchange_order_id: z.string().nullable(),
  status: z.enum(orderStatuses),
  intent: z.string(),
  fills: z.array(z.string()),
  filled_quantity: z.string(),
  alerts: z.number(),
});
type Row = z.infer<typeof orderRow>;
type VenueOrder = VenueLedger['orders'][number];

const venueStatus: Partial<Record<OrderStatus, readonly string[]>> = {
  open: ['NEW'],
  partially_filled: ['PARTIALLY_FILLED'],
  filled: ['FILLED'],
  cancelled: ['CANCELED'],
  expired: ['EXPIRED'],
  rejected: ['REJECTED'],
};

const fillsOf = (order: VenueOrder): readonly string[] =>
  order.trades
    .map(({ tradeId, quantity, price }) => `${tradeId} ${text(dec(quantity))} @ ${text(dec(price))}`)
    .sort((a, b) => (a < b ? -1 : 1));

/** One of our rows against what the venue has under its client id. */
const rowProblems = (row: Row, order: VenueOrder | undefined): readonly string[] => {
  const name = `order ${row.id} (${row.status})`;
  const rests = row.intent === 'protection' && (row.status === 'open' || row.status === 'partially_filled');
  if (!isTerminal(row.status) && row.status !== 'unknown' && !rests) return [`${name} has not come to an end`];
  if (row.status === 'unknown' && row.alerts === 0) return [`${name} told nobody`];
  if (!order) {
    const never: readonly OrderStatus[] = ['rejected', 'cancelled', 'unknown'];
    return never.includes(row.status) && dec(row.filled_quantity).eq(zero)
      ? []
      : [`${name}: the venue has no such order`];
  }
  const [ours, theirs] = [row.fills.join(', '), fillsOf(order).join(', ')];
  const expected = venueStatus[row.status];
  return [
    ...(ours === theirs ? [] : [`${name}: fills ${ours || 'none'}, the venue's are ${theirs || 'none'}`]),
    ...(dec(row.filled_quantity).eq(order.executedQuantity)
      ? []
      : [`${name}: ${row.filled_quantity} filled, ${order.executedQuantity} at the venue`]),
    ...(expected?.includes(order.status) ? [] : [`${name}: the venue says ${order.status}`]),
    ...(row.exchange_order_id === String(order.orderId)
      ? []
      : [`${name}: kept venue id ${row.exchange_order_id}, it is ${order.orderId}`]),
  ];
};

const ledgerProblems = async (pool: DatabasePool, plan: ChaosPlan, ledger: VenueLedger): Promise<readonly string[]> => {
  const rows = await pool.any(sql.type(orderRow)`
    SELECT o.id, o.client_order_id, o.exchange_order_id, o.status, o.intent, o.filled_quantity::text,
           coalesce((SELECT array_agg(t.exchange_trade_id || ' ' || trim_scale(t.quantity) || ' @ ' || trim_scale(t.price)
                     ORDER BY (t.exchange_trade_id || ' ' || trim_scale(t.quantity) || ' @ ' || trim_scale(t.price)) COLLATE "C")
                     FROM trades t WHERE t.order_id = o.id), '{}') AS fills,
           (SELECT count(*)::int FROM alerts a WHERE a.entity_id = o.id::text AND a.severity = 'critical') AS alerts
    FROM orders o`);
  const ours = await readBalances(pool, account);
  const known = new Map(rows.map((row) => [row.client_order_id, row]));
  const written = new Set(rows.map((row) => row.id));
  return [
    ...plan.orderIds.flatMap((id) => (written.has(id) ? [] : [`order ${id} was asked for and has no row`])),
    ...Object.entries(ledger.accepted).flatMap(([id, times]) =>
      times === 1 ? [] : [`${id} was taken ${times} times`],
    ),
    ...ledger.orders.flatMap(({ clientOrderId }) =>
      known.has(clientOrderId) ? [] : [`the venue has order ${clientOrderId} that is not ours`],
    ),
    ...rows.flatMap((row) =>
      rowProblems(
        row,
        ledger.orders.find((order) => order.clientOrderId === row.client_order_id),
      ),
    ),
    ...Object.entries(ledger.balances).flatMap(([asset, { free, locked }]) => {
      const balance = ours.get(asset) ?? { free: zero, locked: zero };
      const [held, total] = [sum([balance.free, balance.locked]), sum([dec(free), dec(locked)])];
      return held.eq(total) ? [] : [`${asset}: the books hold ${text(held)}, the venue ${text(total)}`];
    }),
  ];
};

const countsOf = (names: readonly string[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};

/** Reads the books and the venue's ledger after a run and says all that does not hold. */
export const reportOf = async (run: {
  readonly pool: DatabasePool;
  readonly plan: ChaosPlan;
  readonly ledger: VenueLedger;
  readonly ending: 'settled' | 'stuck';
  readonly faults: ReadonlyMap<string, number>;
  readonly kills: ReadonlyMap<string, number>;
  readonly endedByThemselves: readonly string[];
  readonly ms: number;
}): Promise<ChaosReport> => {
  const { pool, plan, ledger } = run;
  const statuses = await pool.anyFirst(sql.type(z.object({ status: z.string() }))`
    SELECT CASE WHEN intent = 'protection' THEN 'protection ' || status WHEN status = 'rejected' THEN status || ' (' || left(split_part(metadata ->> 'note', ':', 1), 40) || ')'
           ELSE status END AS status FROM orders ORDER BY 1`);
  const raised = await pool.anyFirst(
    sql.type(z.object({ alert_type: z.string() }))`SELECT alert_type FROM alerts ORDER BY 1`,
  );
  const violations = await checkBooks(pool);
  return {
    seed: plan.seed,
    planHash: hashOf(plan),
    orders: plan.orderIds.length,
    accepted: Object.keys(ledger.accepted).length,
    byStatus: countsOf(statuses),
    alerts: countsOf(raised),
    faults: Object.fromEntries(run.faults),
    kills: Object.fromEntries(run.kills),
    endedByThemselves: run.endedByThemselves,
    violations: [
      ...(run.ending === 'settled' ? [] : ['the run did not settle']),
      ...violations.map(({ rule, entity, found, expected }) => `${rule} ${entity}: ${found}, expected ${expected}`),
      ...(await ledgerProblems(pool, plan, ledger)),
    ],
    ms: run.ms,
  };
};
