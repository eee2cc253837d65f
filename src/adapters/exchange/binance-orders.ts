import { z } from 'zod';
import type { OpenVenueOrder, VenueOrderReport, VenueOrderTerms, VenueTrade } from '../../contracts/venue.ts';
import { type Decimal, dec, sum, text, zero } from '../../domain/decimal.ts';
import type { Fill, OrderType } from '../../domain/orders/order.ts';
import { decimalText, exact, id, read, time } from './binance-values.ts';

const statuses = {
  NEW: 'open',
  PENDING_NEW: 'open',
  PARTIALLY_FILLED: 'partially_filled',
  FILLED: 'filled',
  PENDING_CANCEL: 'open',
  CANCELED: 'cancelled',
  REJECTED: 'rejected',
  EXPIRED: 'expired',
  EXPIRED_IN_MATCH: 'expired',
} as const satisfies Readonly<Record<string, VenueOrderReport['status']>>;

/** A pair has no list where Binance says -1. */
const listId = z
  .union([z.string(), z.number()])
  .transform((value) => (String(value) === '-1' ? null : String(value)))
  .default(null);

const orderSchema = z.object({
  orderId: id,
  orderListId: listId,
  clientOrderId: z.string().optional(),
  status: z.enum(Object.keys(statuses) as (keyof typeof statuses)[]),
  executedQty: decimalText,
  transactTime: time.optional(),
  updateTime: time.optional(),
  fills: z
    .array(
      z.object({
        tradeId: id.optional(),
        price: decimalText,
        qty: decimalText,
        commission: decimalText,
        commissionAsset: z.string(),
      }),
    )
    .optional(),
});

/** An order as Binance gives it, in our words. `fills` holds what the reply itself carried. */
export type OrderReply = Omit<VenueOrderReport, 'clientOrderId' | 'reportedAt'> & {
  readonly reportedAt: number | null;
};

const toReply = (order: z.infer<typeof orderSchema>): OrderReply => {
  const executed = dec(order.executedQty);
  const mapped = statuses[order.status];
  const reportedAt = order.transactTime ?? order.updateTime ?? null;
  return {
    exchangeOrderId: order.orderId,
    ...(order.orderListId === null ? {} : { orderListId: order.orderListId }),
    status: mapped === 'open' && executed.gt(zero) ? 'partially_filled' : mapped,
    filledQuantity: text(executed),
    fills: (order.fills ?? []).flatMap((fill) =>
      fill.tradeId === undefined || reportedAt === null
        ? []
        : [
            {
              tradeId: fill.tradeId,
              price: exact(fill.price),
              quantity: exact(fill.qty),
              commission: exact(fill.commission),
              commissionAsset: fill.commissionAsset,
              executedAt: reportedAt,
            },
          ],
    ),
    reportedAt,
  };
};

/**
 * Reads a raw order. The client order id is left out on purpose: the reply to a cancel, and a cancelled order, may carry
 * the cancel's own.
 */
export const parseOrder = (reply: unknown): OrderReply => toReply(read('order', orderSchema, reply));

/** As `parseOrder`, from under the `info` of an order that ccxt has read. */
export const parseUnifiedOrder = (reply: unknown): OrderReply =>
  toReply(read('order', z.object({ info: orderSchema }), reply).info);

const pairSchema = z.object({ orderReports: z.array(orderSchema) });

/** Both orders of an accepted list, found by their client ids. */
export const parsePair = (reply: unknown, ids: { readonly stop: string; readonly target: string }) => {
  const { orderReports } = read('order list', pairSchema, reply);
  const leg = (clientOrderId: string): OrderReply =>
    toReply(
      read(
        'order list',
        orderSchema,
        orderReports.find((report) => report.clientOrderId === clientOrderId),
      ),
    );
  return { stop: leg(ids.stop), target: leg(ids.target) };
};

const tradesSchema = z.array(
  z.object({
    id,
    orderId: id,
    price: decimalText,
    qty: decimalText,
    commission: decimalText,
    commissionAsset: z.string(),
    time,
  }),
);

export const parseTrades = (reply: unknown): readonly VenueTrade[] =>
  read('trades', tradesSchema, reply).map((trade) => ({
    exchangeOrderId: trade.orderId,
    tradeId: trade.id,
    price: exact(trade.price),
    quantity: exact(trade.qty),
    commission: exact(trade.commission),
    commissionAsset: trade.commissionAsset,
    executedAt: trade.time,
  }));

export const fillOf = ({ exchangeOrderId: _order, ...fill }: VenueTrade): Fill => fill;

/** Each trade once, oldest first, whatever the venue repeated or shuffled. */
export const inOrder = <Trade extends Fill>(fills: readonly Trade[]): readonly Trade[] =>
  [...new Map(fills.map((fill) => [fill.tradeId, fill])).values()].sort((a, b) => {
    const [left, right] = [BigInt(a.tradeId), BigInt(b.tradeId)];
    return left < right ? -1 : left > right ? 1 : 0;
  });

export const filledBy = (fills: readonly Fill[]): Decimal => sum(fills.map(({ quantity }) => dec(quantity)));

const termsSchema = z.object({
  symbol: z.string(),
  orderId: id,
  orderListId: listId,
  clientOrderId: z.string(),
  side: z.enum(['BUY', 'SELL']),
  type: z.enum(['LIMIT', 'LIMIT_MAKER', 'MARKET', 'STOP_LOSS', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT', 'TAKE_PROFIT_LIMIT']),
  origQty: decimalText,
  executedQty: decimalText,
  price: decimalText,
  stopPrice: decimalText.default('0'),
  timeInForce: z.enum(['GTC', 'IOC', 'FOK']),
  time,
});

type RawTerms = z.infer<typeof termsSchema>;

/** The maker order of a pair is its target; one that stands alone is a limit order. */
const typeOf = ({ type, orderListId }: RawTerms): OrderType => {
  if (type === 'LIMIT_MAKER') return orderListId === null ? 'LIMIT' : 'TAKE_PROFIT';
  if (type === 'STOP_LOSS_LIMIT') return 'STOP_LOSS';
  return type === 'TAKE_PROFIT_LIMIT' ? 'TAKE_PROFIT' : type;
};

/** Binance says zero for a price that an order does not have. */
const levelOf = (value: string): string | null => (dec(value).eq(zero) ? null : exact(value));

const toTerms = (order: RawTerms): VenueOrderTerms => {
  const price = levelOf(order.price);
  return {
    symbol: order.symbol,
    clientOrderId: order.clientOrderId,
    exchangeOrderId: order.orderId,
    side: order.side,
    type: typeOf(order),
    quantity: exact(order.origQty),
    price,
    stopPrice: levelOf(order.stopPrice),
    timeInForce: price === null ? null : order.timeInForce,
    orderListId: order.orderListId,
    createdAt: order.time,
  };
};

export const parseOpenOrders = (reply: unknown): readonly OpenVenueOrder[] =>
  read('open orders', z.array(termsSchema), reply).map((order) => ({
    ...toTerms(order),
    filledQuantity: exact(order.executedQty),
  }));

/** An order with the terms it was placed by, from under ccxt's `info`. */
export const parseOrderWithTerms = (reply: unknown): { terms: VenueOrderTerms; order: OrderReply } => ({
  terms: toTerms(read('order', z.object({ info: termsSchema }), reply).info),
  order: parseUnifiedOrder(reply),
});
