import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import { dayMs } from '../../../domain/market/interval.ts';
import type { Environment } from '../../../domain/orders/order.ts';
import type { IndexPoint } from '../../../domain/portfolio/index-series.ts';
import { bridgeAsset, dollars } from '../../../domain/portfolio/prices.ts';
import { timestampText } from '../pool.ts';
import { epochMs } from '../rows.ts';
import { newestCandle } from './newest-candle.ts';

const historyRow = z.object({ times: z.array(z.number()), indices: z.array(z.number()) });

/** Every reading of the equity index that a risk snapshot kept, the oldest first. */
export const readIndexHistory = async (
  db: CommonQueryMethods,
  environment: Environment,
): Promise<readonly IndexPoint[]> => {
  const { times, indices } = await db.one(sql.type(historyRow)`
    SELECT coalesce(array_agg((extract(epoch FROM timestamp) * 1000)::float8 ORDER BY timestamp, id), '{}') AS times,
      coalesce(array_agg((metadata ->> 'index')::float8 ORDER BY timestamp, id), '{}') AS indices
    FROM risk_metrics WHERE environment = ${environment} AND metadata ->> 'index' IS NOT NULL`);
  return times.map((at, i) => ({ at, index: indices[i]! }));
};

const symbolRow = z.object({ symbol: z.string() });
const closeRow = z.object({ day: epochMs, close: z.string().transform(Number) });

/** BTC's market against the US dollar whose candles are newest; null where none is stored. */
const btcSymbol = async (db: CommonQueryMethods): Promise<string | null> =>
  await db.maybeOneFirst(sql.type(symbolRow)`
    SELECT asked.symbol FROM unnest(${sql.array(
      dollars.map((dollar) => `${bridgeAsset}${dollar}`),
      'text',
    )}) WITH ORDINALITY AS asked(symbol, place)
    CROSS JOIN LATERAL (${newestCandle(sql.fragment`asked.symbol`)}) AS newest
    ORDER BY newest.closes_at DESC, asked.place LIMIT 1`);

/**
 * BTC's last close of each UTC day by the day's start, from the day before the first on; a day without a candle is left out.
 * @param first @param last starts of days, epoch ms
 */
export const readBtcCloses = async (
  db: CommonQueryMethods,
  first: number,
  last: number,
): Promise<ReadonlyMap<number, number>> => {
  const symbol = await btcSymbol(db);
  if (symbol === null) return new Map();
  const days = Array.from({ length: (last - first) / dayMs + 2 }, (_, i) => timestampText(first + (i - 1) * dayMs));
  const rows = await db.any(sql.type(closeRow)`
    SELECT days.day, newest.close::text AS close FROM unnest(${sql.array(days, 'timestamp')}) AS days(day)
    CROSS JOIN LATERAL (${newestCandle(sql.fragment`${symbol}`, {
      from: sql.fragment`days.day`,
      to: sql.fragment`days.day + interval '1 day'`,
    })}) AS newest`);
  return new Map(rows.map(({ day, close }) => [day, close]));
};
