import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import { type OpenPosition, type PositionFold, unrealizedPnl } from '../../domain/accounting/position-fold.ts';
import type { TradeFigures } from '../../domain/accounting/running-position.ts';
import { type Price, text, zero } from '../../domain/decimal.ts';
import { writeAudit } from './audit.ts';
import type { OrderRecord } from './orders.ts';
import { timestamp } from './pool.ts';
import { decimalText } from './rows.ts';
import type { StoredTrade } from './trades.ts';

/** A position as the audit keeps it. */
const heldRow = z.object({ side: z.string(), quantity: decimalText, entry_price: decimalText });
export type HeldRow = z.infer<typeof heldRow>;

const ofPosition = ({ strategyId, symbol, environment }: OrderRecord) =>
  sql.fragment`strategy_id = ${strategyId} AND symbol = ${symbol} AND environment = ${environment}`;

/** Locks the position that an order trades; null where nothing is held. */
export const lockPosition = async (tx: CommonQueryMethods, order: OrderRecord): Promise<HeldRow | null> =>
  await tx.maybeOne(
    sql.type(heldRow)`SELECT side, quantity, entry_price FROM positions WHERE ${ofPosition(order)} FOR UPDATE`,
  );

interface PositionChange {
  readonly held: HeldRow | null;
  readonly trades: readonly StoredTrade[];
  readonly before: PositionFold;
  readonly after: PositionFold;
  /** Price of the newest trade. */
  readonly mark: Price;
}

const auditOf = (order: OrderRecord) =>
  ({
    actor: 'applyExecutionReport',
    entityType: 'position',
    entityId: `${order.strategyId}/${order.symbol}/${order.environment}`,
  }) as const;

const upsert = async (
  tx: CommonQueryMethods,
  order: OrderRecord,
  position: OpenPosition,
  mark: Price,
): Promise<void> => {
  const { pnl, pct } = unrealizedPnl(position, mark);
  await tx.query(sql.unsafe`
    INSERT INTO positions (strategy_id, symbol, environment, exchange, strategy_version, side, quantity, entry_price,
                           entry_fill_price, current_price, unrealized_pnl, unrealized_pnl_pct, cost_basis_exact, collateral,
                           realized_pnl_exact, unrealized_pnl_exact, opened_at, updated_at)
    VALUES (${order.strategyId}, ${order.symbol}, ${order.environment}, ${order.exchange}, ${order.strategyVersion}, ${position.side},
            ${text(position.quantity)}::numeric, ${text(position.entryPrice)}::numeric, ${text(position.entryFillPrice)}::numeric,
            ${text(mark)}::numeric, ${text(pnl)}::numeric, ${text(pct)}::numeric, ${text(position.costBasis)}::numeric,
            ${text(position.collateral)}::numeric, ${text(position.realizedPnl)}::numeric, ${text(pnl)}::numeric,
            ${timestamp(position.openedAt)}, now())
    ON CONFLICT (strategy_id, symbol, environment) DO UPDATE SET
      exchange = EXCLUDED.exchange, side = EXCLUDED.side, quantity = EXCLUDED.quantity, entry_price = EXCLUDED.entry_price,
      entry_fill_price = EXCLUDED.entry_fill_price, current_price = EXCLUDED.current_price, unrealized_pnl = EXCLUDED.unrealized_pnl,
      unrealized_pnl_pct = EXCLUDED.unrealized_pnl_pct, cost_basis_exact = EXCLUDED.cost_basis_exact, collateral = EXCLUDED.collateral,
      realized_pnl_exact = EXCLUDED.realized_pnl_exact, unrealized_pnl_exact = EXCLUDED.unrealized_pnl_exact,
      opened_at = EXCLUDED.opened_at, updated_at = now()`);
};

/** Trades of which the dust that they left is now another, with what it was. */
const changesOfDust = ({ trades, before, after }: PositionChange) =>
  trades.flatMap((trade) => {
    const was = before.figures.get(trade.tradeId)?.dust ?? zero;
    const dust = after.figures.get(trade.tradeId)?.dust ?? zero;
    return was.eq(dust) ? [] : [{ trade, was, dust }];
  });

const closingFacts = (fold: PositionFold, order: OrderRecord) => ({
  realized_pnl: text(fold.lastClosedPnl ?? zero),
  order: order.orderId,
});

/** One audit row for each remainder that is written off, or is not any more because of a late trade. */
const auditDust = async (
  tx: CommonQueryMethods,
  order: OrderRecord,
  change: PositionChange,
  closing: { readonly tradeId: string } | null,
): Promise<void> => {
  const facts = (trade: StoredTrade, quantity: TradeFigures['dust']) => ({
    quantity: text(quantity),
    value: text(quantity.times(trade.price)),
    asset: order.metadata.base,
    trade: trade.tradeId,
  });
  for (const { trade, was, dust } of changesOfDust(change)) {
    const closes = closing?.tradeId === trade.tradeId && change.held !== null;
    await writeAudit(tx, {
      ...auditOf(order),
      action: dust.eq(zero) ? 'withdraw_dust' : 'close_position_as_dust',
      old: was.eq(zero) ? (closes ? change.held : null) : facts(trade, was),
      new: dust.eq(zero)
        ? { order: order.orderId }
        : { ...facts(trade, dust), ...(closes ? closingFacts(change.after, order) : { order: order.orderId }) },
    });
  }
};

/** Whether two folds hold the same. */
const isSame = (a: OpenPosition | null, b: OpenPosition | null): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Writes what is held after a report, or removes the row where nothing is, with one audit row for each change. */
export const writePosition = async (
  tx: CommonQueryMethods,
  order: OrderRecord,
  change: PositionChange,
): Promise<void> => {
  const { held, before, after, mark, trades } = change;
  const { position } = after;
  const last = trades.at(-1);
  const leavesDust = last !== undefined && (after.figures.get(last.tradeId)?.dust ?? zero).gt(zero);
  const closes = position === null && held !== null;
  await auditDust(tx, order, change, closes && leavesDust ? last : null);
  if (!position) {
    if (!closes) return;
    await tx.query(sql.unsafe`DELETE FROM positions WHERE ${ofPosition(order)}`);
    if (leavesDust) return;
    await writeAudit(tx, {
      ...auditOf(order),
      action: 'close_position',
      old: held,
      new: closingFacts(after, order),
    });
    return;
  }
  if (held && isSame(before.position, position)) return;
  await upsert(tx, order, position, mark);
  await writeAudit(tx, {
    ...auditOf(order),
    action: held ? 'change_position' : 'open_position',
    old: held,
    new: {
      side: position.side,
      quantity: text(position.quantity),
      entry_price: text(position.entryPrice),
      order: order.orderId,
    },
  });
};
