import { type CommonQueryMethods, type DatabasePool, sql } from 'slonik';
import type { VenueOrderReport, VenueOrderTerms } from '../../contracts/venue.ts';
import { reserve } from '../../domain/accounting/balance.ts';
import { dec, max, text, zero } from '../../domain/decimal.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Market } from '../../domain/market/market-filters.ts';
import { isTerminal } from '../../domain/orders/order.ts';
import { raiseAlert } from './alerts.ts';
import { writeAudit } from './audit.ts';
import { type Account, balanceOf, lockBalances, writeBalance } from './balances.ts';
import { applyExecutionReport } from './execution-report.ts';
import { type OrderMetadata, type OrderRecord, lockOrder, moveOrder, ordersWhere } from './orders.ts';
import { timestamp } from './pool.ts';
import { jsonb } from './rows.ts';

/** An order that somebody else sent to the account. */
export interface ForeignOrder {
  readonly account: Account;
  /** Derived from the venue's id of it, so that adopting it twice is once. */
  readonly orderId: string;
  /** The `manual` strategy's. */
  readonly strategyId: string;
  readonly terms: VenueOrderTerms;
  readonly report: VenueOrderReport;
  readonly market: Market;
}

const actor = 'reconciliation';
const idOfVenue = /^[a-zA-Z0-9-_]{1,36}$/;

/** Its client id at the venue, by which it can be found and cancelled there; one of its own where that is too long or ours already. */
const clientIdFor = async (tx: CommonQueryMethods, { orderId, terms }: ForeignOrder): Promise<string> => {
  const own = orderId.replaceAll('-', '');
  if (!idOfVenue.test(terms.clientOrderId)) return own;
  const isTaken = await tx.exists(sql.unsafe`SELECT 1 FROM orders WHERE client_order_id = ${terms.clientOrderId}`);
  return isTaken ? own : terms.clientOrderId;
};

const metadataOf = ({ terms, market }: ForeignOrder): Partial<OrderMetadata> => ({
  interval: '1m',
  candleTime: terms.createdAt,
  decidedAt: terms.createdAt,
  base: market.base,
  quote: market.quote,
  stepSize: market.filters.stepSize,
  minQuantity: market.filters.minQuantity,
  minNotional: market.filters.minNotional,
  reason: `found at the venue, order ${terms.exchangeOrderId} there`,
  note: 'found at the venue',
});

/** Writes the row as one that is at the venue and not in the books yet; false where it is there already. */
const insertRow = async (tx: CommonQueryMethods, foreign: ForeignOrder): Promise<boolean> => {
  const { account, orderId, terms, report } = foreign;
  const quantity = text(max(dec(terms.quantity), dec(report.filledQuantity)));
  const clientOrderId = await clientIdFor(tx, foreign);
  const { rowCount } = await tx.query(sql.unsafe`
    INSERT INTO orders (id, strategy_id, strategy_version, symbol, side, order_type, intent, environment, exchange, status, quantity,
                        price, stop_price, order_list_id, client_order_id, exchange_order_id, sent_at, time_in_force, reduce_only, metadata)
    VALUES (${orderId}, ${foreign.strategyId}, 1, ${terms.symbol}, ${terms.side}, ${terms.type}, 'manual', ${account.environment},
            ${account.exchange}, 'unknown', ${quantity}::numeric, ${terms.price}::numeric, ${terms.stopPrice}::numeric,
            ${terms.orderListId}, ${clientOrderId}, ${terms.exchangeOrderId}, ${timestamp(terms.createdAt)}, ${terms.timeInForce},
            false, ${jsonb(metadataOf(foreign))})
    ON CONFLICT (id) DO NOTHING`);
  if (rowCount === 0) return false;
  await writeAudit(tx, {
    actor,
    action: 'adopt_order',
    entityType: 'order',
    entityId: orderId,
    old: null,
    new: { status: 'unknown', side: terms.side, quantity, exchange_order_id: terms.exchangeOrderId },
  });
  return true;
};

/** Another order of its pair holds what both would trade: the venue locks it once. */
const isReservedByPair = async (tx: CommonQueryMethods, order: OrderRecord): Promise<boolean> => {
  if (order.orderListId === null) return false;
  const pair = await ordersWhere(
    tx,
    sql.fragment`order_list_id = ${order.orderListId} AND symbol = ${order.symbol} AND reserved_amount > 0`,
  );
  return pair.some(({ orderId }) => orderId !== order.orderId);
};

/** Locks here what the venue has locked for what is left of it. @throws DomainError `InsufficientFunds` */
const reserveRest = async (tx: CommonQueryMethods, account: Account, order: OrderRecord): Promise<void> => {
  if (isTerminal(order.status) || (await isReservedByPair(tx, order))) return;
  const rest = dec(order.quantity).minus(dec(order.filledQuantity));
  const { base, quote } = order.metadata;
  const [asset, amount] =
    order.side === 'SELL' ? [base, rest] : [quote, rest.times(dec(order.price ?? order.stopPrice ?? '0'))];
  if (amount.lte(zero)) return;
  const before = balanceOf(await lockBalances(tx, account, [asset]), asset);
  const after = reserve(before, amount);
  if (!after) {
    throw new DomainError(
      'InsufficientFunds',
      `the order holds ${text(amount)} ${asset} at the venue, ${text(before.free)} are free in the books of ${account.exchange}`,
      { next: 'compare the balances with the venue and record what came from outside' },
    );
  }
  await writeBalance(tx, account, asset, after);
  await moveOrder(tx, order, {
    status: order.status,
    actor,
    set: sql.fragment`reserved_asset = ${asset}, reserved_amount = ${text(amount)}::numeric`,
    details: { reserved: `${text(amount)} ${asset}` },
  });
};

const announce = async (tx: CommonQueryMethods, { account, terms, orderId }: ForeignOrder): Promise<void> =>
  await raiseAlert(tx, {
    type: 'out_of_band_order',
    severity: 'warning',
    title: `${terms.side} ${terms.quantity} ${terms.symbol} was not sent from here (${account.environment})`,
    message:
      `${account.exchange} shows order ${terms.exchangeOrderId} (${terms.type}, client id ${terms.clientOrderId}). ` +
      `It is kept as order ${orderId} of the manual strategy.`,
    entityType: 'order',
    entityId: orderId,
    dedupeKey: `out_of_band_order/${account.environment}/${account.exchange}/${terms.symbol}/${terms.exchangeOrderId}`,
  });

/**
 * Takes an order that was not sent from here into the books, with its fills and what it holds locked: wholly, or not at all.
 * @returns The order as it then is.
 * @throws DomainError `InsufficientFunds` where the books cannot take it; nothing is then changed
 */
export const adoptOrder = async (pool: DatabasePool, foreign: ForeignOrder): Promise<OrderRecord> =>
  await pool.transaction(async (tx) => {
    const { account, orderId, report, market } = foreign;
    await tx.query(sql.unsafe`SELECT 1 FROM strategies WHERE id = ${foreign.strategyId} FOR KEY SHARE`);
    await lockBalances(tx, account, [market.base, market.quote, ...report.fills.map((fill) => fill.commissionAsset)]);
    const isNew = await insertRow(tx, foreign);
    // Inside of this transaction its own is a savepoint: what it refuses takes the row with it.
    const order = await applyExecutionReport(tx as unknown as DatabasePool, orderId, report, actor);
    if (!isNew) return order;
    await reserveRest(tx, account, order);
    await announce(tx, foreign);
    return await lockOrder(tx, orderId);
  });
