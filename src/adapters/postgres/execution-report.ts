import { type CommonQueryMethods, type DatabasePool, sql } from 'slonik';
import type { VenueOrderReport } from '../../contracts/venue.ts';
import { changed } from '../../domain/accounting/balance.ts';
import { type OrderFold, foldOrder } from '../../domain/accounting/order-fold.ts';
import { type OrderProgress, progressOf } from '../../domain/accounting/order-progress.ts';
import { type PositionContext, type PositionFold, foldPosition } from '../../domain/accounting/position-fold.ts';
import { type SettlementInput, settlementOf } from '../../domain/accounting/settlement.ts';
import { inExecutionOrder } from '../../domain/accounting/trade.ts';
import { type Decimal, dec, text, zero } from '../../domain/decimal.ts';
import { DomainError } from '../../domain/errors.ts';
import { isTerminal } from '../../domain/orders/order.ts';
import { raiseAlert } from './alerts.ts';
import { balanceOf, lockBalances, writeBalance } from './balances.ts';
import { type OrderRecord, loadOrder, moveOrder } from './orders.ts';
import { lockWithPair, reservationAfter, writeReservation } from './pair-reservation.ts';
import { timestamp } from './pool.ts';
import { lockPosition, writePosition } from './position-row.ts';
import { type StoredTrade, insertTrades, tradesOfOrder, tradesSinceFlat, writeFigures } from './trades.ts';

const overdrawn = (order: OrderRecord, asset: string): DomainError =>
  new DomainError(
    'InsufficientFunds',
    `a fill of order ${order.orderId} costs more ${asset} than the books hold on ${order.exchange}`,
    {
      next: 'the books and the venue disagree: compare the balances with the venue and record the missing deposit',
    },
  );

interface Folds {
  readonly trades: readonly StoredTrade[];
  readonly before: PositionFold;
  readonly after: PositionFold;
}

/** The position without and with what this report brings: new trades, and the end of its order. */
const foldBoth = async (
  tx: CommonQueryMethods,
  order: OrderRecord,
  { own, fresh, progress }: { own: readonly StoredTrade[]; fresh: readonly StoredTrade[]; progress: OrderProgress },
): Promise<Folds> => {
  const context: PositionContext = {
    base: order.metadata.base,
    quote: order.metadata.quote,
    borrows: order.environment === 'paper',
  };
  const { trades, leftover } = await tradesSinceFlat(tx, order, own, context);
  const known = new Set(fresh.map((trade) => trade.tradeId));
  const isEnded = isTerminal(progress.status);
  const now = trades.map((trade) =>
    trade.order.orderId === order.orderId ? { ...trade, order: { ...trade.order, isEnded } } : trade,
  );
  return {
    trades: inExecutionOrder(trades),
    before: foldPosition(
      trades.filter((trade) => !known.has(trade.tradeId)),
      context,
      leftover,
    ),
    after: foldPosition(now, context, leftover),
  };
};

const writeBalances = async (
  tx: CommonQueryMethods,
  order: OrderRecord,
  locked: Awaited<ReturnType<typeof lockBalances>>,
  settlement: SettlementInput,
): Promise<void> => {
  for (const [asset, change] of settlementOf(settlement)) {
    const balance = changed(balanceOf(locked, asset), change);
    if (!balance) throw overdrawn(order, asset);
    await writeBalance(tx, order, asset, balance);
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

/** Fees by asset as JSON, where they are of several. */
const splitOf = ({ commissionByAsset }: OrderFold): Record<string, string> | null =>
  commissionByAsset.size > 1
    ? Object.fromEntries([...commissionByAsset].map(([asset, amount]) => [asset, text(amount)]))
    : null;

const collateralOf = ({ position }: PositionFold): Decimal => position?.collateral ?? zero;

/**
 * Records what a venue says of one order: trades, order, position, balances, realized P&L, alert and audit in one
 * transaction, the same rows under any order and repetition of reports. Locks: balances by asset, position, order and its pair.
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
    const { base, quote } = seen.metadata;
    const feeAssets = report.fills.filter((fill) => !dec(fill.commission).eq(zero)).map((fill) => fill.commissionAsset);
    const locked = await lockBalances(tx, seen, [base, quote, ...feeAssets]);
    const held = await lockPosition(tx, seen);
    const orders = await lockWithPair(tx, seen);
    const { order } = orders;

    const inserted = await insertTrades(tx, order, report);
    const own = await tradesOfOrder(tx, orderId);
    const fresh = own.filter((trade) => inserted.has(trade.tradeId));
    const fold = foldOrder(own);
    const ending = order.metadata.ending ?? null;
    const quantity = report.quantity ?? order.quantity;
    const progress = progressOf({ status: order.status, ending, quantity: dec(quantity) }, report, fold.filledQuantity);
    const { status } = progress;
    const ends = isTerminal(status) && !isTerminal(order.status);
    const isNews = fresh.length > 0 || status !== order.status || progress.ending !== ending;
    if (!isNews && order.exchangeOrderId !== null) return order;

    const reservation = reservationAfter(orders, isTerminal(status), fresh);
    const folds =
      own.length > 0 && (fresh.length > 0 || ends) ? await foldBoth(tx, order, { own, fresh, progress }) : null;
    await writeBalances(tx, order, locked, {
      assets: { base, quote },
      fresh,
      moved: {
        base: folds ? folds.after.moved.base.minus(folds.before.moved.base) : zero,
        quote: folds ? folds.after.moved.quote.minus(folds.before.moved.quote) : zero,
      },
      reserved: reservation && { asset: reservation.asset, amount: reservation.after.minus(reservation.before) },
      collateral: folds ? collateralOf(folds.after).minus(collateralOf(folds.before)) : zero,
    });
    if (folds) {
      const mark = folds.trades.at(-1)?.price ?? zero;
      await writePosition(tx, order, { held, mark, ...folds });
      await writeFigures(tx, order, folds.trades, folds.after.figures);
    }
    const isOwn = reservation?.holder === order;
    if (reservation && !isOwn && !reservation.after.eq(reservation.before)) {
      await writeReservation(tx, reservation, orderId, actor);
    }
    const keeps = isOwn && !isTerminal(status) ? reservation : null;
    const moved = await moveOrder(tx, order, {
      status,
      actor,
      note: `the venue says ${report.status}, ${report.filledQuantity} filled`,
      metadata: { commissions: splitOf(fold), ending: progress.ending },
      set: sql.fragment`exchange_order_id = ${report.exchangeOrderId}, quantity = ${quantity}::numeric, filled_quantity = ${text(fold.filledQuantity)}::numeric,
        average_fill_price = ${fold.averageFillPrice ? text(fold.averageFillPrice) : null}::numeric,
        commission = ${fold.commission ? text(fold.commission) : null}::numeric, commission_asset = ${fold.commissionAsset},
        reserved_amount = ${keeps && text(keeps.after)}::numeric, reserved_asset = ${keeps && keeps.asset},
        filled_at = ${status === 'filled' && fold.lastFillAt !== null ? timestamp(fold.lastFillAt) : sql.fragment`NULL`}`,
      details: {
        ...(quantity === order.quantity ? {} : { quantity }),
        trades: fresh.length,
        average: fold.averageFillPrice ? text(fold.averageFillPrice) : null,
      },
    });
    if (ends) await announce(tx, moved);
    return moved;
  });
