import { type DatabasePool, sql } from 'slonik';
import { timestampText } from './pool.ts';

export interface IndicatorValue {
  /** `SMA_20` */
  readonly name: string;
  readonly value: number;
  /** Further outputs by name. */
  readonly metadata: Readonly<Record<string, number>> | null;
}

/** Stores the indicator values of one candle (`time`: open time, epoch ms); the same again changes nothing. */
export const storeIndicators = async (
  pool: DatabasePool,
  at: { symbol: string; interval: string; time: number },
  values: readonly IndicatorValue[],
): Promise<void> => {
  if (values.length === 0) return;
  const rows = values.map(({ name, value, metadata }) => [
    at.symbol,
    timestampText(at.time),
    at.interval,
    name,
    value.toFixed(8),
    metadata === null ? null : JSON.stringify(metadata),
  ]);
  await pool.query(sql.unsafe`
    INSERT INTO technical_indicators (symbol, timestamp, interval, indicator_name, value, metadata)
    SELECT * FROM ${sql.unnest(rows, ['text', 'timestamp', 'text', 'text', 'numeric', 'jsonb'])} AS v(symbol, timestamp, interval, name, value, metadata)
    ON CONFLICT (symbol, timestamp, interval, indicator_name) DO UPDATE SET value = EXCLUDED.value, metadata = EXCLUDED.metadata
    WHERE technical_indicators.value IS DISTINCT FROM EXCLUDED.value`);
};
