import { sql } from 'slonik';
import type { CommonQueryMethods, FragmentSqlToken } from 'slonik';
import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import type { Candle } from '../../domain/market/candle.ts';
import type { Interval } from '../../domain/market/interval.ts';
import { timestamp, timestampText } from './pool.ts';
import { decimalText, epochMs } from './rows.ts';

/** One market's candles at one interval. `symbol` is the stored one: another venue's carries its prefix. */
export interface CandleSeries {
  readonly symbol: string;
  readonly interval: Interval;
}

/** A part of a series by open time, epoch ms: `from` and `to` are both included. */
export interface CandleRange extends CandleSeries {
  readonly from?: number;
  readonly to?: number;
}

export interface IngestedCandles {
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
}

const chunkSize = 10_000;

const refuseRepeatedTimes = (symbol: string, candles: readonly Candle[]): void => {
  const times = new Set<number>();
  for (const { time } of candles) {
    if (times.has(time)) {
      throw new DomainError('BadInput', `two candles of ${symbol} open at ${timestampText(time)}Z`, {
        next: 'keep the one that is true and ingest again',
      });
    }
    times.add(time);
  }
};

const upsertChunk = async (
  connection: CommonQueryMethods,
  { symbol, interval }: CandleSeries,
  candles: readonly Candle[],
): Promise<IngestedCandles> => {
  const column = (values: readonly string[], type: string): FragmentSqlToken =>
    sql.fragment`${sql.array(values, type)}`;
  const written = await connection.any(sql.type(z.object({ inserted: z.boolean() }))`
    INSERT INTO market_data AS stored (symbol, interval, timestamp, open, high, low, close, volume)
    SELECT ${symbol}, ${interval}, given.timestamp, given.open, given.high, given.low, given.close, given.volume
    FROM (
      SELECT timestamp, open::numeric(20, 8), high::numeric(20, 8), low::numeric(20, 8), close::numeric(20, 8),
        volume::numeric(20, 8)
      FROM unnest(
        ${column(
          candles.map(({ time }) => timestampText(time)),
          'timestamp',
        )},
        ${column(
          candles.map(({ open }) => open),
          'numeric',
        )},
        ${column(
          candles.map(({ high }) => high),
          'numeric',
        )},
        ${column(
          candles.map(({ low }) => low),
          'numeric',
        )},
        ${column(
          candles.map(({ close }) => close),
          'numeric',
        )},
        ${column(
          candles.map(({ volume }) => volume),
          'numeric',
        )}
      ) AS raw(timestamp, open, high, low, close, volume)
    ) AS given
    LEFT JOIN market_data AS present
      ON present.symbol = ${symbol} AND present.interval = ${interval} AND present.timestamp = given.timestamp
    WHERE (present.open, present.high, present.low, present.close, present.volume)
      IS DISTINCT FROM (given.open, given.high, given.low, given.close, given.volume)
    ON CONFLICT (symbol, timestamp, interval) DO UPDATE
      SET open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
        volume = excluded.volume, quote_volume = NULL, trades_count = NULL
      WHERE (stored.open, stored.high, stored.low, stored.close, stored.volume)
        IS DISTINCT FROM (excluded.open, excluded.high, excluded.low, excluded.close, excluded.volume)
    RETURNING xmax = 0 AS inserted
  `);
  const inserted = written.filter((row) => row.inserted).length;
  return { inserted, updated: written.length - inserted, unchanged: candles.length - written.length };
};

/**
 * Stores closed candles: all of them or, on any failure, none. Doing it again changes nothing: a candle that is there
 * with the same numbers is left alone and draws no id, one with other numbers is overwritten (and loses the quote volume
 * and trade count that belonged to the old numbers). Digits after the eighth are rounded, as the columns are.
 * @throws DomainError `BadInput` when two of them open at the same time.
 */
export const ingestCandles = async (
  pool: CommonQueryMethods,
  { candles, ...series }: CandleSeries & { readonly candles: readonly Candle[] },
): Promise<IngestedCandles> => {
  refuseRepeatedTimes(series.symbol, candles);
  return pool.transaction(async (connection) => {
    let total: IngestedCandles = { inserted: 0, updated: 0, unchanged: 0 };
    for (let start = 0; start < candles.length; start += chunkSize) {
      const chunk = await upsertChunk(connection, series, candles.slice(start, start + chunkSize));
      total = {
        inserted: total.inserted + chunk.inserted,
        updated: total.updated + chunk.updated,
        unchanged: total.unchanged + chunk.unchanged,
      };
    }
    return total;
  });
};

/** The WHERE condition of a range of a series. */
export const inRange = ({ symbol, interval, from, to }: CandleRange): FragmentSqlToken => sql.fragment`
  symbol = ${symbol} AND interval = ${interval}
  ${from === undefined ? sql.fragment`` : sql.fragment`AND timestamp >= ${timestamp(from)}`}
  ${to === undefined ? sql.fragment`` : sql.fragment`AND timestamp <= ${timestamp(to)}`}`;

const candleRow = z.object({
  time: epochMs,
  open: decimalText,
  high: decimalText,
  low: decimalText,
  close: decimalText,
  volume: decimalText,
});

/**
 * Stored candles, oldest first. With `limit`, the first ones of the range, or the last ones with `latest`.
 * For the numbers of a long series, `readCandleColumns` is many times faster.
 */
export const readCandles = async (
  pool: CommonQueryMethods,
  { limit, latest = false, ...range }: CandleRange & { readonly limit?: number; readonly latest?: boolean },
): Promise<readonly Candle[]> => {
  const rows = await pool.any(sql.type(candleRow)`
    SELECT timestamp AS time, open, high, low, close, volume
    FROM market_data
    WHERE ${inRange(range)}
    ORDER BY timestamp ${latest ? sql.fragment`DESC` : sql.fragment`ASC`}
    ${limit === undefined ? sql.fragment`` : sql.fragment`LIMIT ${limit}`}
  `);
  return latest ? rows.toReversed() : rows;
};

/** Open time (epoch ms) of the last stored candle; null where there is none. */
export const lastCandleTime = async (pool: CommonQueryMethods, series: CandleSeries): Promise<number | null> =>
  pool.oneFirst(sql.type(z.object({ time: epochMs.nullable() }))`
    SELECT max(timestamp) AS time FROM market_data WHERE ${inRange(series)}
  `);

export const countCandles = async (pool: CommonQueryMethods, range: CandleRange): Promise<number> =>
  pool.oneFirst(sql.type(z.object({ count: z.int() }))`
    SELECT count(*) AS count FROM market_data WHERE ${inRange(range)}
  `);
