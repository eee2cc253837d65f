import { sql } from 'slonik';
import type { CommonQueryMethods } from 'slonik';
import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';

/** What a database is bound to one venue for: where its candles come from, and where its live orders go. */
export type VenueRole = 'market_data' | 'live';

/** The width of every `symbol` column. */
const symbolLength = 20;

const binding = z.object({ exchange: z.string(), account: z.string().nullable() });

const describe = (exchange: string, account: string | null): string =>
  account === null ? exchange : `${exchange} (account ${account})`;

/**
 * Remembers the database's one venue for `role`, the first that is given; the same again is fine. An account that
 * was not known at first is remembered when it becomes known.
 * @throws DomainError `VenueMismatch` for another venue or account than the one it is bound to.
 */
export const bindVenue = async (
  pool: CommonQueryMethods,
  role: VenueRole,
  exchange: string,
  account: string | null,
): Promise<void> => {
  const bound = await pool.one(sql.type(binding)`
    INSERT INTO venue_bindings AS bound (role, exchange, account)
    VALUES (${role}, ${exchange}, ${account})
    ON CONFLICT (role) DO UPDATE SET account = CASE
      WHEN bound.exchange = excluded.exchange THEN coalesce(bound.account, excluded.account)
      ELSE bound.account
    END
    RETURNING exchange, account
  `);
  if (bound.exchange === exchange && (account === null || bound.account === account)) return;
  const purpose = role === 'live' ? 'live orders' : 'market data';
  throw new DomainError(
    'VenueMismatch',
    `this database belongs to ${describe(bound.exchange, bound.account)} for ${purpose}, not to ${describe(exchange, account)}`,
    { next: `use ${describe(bound.exchange, bound.account)}, or another database for ${describe(exchange, account)}` },
  );
};

/** The venue this database is bound to for `role`; null while it is bound to none. */
export const boundVenue = async (pool: CommonQueryMethods, role: VenueRole): Promise<z.infer<typeof binding> | null> =>
  pool.maybeOne(sql.type(binding)`SELECT exchange, account FROM venue_bindings WHERE role = ${role}`);

/**
 * The symbol under which a venue's series is stored: its own for the database's market-data venue, prefixed for any
 * other (`kraken:BTCUSDT`).
 * @throws DomainError `UnknownSymbol` when that is longer than the 20 characters that the tables hold.
 */
export const storedSymbol = (boundExchange: string, exchange: string, symbol: string): string => {
  const stored = exchange === boundExchange ? symbol : `${exchange}:${symbol}`;
  if (stored.length <= symbolLength) return stored;
  throw new DomainError(
    'UnknownSymbol',
    `'${stored}' is longer than the ${symbolLength} characters a symbol can have`,
    {
      next: `keep ${exchange}'s candles in a database of their own, where the symbol needs no prefix`,
    },
  );
};
