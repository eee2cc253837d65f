import { type FragmentSqlToken, sql } from 'slonik';
import { intervalMs } from '../../../domain/market/interval.ts';

const lengths = sql.array(Object.values(intervalMs), 'int8');
const names = sql.array(Object.keys(intervalMs), 'text');

/**
 * Rows of (close, closes_at) of a symbol's candle that closed last, over all intervals; none where nothing is stored. What opened
 * last need not have closed last: of each longer interval, only the candle that contains that opening can have closed later.
 * @param symbol an SQL expression, with the name of its table: `symbol` alone would be the candle's own
 * @param within expressions between which it opened, the first included: whole UTC days, into which all intervals fit
 */
export const newestCandle = (
  symbol: FragmentSqlToken,
  within?: { readonly from: FragmentSqlToken; readonly to: FragmentSqlToken },
): FragmentSqlToken => sql.fragment`
  SELECT m.close, m.timestamp + step.length * interval '1 millisecond' AS closes_at
  FROM (SELECT timestamp FROM market_data WHERE symbol = ${symbol}
        ${within ? sql.fragment`AND timestamp >= ${within.from} AND timestamp < ${within.to}` : sql.fragment``}
        ORDER BY timestamp DESC LIMIT 1) opened
  CROSS JOIN unnest(${names}, ${lengths}) AS step(name, length)
  JOIN market_data m ON m.symbol = ${symbol} AND m.interval = step.name
    AND m.timestamp = date_bin(step.length * interval '1 millisecond', opened.timestamp, timestamp '1970-01-01')
  ORDER BY closes_at DESC LIMIT 1`;

/** When the candle that closed last over all symbols did, as a scalar. */
export const newestCloseOfAll: FragmentSqlToken = sql.fragment`
  SELECT max(newest.timestamp + step.length * interval '1 millisecond')
  FROM unnest(${names}, ${lengths}) AS step(name, length)
  CROSS JOIN LATERAL (
    SELECT timestamp FROM market_data WHERE interval = step.name ORDER BY timestamp DESC LIMIT 1) AS newest`;
