import { z } from 'zod';
import { type Decimal, dec, sum, text, zero } from '../../domain/decimal.ts';
import type { Fill } from '../../domain/orders/order.ts';
import type { OpenVenueOrder, VenueOrderReport } from '../../contracts/venue.ts';

/** Thrown when a reply does not have the shape the exchange documents: a cut body, an HTML page, a new status. */
class MalformedReply extends Error {
  override readonly name = 'MalformedReply';
}

const decimalText = z
  .union([z.string(), z.number()])
  .transform(String)
  .refine((value) => /^-?\d+(\.\d+)?$/.test(value), 'not a decimal');
const id = z
  .union([z.string(), z.number()])
  .transform(String)
  .refine((value) => /^\d+$/.test(value), 'not an id');
const time = z.coerce.number().int().positive();

const read = <T>(what: string, schema: z.ZodType<T>, reply: unknown): T => {
  const parsed = schema.safeParse(reply);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new MalformedReply(`unreadable ${what}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
};

const exact = (value: string): string => text(dec(value));

export const parseTime = (reply: unknown): number => read('time', z.object({ serverTime: time }), reply).serverTime;

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

const orderSchema = z.object({
  orderId: id,
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

/**
 * Reads the raw order under ccxt's `info`. The client order id is left out on purpose: the reply to a cancel, and a
 * cancelled order, may carry the cancel's own.
 */
export const parseOrder = (reply: unknown): OrderReply => {
  const { info } = read('order', z.object({ info: orderSchema }), reply);
  const executed = dec(info.executedQty);
  const mapped = statuses[info.status];
  const reportedAt = info.transactTime ?? info.updateTime ?? null;
  return {
    exchangeOrderId: info.orderId,
    status: mapped === 'open' && executed.gt(zero) ? 'partially_filled' : mapped,
    filledQuantity: text(executed),
    fills: (info.fills ?? []).flatMap((fill) =>
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

const tradesSchema = z.array(
  z.object({ id, price: decimalText, qty: decimalText, commission: decimalText, commissionAsset: z.string(), time }),
);

export const parseTrades = (reply: unknown): readonly Fill[] =>
  read('trades', tradesSchema, reply).map((trade) => ({
    tradeId: trade.id,
    price: exact(trade.price),
    quantity: exact(trade.qty),
    commission: exact(trade.commission),
    commissionAsset: trade.commissionAsset,
    executedAt: trade.time,
  }));

/** Each trade once, oldest first, whatever the venue repeated or shuffled. */
export const inOrder = (fills: readonly Fill[]): readonly Fill[] =>
  [...new Map(fills.map((fill) => [fill.tradeId, fill])).values()].sort((a, b) => {
    const [left, right] = [BigInt(a.tradeId), BigInt(b.tradeId)];
    return left < right ? -1 : left > right ? 1 : 0;
  });

export const filledBy = (fills: readonly Fill[]): Decimal => sum(fills.map(({ quantity }) => dec(quantity)));

const openOrdersSchema = z.array(z.object({ symbol: z.string(), clientOrderId: z.string(), executedQty: decimalText }));

export const parseOpenOrders = (reply: unknown): readonly OpenVenueOrder[] =>
  read('open orders', openOrdersSchema, reply).map(({ symbol, clientOrderId, executedQty }) => ({
    symbol,
    clientOrderId,
    filledQuantity: exact(executedQty),
  }));

const accountSchema = z.object({
  balances: z.array(z.object({ asset: z.string(), free: decimalText, locked: decimalText })),
  commissionRates: z.object({ maker: decimalText, taker: decimalText }).optional(),
});

/** Totals (free and locked) by asset, and the account's fee rates as fractions where it names them. */
export const parseAccount = (
  reply: unknown,
): { balances: Readonly<Record<string, string>>; fees: { maker: string; taker: string } | null } => {
  const { balances, commissionRates } = read('account', accountSchema, reply);
  const totals = balances
    .map(({ asset, free, locked }) => [asset, dec(free).plus(dec(locked))] as const)
    .filter(([, total]) => !total.eq(zero))
    .map(([asset, total]) => [asset, text(total)] as const);
  const fees = commissionRates && { maker: exact(commissionRates.maker), taker: exact(commissionRates.taker) };
  return { balances: Object.fromEntries(totals), fees: fees ?? null };
};

export const parseKeyPermissions = (reply: unknown): { enableWithdrawals: boolean } =>
  read('key permissions', z.object({ enableWithdrawals: z.boolean() }), reply);

const klinesSchema = z.array(
  z.tuple([time, decimalText, decimalText, decimalText, decimalText, decimalText]).rest(z.unknown()),
);

/** Raw klines: open time (epoch ms), open, high, low, close, base volume, as the exact text the exchange sent. */
export const parseKlines = (reply: unknown): z.infer<typeof klinesSchema> => read('klines', klinesSchema, reply);

const marketSchema = z.object({
  id: z.string(),
  symbol: z.string(),
  spot: z.literal(true),
  baseId: z.string(),
  quoteId: z.string(),
  info: z.object({ filters: z.array(z.looseObject({ filterType: z.string() })) }),
});

export type MarketReply = z.infer<typeof marketSchema>;
export const parseMarket = (market: unknown): MarketReply => read('market', marketSchema, market);

/** A filter's limit as exact text, `'0'` where the exchange does not set it. */
export const filterLimit = (market: MarketReply, filterTypes: readonly string[], field: string): string => {
  const filter = market.info.filters.find(({ filterType }) => filterTypes.includes(filterType));
  const value = decimalText.safeParse(filter?.[field]);
  return value.success ? exact(value.data) : '0';
};
