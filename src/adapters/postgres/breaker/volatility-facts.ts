import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import { type Measured, figureOf } from '../../../domain/breaker/judge.ts';
import type { VolatilityTrigger } from '../../../domain/breaker/policy.ts';
import { fittingIntervals, volatilityRatio } from '../../../domain/breaker/volatility.ts';
import { type Interval, dayMs, intervalMs } from '../../../domain/market/interval.ts';
import type { Environment } from '../../../domain/orders/order.ts';
import { readCandleColumns } from '../candle-columns.ts';
import { ownSymbols } from '../portfolio/own-markets.ts';
import { epochMs, intervalText } from '../rows.ts';

const minuteMs = 60_000;

interface Series {
  readonly symbol: string;
  readonly interval: Interval;
  /** Open time of its newest candle, epoch ms. */
  readonly newest: number;
}

const newestRow = z
  .object({ symbol: z.string(), interval: intervalText, newest: epochMs })
  .transform((row): Series => row);

/** The newest candle of each symbol that an environment trades or holds, by interval. */
const newestCandles = async (
  db: CommonQueryMethods,
  environment: Environment,
  intervals: readonly Interval[],
): Promise<readonly Series[]> =>
  await db.any(sql.type(newestRow)`
    SELECT own.symbol, step.interval, newest.timestamp AS newest
    FROM (${ownSymbols(environment)}) AS own
    CROSS JOIN unnest(${sql.array([...intervals], 'text')}) AS step(interval)
    CROSS JOIN LATERAL (
      SELECT timestamp FROM market_data m WHERE m.symbol = own.symbol AND m.interval = step.interval
      ORDER BY timestamp DESC LIMIT 1) AS newest
    ORDER BY own.symbol`);

const movesAtAll = async (db: CommonQueryMethods, environment: Environment): Promise<boolean> =>
  await db.exists(sql.unsafe`${ownSymbols(environment)}`);

const closesAt = ({ newest, interval }: Series): number => newest + intervalMs[interval];

/** The shortest interval of a symbol that is kept up with, within a window of the one that closed last. */
const shortestOf = (series: readonly Series[], windowMs: number): readonly Series[] =>
  [...Map.groupBy(series, ({ symbol }) => symbol).values()].flatMap((ofSymbol) => {
    const last = Math.max(...ofSymbol.map(closesAt));
    const [shortest] = ofSymbol
      .filter((candidate) => closesAt(candidate) > last - windowMs)
      .toSorted((a, b) => intervalMs[a.interval] - intervalMs[b.interval]);
    return shortest ? [shortest] : [];
  });

const sinceRow = z.object({ since: z.number().nullable() });

/** Market time when a person last ended a volatility event before it was over: what was known then is no news. */
const resolvedEarlyAt = async (db: CommonQueryMethods, environment: Environment): Promise<number | null> => {
  const row = await db.maybeOne(sql.type(sinceRow)`
    SELECT (metadata ->> 'resolvedEarlyAt')::float8 AS since FROM circuit_breaker_events
    WHERE environment = ${environment} AND trigger_type = 'volatility_spike' AND resolved_at IS NOT NULL
    ORDER BY id DESC LIMIT 1`);
  return row?.since ?? null;
};

/**
 * The greatest `volatilityRatio` of the symbols that an environment trades or holds, each on the shortest stored interval of which a
 * whole number, four at least, makes a window. A symbol without a value does not count; without any there is none. Where nothing is traded or held, nothing moves.
 */
export const readVolatility = async (
  db: CommonQueryMethods,
  environment: Environment,
  { windowMinutes, historyDays }: VolatilityTrigger,
): Promise<Measured> => {
  const windowMs = windowMinutes * minuteMs;
  const historyMs = historyDays * dayMs;
  const since = await resolvedEarlyAt(db, environment);
  const series = shortestOf(await newestCandles(db, environment, fittingIntervals(windowMs)), windowMs);
  let most: { readonly value: number; readonly says: string } | null = null;
  let reason = 'nothing that is traded or held has candles that fit';
  if (series.length === 0 && !(await movesAtAll(db, environment)))
    return { value: 0, says: 'nothing is traded or held, so nothing moves' };
  for (const { symbol, interval, newest } of series) {
    const candleMs = intervalMs[interval];
    const from = newest - historyMs - windowMs - candleMs;
    const { time: times, close: closes } = await readCandleColumns(db, { symbol, interval, from });
    const answer = volatilityRatio({ times, closes, candleMs, windowMs, historyMs, since });
    if (answer.ratio === null) {
      reason = `${symbol}: ${answer.reason}`;
      continue;
    }
    const value = figureOf(answer.ratio);
    if (most === null || value > most.value)
      most = { value, says: `${symbol} moves ${value} times as much as is usual in ${historyDays} days` };
  }
  return most ?? { value: null, says: `volatility is not defined: ${reason}` };
};
