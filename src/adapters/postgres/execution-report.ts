import { type CommonQueryMethods, type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import type { VenueOrderReport } from '../../contracts/venue.ts';
import { type Balance, receive, release, spend } from '../../domain/accounting/balance.ts';
import { type OrderFold, foldOrder } from '../../domain/accounting/order-fold.ts';
import { type PositionFold, cashFlowsOf, foldPosition, unrealizedPnl } from '../../domain/accounting/position-fold.ts';
import { type Trade, inExecutionOrder } from '../../domain/accounting/trade.ts';
import { type Decimal, dec, text, zero } from '../../domain/decimal.ts';
import { DomainError } from '../../domain/errors.ts';
import { type OrderStatus, canMove, isTerminal } from '../../domain/orders/order.ts';
import { raiseAlert } from './alerts.ts';
import { writeAudit } from './audit.ts';
import { type Account, balanceOf, lockBalances, writeBalance } from './balances.ts';
import { type OrderRecord, loadOrder, lockOrder, moveOrder } from './orders.ts';
import { timestamp } from './pool.ts';
import { decimalText } from './rows.ts';

/** A counted trade with the P&L that its row has now. */
type StoredTrade = Trade & { readonly orderId: string; readonly realized: Decimal | null };

const tradeRow = z
  .object({
    order_id: z.string(),
    exchange_trade_id: z.string(),
    side: z.enum(['BUY', 'SELL']),
    quantity: z.string(),
    price: z.string(),
    commission: z.string().nullable(),
    commission_asset: z.string().nullable(),
    executed_at: z.number(),
    realized_pnl_exact: z.string().nullable(),
  })
  .transform((row): StoredTrade => ({
    orderId: row.order_id,
    realized: row.realized_pnl_exact === null ? null : dec(row.realized_pnl_exact),
    tradeId: row.exchange_trade_id,
    side: row.side,
    quantity: dec(row.quantity),
    price: dec(row.price),
    commission: dec(row.commission ?? '0'),
    commissionAsset: row.commission_asset ?? '',
    executedAt: row.executed_at,
  }));

/** Stores the fills that are not there yet; one that is known costs no id. */
const insertTrades = async (
  tx: CommonQueryMethods,
  order: OrderRecord,
  report: VenueOrderReport,
): Promise<Set<string>> => {
  const inserted = new Set<string>();
  for (const fill of report.fills) {
    const { rowCount } = await tx.query(sql.unsafe`
      INSERT INTO trades (order_id, strategy_id, symbol, side, quantity, price, commission, commission_asset, environment,
                          exchange, exchange_trade_id, executed_at)
      SELECT ${order.orderId}, ${order.strategyId}, ${order.symbol}, ${order.side}, ${fill.quantity}::numeric,
             ${fill.price}::numeric, ${fill.commission}::numeric, ${fill.commissionAsset}, ${order.environment},
             ${order.exchange}, ${fill.tradeId}, ${timestamp(fill.executedAt)}
      WHERE NOT EXISTS (
        SELECT 1 FROM trades WHERE exchange = ${order.exchange} AND symbol = ${order.symbol}
          AND exchange_trade_id = ${fill.tradeId} AND environment = ${order.environment})
      ON CONFLICT DO NOTHING`);
    if (rowCount > 0) inserted.add(fill.tradeId);
  }
  return inserted;
};

const tradesOfPosition = async (tx: CommonQueryMethods, order: OrderRecord): Promise<readonly StoredTrade[]> =>
  await tx.any(sql.type(tradeRow)`
    SELECT order_id, exchange_trade_id, side, quantity, price, commission, commission_asset, executed_at, realized_pnl_exact
    FROM trades
    WHERE strategy_id = ${order.strategyId} AND symbol = ${order.symbol} AND environment = ${order.environment}
      AND exchange_trade_id IS NOT NULL
    ORDER BY executed_at`);

/** FILLED may arrive before its trades: the order is complete only when they add up. Terminal stays terminal. */
const statusAfter = (order: OrderRecord, report: VenueOrderReport, fold: OrderFold): OrderStatus => {
  if (isTerminal(order.status)) return order.status;
  const complete = fold.filledQuantity.gte(order.quantity);
  const waitsForTrades = fold.filledQuantity.lt(report.filledQuantity);
  const said: OrderStatus = complete
    ? 'filled'
    : report.status === 'filled' || waitsForTrades
      ? fold.filledQuantity.gt(zero)
        ? 'partially_filled'
        : 'open'
      : report.status === 'open' && fold.filledQuantity.gt(zero)
        ? 'partially_filled'
        : report.status;
  return canMove(order.status, said) ? said : order.status;
};

interface Settlement {
  readonly balances: Map<string, Balance>;
  readonly reserved: Decimal;
}

const overdrawn = (order: OrderRecord, asset: string): DomainError =>
  new DomainError(
    'InsufficientFunds',
    `a fill of order ${order.orderId} costs more ${asset} than the books hold on ${order.exchange}`,
    {
      next: 'the books and the venue disagree: compare the balances with the venue and record the missing deposit',
    },
  );

const take = (settled: Settlement, order: OrderRecord, asset: string, amount: Decimal): Settlement => {
  const reserved = asset === order.reservedAsset ? settled.reserved : zero;
  const spent = spend(balanceOf(settled.balances, asset), amount, reserved);
  if (!spent) throw overdrawn(order, asset);
  return {
    balances: new Map(settled.balances).set(asset, spent.balance),
    reserved: asset === order.reservedAsset ? spent.reserved : settled.reserved,
  };
};

/** Moves the money of new trades: first what they bring, then what they cost, fees in any asset included. */
const settleTrades = (start: Settlement, order: OrderRecord, trades: readonly Trade[]): Settlement => {
  const { base, quote } = order.metadata;
  let settled = start;
  for (const trade of trades) {
    const flow = cashFlowsOf(trade, { base, quote });
    const moves: [string, Decimal][] = [
      [base, flow.base],
      [quote, flow.quote],
    ];
    if (trade.commissionAsset !== base && trade.commissionAsset !== quote && trade.commission.gt(zero)) {
      moves.push([trade.commissionAsset, trade.commission.neg()]);
    }
    for (const [asset, amount] of moves.sort((a, b) => b[1].cmp(a[1]))) {
      settled = amount.lt(zero)
        ? take(settled, order, asset, amount.neg())
        : {
            ...settled,
            balances: new Map(settled.balances).set(asset, receive(balanceOf(settled.balances, asset), amount)),
          };
    }
  }
  return settled;
};

/** A position as the audit keeps it. */
const heldRow = z.object({ side: z.string(), quantity: decimalText, entry_price: decimalText });

const writePosition = async (
  tx: CommonQueryMethods,
  order: OrderRecord,
  fold: PositionFold,
  before: z.infer<typeof heldRow> | null,
  mark: Decimal,
): Promise<void> => {
  const where = sql.fragment`strategy_id = ${order.strategyId} AND symbol = ${order.symbol} AND environment = ${order.environment}`;
  const entityId = `${order.strategyId}/${order.symbol}/${order.environment}`;
  const audit = { actor: 'applyExecutionReport', entityType: 'position', entityId } as const;
  if (!fold.position) {
    if (!before) return;
    await tx.query(sql.unsafe`DELETE FROM positions WHERE ${where}`);
    await writeAudit(tx, {
      ...audit,
      action: 'close_position',
      old: before,
      new: { realized_pnl: text(fold.realizedPnl), dust_written_off: text(fold.dustWrittenOff), order: order.orderId },
    });
    return;
  }
  const { position } = fold;
  const { pnl, pct } = unrealizedPnl(position, mark);
  await tx.query(sql.unsafe`
    INSERT INTO positions (strategy_id, symbol, environment, exchange, strategy_version, side, quantity, entry_price, current_price,
                           unrealized_pnl, unrealized_pnl_pct, cost_basis_exact, realized_pnl_exact, unrealized_pnl_exact, opened_at, updated_at)
    VALUES (${order.strategyId}, ${order.symbol}, ${order.environment}, ${order.exchange}, ${order.strategyVersion}, ${position.side},
            ${text(position.quantity)}::numeric, ${text(position.entryPrice)}::numeric, ${text(mark)}::numeric,
            ${text(pnl)}::numeric, ${text(pct)}::numeric, ${text(position.costBasis)}::numeric, ${text(fold.realizedPnl)}::numeric,
            ${text(pnl)}::numeric, ${timestamp(position.openedAt)}, now())
    ON CONFLICT (strategy_id, symbol, environment) DO UPDATE SET
      exchange = EXCLUDED.exchange, side = EXCLUDED.side, quantity = EXCLUDED.quantity, entry_price = EXCLUDED.entry_price,
      current_price = EXCLUDED.current_price, unrealized_pnl = EXCLUDED.unrealized_pnl, unrealized_pnl_pct = EXCLUDED.unrealized_pnl_pct,
      cost_basis_exact = EXCLUDED.cost_basis_exact, realized_pnl_exact = EXCLUDED.realized_pnl_exact,
      unrealized_pnl_exact = EXCLUDED.unrealized_pnl_exact, opened_at = EXCLUDED.opened_at, updated_at = now()`);
  await writeAudit(tx, {
    ...audit,
    action: before ? 'change_position' : 'open_position',
    old: before,
    new: {
      side: position.side,
      quantity: text(position.quantity),
      entry_price: text(position.entryPrice),
      order: order.orderId,
    },
  });
};

/** A late trade may change what others realized, or make an opening one of what closed: rows that differ are written. */
const writeRealized = async (
  tx: CommonQueryMethods,
  order: OrderRecord,
  trades: readonly StoredTrade[],
  { realizedByTrade }: PositionFold,
): Promise<void> => {
  for (const { tradeId, realized: stored } of trades) {
    const realized = realizedByTrade.get(tradeId) ?? null;
    if (realized === null ? stored === null : stored?.eq(realized)) continue;
    const amount = realized && text(realized);
    await tx.query(sql.unsafe`
      UPDATE trades SET realized_pnl = ${amount}::numeric, realized_pnl_exact = ${amount}::numeric
      WHERE exchange = ${order.exchange} AND symbol = ${order.symbol} AND environment = ${order.environment}
        AND exchange_trade_id = ${tradeId}`);
  }
};

const announce = async (tx: CommonQueryMethods, order: OrderRecord): Promise<void> => {
  await raiseAlert(tx, {
    type: `order_${order.status}`,
    severity: order.status === 'filled' ? 'info' : 'warning',
    title: `${order.side} ${order.filledQuantity} of ${order.quantity} ${order.symbol} (${order.environment}): ${order.status}`,
    message: `${order.metadata.reason}; average ${order.averageFillPrice ?? '-'}`,
    entityType: 'order',
    entityId: order.orderId,
    dedupeKey: `order_${order.status}/${order.orderId}`,
  });
};

/**
 * Records what a venue says of one order: trades, order, position, balances, realized P&L, alert and audit in one
 * transaction, the same rows under any order and repetition of reports. Locks: balances by asset, position, order.
 * @throws DomainError `NotFound`, or `InsufficientFunds` where the books cannot pay for a fill
 */
export const applyExecutionReport = async (
  pool: DatabasePool,
  orderId: string,
  report: VenueOrderReport,
  actor: string,
): Promise<OrderRecord> =>
  await pool.transaction(async (tx) => {
    const seen = await loadOrder(tx, orderId);
    const { base, quote, stepSize } = seen.metadata;
    const account: Account = { environment: seen.environment, exchange: seen.exchange };
    const locked = await lockBalances(tx, account, [base, quote, ...report.fills.map((fill) => fill.commissionAsset)]);
    const held = await tx.maybeOne(sql.type(heldRow)`
      SELECT side, quantity, entry_price FROM positions
      WHERE strategy_id = ${seen.strategyId} AND symbol = ${seen.symbol} AND environment = ${seen.environment} FOR UPDATE`);
    const order = await lockOrder(tx, orderId);

    const inserted = await insertTrades(tx, order, report);
    const all = await tradesOfPosition(tx, order);
    const own = all.filter((trade) => trade.orderId === orderId);
    const fresh = own.filter((trade) => inserted.has(trade.tradeId));
    const fold = foldOrder(own);
    const status = statusAfter(order, report, fold);
    if (fresh.length === 0 && status === order.status && order.exchangeOrderId !== null) return order;

    let settled = settleTrades({ balances: locked, reserved: dec(order.reservedAmount ?? '0') }, order, fresh);
    if (isTerminal(status) && order.reservedAsset !== null) {
      const freed = release(balanceOf(settled.balances, order.reservedAsset), settled.reserved);
      settled = { balances: new Map(settled.balances).set(order.reservedAsset, freed), reserved: zero };
    }
    for (const [asset, balance] of settled.balances) {
      if (balance !== locked.get(asset)) await writeBalance(tx, account, asset, balance);
    }

    if (fresh.length > 0) {
      const position = foldPosition(all, { base, quote, stepSize: dec(stepSize) });
      const mark = inExecutionOrder(all).at(-1)?.price ?? dec(order.price ?? '0');
      await writePosition(tx, order, position, held, mark);
      await writeRealized(tx, order, all, position);
    }

    const moved = await moveOrder(tx, order, {
      status,
      actor,
      note: `the venue says ${report.status}, ${report.filledQuantity} filled`,
      set: sql.fragment`exchange_order_id = ${report.exchangeOrderId}, filled_quantity = ${text(fold.filledQuantity)}::numeric,
        average_fill_price = ${fold.averageFillPrice ? text(fold.averageFillPrice) : null}::numeric,
        commission = ${fold.commission ? text(fold.commission) : null}::numeric, commission_asset = ${fold.commissionAsset},
        reserved_amount = ${isTerminal(status) ? null : text(settled.reserved)}::numeric,
        reserved_asset = ${isTerminal(status) ? null : order.reservedAsset},
        filled_at = ${status === 'filled' && fold.lastFillAt !== null ? timestamp(fold.lastFillAt) : sql.fragment`NULL`}`,
      details: { trades: fresh.length, average: fold.averageFillPrice ? text(fold.averageFillPrice) : null },
    });
    if (isTerminal(status) && !isTerminal(order.status)) await announce(tx, moved);
    return moved;
  });
