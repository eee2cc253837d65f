import { sql } from 'slonik';
import type { CommonQueryMethods } from 'slonik';
import { z } from 'zod';
import type { CandleColumns } from '../../domain/market/candle.ts';
import { emptyColumns } from '../../domain/market/columns.ts';
import { inRange } from './candles.ts';
import type { CandleRange } from './candles.ts';

/** Rows in one answer: 48 bytes each, which the wire protocol doubles; far below the 1 GB that PostgreSQL allows. */
const pageSize = 500_000;
const rowBytes = 48;
const page = z.object({ packed: z.instanceof(Buffer).nullable() });

/** Candles of a range from one of its ends on, packed by the server as big-endian float64: time, open, high, low, close, volume. */
const readPage = async (
  pool: CommonQueryMethods,
  range: CandleRange,
  { limit, latest }: { readonly limit: number; readonly latest: boolean },
): Promise<Buffer> => {
  const packed = await pool.oneFirst(sql.type(page)`
    SELECT string_agg(
      float8send(extract(epoch FROM timestamp)::float8 * 1000) || float8send(open::float8) || float8send(high::float8)
        || float8send(low::float8) || float8send(close::float8) || float8send(volume::float8),
      ''::bytea ORDER BY timestamp
    ) AS packed
    FROM (
      SELECT timestamp, open, high, low, close, volume
      FROM market_data
      WHERE ${inRange(range)}
      ORDER BY timestamp ${latest ? sql.fragment`DESC` : sql.fragment`ASC`}
      LIMIT ${limit}
    ) AS candles
  `);
  return packed ?? Buffer.alloc(0);
};

const firstPage = { limit: pageSize, latest: false } as const;

const readPages = async (pool: CommonQueryMethods, range: CandleRange): Promise<readonly Buffer[]> => {
  const pages: Buffer[] = [];
  let from = range.from;
  for (;;) {
    const packed = await readPage(pool, from === undefined ? range : { ...range, from }, firstPage);
    pages.push(packed);
    if (packed.length < pageSize * rowBytes) return pages;
    from = packed.readDoubleBE(packed.length - rowBytes) + 1;
  }
};

/**
 * Stored candles, oldest first, as columns of float64: each the double nearest to the stored decimal, the same that
 * `Number(text)` gives. No object is made per candle.
 */
export const readCandleColumns = async (pool: CommonQueryMethods, range: CandleRange): Promise<CandleColumns> =>
  unpacked(await readPages(pool, range));

/** The newest `limit` candles of a range (500,000 at most) as `readCandleColumns` gives them, oldest first. */
export const readLatestColumns = async (
  pool: CommonQueryMethods,
  { limit, ...range }: CandleRange & { readonly limit: number },
): Promise<CandleColumns> =>
  unpacked([await readPage(pool, range, { limit: Math.min(limit, pageSize), latest: true })]);

const unpacked = (pages: readonly Buffer[]): CandleColumns => {
  const length = pages.reduce((total, { length: bytes }) => total + bytes / rowBytes, 0);
  const columns = emptyColumns(length);
  const ordered = [columns.time, columns.open, columns.high, columns.low, columns.close, columns.volume];
  let row = 0;
  for (const packed of pages) {
    for (let offset = 0; offset < packed.length; offset += rowBytes, row += 1) {
      for (const [index, values] of ordered.entries()) values[row] = packed.readDoubleBE(offset + index * 8);
    }
  }
  return columns;
};
