import { z } from 'zod';
import { dec, text, zero } from '../../domain/decimal.ts';
import { decimalText, exact, read, time } from './binance-values.ts';

export const parseTime = (reply: unknown): number => read('time', z.object({ serverTime: time }), reply).serverTime;

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
