import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import { dec, text } from '../../../domain/decimal.ts';
import { type Close, type PriceFacts, pricingSymbols } from '../../../domain/portfolio/prices.ts';
import type { Holdings, Valuation } from '../../../domain/portfolio/valuation.ts';
import { timestampText } from '../pool.ts';
import { epochMs } from '../rows.ts';
import { newestCandle } from './newest-candle.ts';

const priceRow = z.object({
  name: z.string(),
  price: z.string().transform(dec),
  at: epochMs,
  is_last: z.boolean(),
});

const closesOf = (rows: readonly z.infer<typeof priceRow>[]): ReadonlyMap<string, Close> =>
  new Map(rows.map(({ name, price, at }) => [name, { price, at }]));

/**
 * What prices these holdings.
 * @param units what is worth one: the names of the US dollar, or one quote asset (prices last known are in dollars and left out then)
 */
export const readPriceFacts = async (
  db: CommonQueryMethods,
  { assets, positions }: Holdings,
  units: readonly string[],
): Promise<PriceFacts> => {
  const involved = [...assets.map(({ asset }) => asset), ...positions.flatMap(({ base, quote }) => [base, quote])];
  const symbols = pricingSymbols(involved, units);
  const marks = positions.map(({ base, quote, mark }) => ({ base, quote, price: mark }));
  if (symbols.length === 0) return { units, closes: new Map(), marks, last: new Map() };
  const rows = await db.any(sql.type(priceRow)`
    SELECT asked.symbol AS name, newest.close::text AS price, newest.closes_at AS at, false AS is_last
    FROM unnest(${sql.array([...symbols], 'text')}) AS asked(symbol)
    CROSS JOIN LATERAL (${newestCandle(sql.fragment`asked.symbol`)}) AS newest
    UNION ALL
    SELECT asset, price::text, priced_at, true FROM asset_prices WHERE asset = ANY(${sql.array(involved, 'text')})`);
  return {
    units,
    closes: closesOf(rows.filter((row) => !row.is_last)),
    marks,
    last: units.length === 1 ? new Map() : closesOf(rows.filter((row) => row.is_last)),
  };
};

export interface KnownPrice {
  readonly asset: string;
  readonly price: string;
  /** Epoch ms. */
  readonly at: number;
}

/** Keeps what assets were worth, newer over older, so that none of them is ever without a price again. */
export const keepPrices = async (db: CommonQueryMethods, prices: readonly KnownPrice[]): Promise<void> => {
  if (prices.length === 0) return;
  const sorted = prices.toSorted((a, b) => (a.asset < b.asset ? -1 : 1));
  await db.query(sql.unsafe`
    INSERT INTO asset_prices AS known (asset, price, priced_at)
    SELECT * FROM unnest(
      ${sql.array(
        sorted.map(({ asset }) => asset),
        'text',
      )},
      ${sql.array(
        sorted.map(({ price }) => price),
        'numeric',
      )},
      ${sql.array(
        sorted.map(({ at }) => timestampText(at)),
        'timestamp',
      )})
    ON CONFLICT (asset) DO UPDATE SET price = EXCLUDED.price, priced_at = EXCLUDED.priced_at
    WHERE known.priced_at < EXCLUDED.priced_at`);
};

/** The prices of a valuation that come from elsewhere than what is kept. @param at for those without a time of their own */
export const knownPrices = ({ assets }: Valuation, at: number): readonly KnownPrice[] =>
  assets.flatMap(({ asset, price, pricedAt, source }) =>
    price === null || source === 'unit' || source === 'last' ? [] : [{ asset, price: text(price), at: pricedAt ?? at }],
  );
