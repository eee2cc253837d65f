import { sql } from 'slonik';
import type { CommonQueryMethods } from 'slonik';
import { z } from 'zod';
import type { CandleColumns } from '../../domain/market/candle.ts';
import { inRange } from './candles.ts';
import type { CandleRange } from './candles.ts';

/** Rows in one answer: 48 bytes each, which the wire protocol doubles; far below the 1 GB that PostgreSQL allows. */
const pageSize = 500_000;
const rowBytes = 48;
const page = z.object({ packed: z.instanceof(Buffer).nullable() });

/** Up to `pageSize` candles packed by the server as big-endian float64: time, open, high, low, close, volume. */
const readPage = async (pool: CommonQueryMethods, range: CandleRange): Promise<Buffer> => {
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
      ORDER BY timestamp
      LIMIT ${pageSize}
    ) AS candles
  `);
  return packed ?? Buffer.alloc(0);
};

const readPages = async (pool: CommonQueryMethods, range: CandleRange): Promise<readonly Buffer[]> => {
  const pages: Buffer[] = [];
  let from = range.from;
  for (;;) {
    const packed = await readPage(pool, from === undefined ? range : { ...range, from });
    pages.push(packed);
    if (packed.length < pageSize * rowBytes) return pages;
    from = packed.readDoubleBE(packed.length - rowBytes) + 1;
  }
};

/**
 * Stored candles, oldest first, as columns of float64: each the double nearest to the stored decimal, the same that
 * `Number(text)` gives. No object is made per candle.
 */
export const readCandleColumns = async (pool: CommonQueryMethods, range: CandleRange): Promise<CandleColumns> => {
  const pages = await readPages(pool, range);
  const length = pages.reduce((total, { length: bytes }) => total + bytes / rowBytes, 0);
  const column = (): Float64Array => new Float64Array(length);
  const columns = { time: column(), open: column(), high: column(), low: column(), close: column(), volume: column() };
  const ordered = [columns.time, columns.open, columns.high, columns.low, columns.close, columns.volume];
  let row = 0;
  for (const packed of pages) {
    for (let offset = 0; offset < packed.length; offset += rowBytes, row += 1) {
      for (const [index, values] of ordered.entries()) values[row] = packed.readDoubleBE(offset + index * 8);
    }
  }
  return { length, ...columns };
};
