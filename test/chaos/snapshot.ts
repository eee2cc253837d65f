import { sql } from 'slonik';
import { z } from 'zod';
import { type Decimal, dec, text, zero } from '../../src/domain/decimal.ts';
import { plainDecimal } from '../../src/adapters/postgres/rows.ts';
import type { VenueLedger } from './simulator-admin.ts';
import { type Stage, account } from './stage.ts';

/** Balances at one moment, ours and the venue's. */
export interface Money {
  readonly ours: ReadonlyMap<string, { readonly free: Decimal; readonly locked: Decimal }>;
  readonly venue: VenueLedger['balances'];
  /** The venue's order ids up to here were given before. */
  readonly lastOrderId: number;
}

export const moneyOf = async (stage: Stage): Promise<Money> => {
  const { balances, orders } = await stage.ledger();
  return {
    ours: await stage.store.balances.read(account),
    venue: balances,
    lastOrderId: Math.max(0, ...orders.map((order) => order.orderId)),
  };
};

const json = z.object({ row: z.record(z.string(), z.unknown()) });
type Row = Readonly<Record<string, unknown>>;

/** NUMERICs without trailing zeros, everything else as it is. */
const plain = (row: Row): Row =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === 'string' && /^-?\d+\.\d+$/.test(value) ? plainDecimal(value) : value,
    ]),
  );

const rowsOf = async (stage: Stage, query: ReturnType<typeof sql.fragment>): Promise<readonly Row[]> => {
  const rows = await stage.pool.any(sql.type(json)`SELECT row_to_json(r) AS row FROM (${query}) r`);
  return rows.map(({ row }) => plain(row));
};

const movedBy = (before: { free: Decimal; locked: Decimal }, after: { free: Decimal; locked: Decimal }): string =>
  `free ${text(after.free.minus(before.free))}, locked ${text(after.locked.minus(before.locked))}`;

const nothing = { free: zero, locked: zero };

/** Where a run has ended, without ids and times: what two runs of a scenario must have in common. */
export interface EndState {
  readonly orders: readonly Row[];
  readonly trades: readonly Row[];
  readonly positions: readonly Row[];
  readonly audit: readonly Row[];
  readonly alerts: readonly Row[];
  readonly balances: Readonly<Record<string, string>>;
  readonly venueOrders: readonly Row[];
  readonly venueBalances: Readonly<Record<string, string>>;
}

/**
 * Reads what has become of a strategy's orders since `before`, in our books and in the venue's. Orders have numbers by
 * age in place of ids. Audit rows that change neither status nor fills are left out: whether a guard asks for the cancel of a leg
 * that has just filled is a matter of milliseconds.
 */
export const endState = async (stage: Stage, strategyId: string, before: Money): Promise<EndState> => {
  const ofStrategy = sql.fragment`o.strategy_id = ${strategyId}`;
  const numbered = sql.fragment`
    (SELECT o.*, row_number() OVER (ORDER BY o.created_at, o.order_type, o.client_order_id) AS number FROM orders o WHERE ${ofStrategy}) o`;
  const clientIds = await stage.pool.any(
    sql.type(
      z.object({ client_order_id: z.string(), number: z.number() }),
    )`SELECT client_order_id, number FROM ${numbered}`,
  );
  const numberOf = new Map(clientIds.map((row) => [row.client_order_id, row.number]));
  const ledger = await stage.ledger();
  const after = await stage.store.balances.read(account);
  return {
    orders: await rowsOf(
      stage,
      sql.fragment`SELECT number, intent, side, order_type, status, quantity::text, price::text, stop_price::text, filled_quantity::text,
        average_fill_price::text, commission::text, commission_asset, exchange_order_id IS NOT NULL AS has_venue_id,
        reserved_asset, reserved_amount::text, reduce_only, time_in_force, filled_at IS NOT NULL AS has_filled_at
        FROM ${numbered} ORDER BY number`,
    ),
    trades: await rowsOf(
      stage,
      sql.fragment`SELECT o.number, t.side, t.quantity::text, t.price::text, t.commission::text, t.commission_asset,
        t.realized_pnl_exact::text AS realized FROM trades t JOIN ${numbered} ON o.id = t.order_id
        ORDER BY t.exchange_trade_id::int`,
    ),
    positions: await rowsOf(
      stage,
      sql.fragment`SELECT symbol, side, quantity::text, entry_price::text, cost_basis_exact::text, realized_pnl_exact::text
        FROM positions o WHERE ${ofStrategy} ORDER BY symbol`,
    ),
    audit: await rowsOf(
      stage,
      sql.fragment`SELECT o.number, a.action, a.old_value ->> 'status' AS old, a.old_value ->> 'filled' AS old_filled,
        a.new_value ->> 'status' AS new, a.new_value ->> 'filled' AS new_filled
        FROM audit_logs a JOIN ${numbered} ON o.id::text = a.entity_id
        WHERE a.entity_type = 'order' AND (a.old_value ->> 'status', a.old_value ->> 'filled')
          IS DISTINCT FROM (a.new_value ->> 'status', a.new_value ->> 'filled')
        ORDER BY o.number, a.id`,
    ),
    alerts: await rowsOf(
      stage,
      sql.fragment`SELECT o.number, a.alert_type AS type, a.severity FROM alerts a JOIN ${numbered} ON o.id::text = a.entity_id
        ORDER BY o.number, a.alert_type`,
    ),
    balances: Object.fromEntries(
      [...after].map(([asset, balance]) => [asset, movedBy(before.ours.get(asset) ?? nothing, balance)]),
    ),
    venueOrders: ledger.orders
      .filter((order) => order.orderId > before.lastOrderId)
      .map((order) => ({
        number: numberOf.get(order.clientOrderId) ?? 'not ours',
        accepted: ledger.accepted[order.clientOrderId] ?? 0,
        type: order.type,
        side: order.side,
        status: order.status,
        executed: order.executedQuantity,
        trades: order.trades.map(({ quantity, price, commission }) => `${quantity} @ ${price} fee ${commission}`),
      })),
    venueBalances: Object.fromEntries(
      Object.entries(ledger.balances).map(([asset, { free, locked }]) => {
        const was = before.venue[asset] ?? { free: '0', locked: '0' };
        return [
          asset,
          movedBy({ free: dec(was.free), locked: dec(was.locked) }, { free: dec(free), locked: dec(locked) }),
        ];
      }),
    ),
  };
};

/** What differs between two end states, a line each; nothing where they are the same. */
export const differences = (expected: EndState, found: EndState): readonly string[] =>
  (Object.keys(expected) as (keyof EndState)[]).flatMap((part) => {
    const [want, have] = [JSON.stringify(expected[part]), JSON.stringify(found[part])];
    return want === have ? [] : [`${part}: expected ${want}, found ${have}`];
  });
