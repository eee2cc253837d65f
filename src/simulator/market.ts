import { type Decimal, dec, max, min, sum, text } from '../domain/decimal.ts';
import type { Candle } from '../domain/market/candle.ts';
import { closeTimeOf, type Interval, intervalMs, openTimeOf } from '../domain/market/interval.ts';
import type { Market, MarketFilters } from '../domain/market/market-filters.ts';
import { badInterval } from './binance-errors.ts';
import { partialCandle, priceWithin } from './candle-path.ts';
import type { CandleSource } from './candle-source.ts';

export interface SimulatedMarket extends Market {
  readonly source: CandleSource;
}

export const defaultFilters: MarketFilters = {
  tickSize: '0.01',
  stepSize: '0.00001',
  minQuantity: '0.00001',
  maxQuantity: '9000',
  minNotional: '5',
};

/** Last traded price at `time` (epoch ms); after the last candle or in a gap, the close before it. */
export const priceAt = (market: SimulatedMarket, time: number): Decimal => {
  const { source } = market;
  const open = openTimeOf(time, source.interval);
  const candle = source.at(open);
  if (candle !== undefined) {
    return priceWithin(candle, time - open, intervalMs[source.interval], dec(market.filters.tickSize));
  }
  const [before] = source.read({ from: 0, to: open, limit: 1, keep: 'last' });
  return dec(before?.close ?? source.at(source.first)?.open ?? '0');
};

/** A part of one candle, `from` and `to` in ms since its open. */
export interface CandleSpan {
  readonly candle: Candle;
  readonly from: number;
  readonly to: number;
  readonly duration: number;
  readonly tick: Decimal;
}

/** The parts of candles that traded between two moments, epoch ms. */
export function* spansBetween(market: SimulatedMarket, from: number, to: number): Generator<CandleSpan> {
  const { source } = market;
  const duration = intervalMs[source.interval];
  const tick = dec(market.filters.tickSize);
  for (let open = Math.max(openTimeOf(from, source.interval), source.first); open < to; open += duration) {
    if (source.last !== null && open > source.last) return;
    const candle = source.at(open);
    if (candle === undefined) continue;
    yield { candle, from: Math.max(from, open) - open, to: Math.min(to, open + duration) - open, duration, tick };
  }
}

const merged = (candles: readonly Candle[], openTime: number): Candle => ({
  time: openTime,
  open: candles[0]?.open ?? '0',
  high: text(candles.map((candle) => dec(candle.high)).reduce(max)),
  low: text(candles.map((candle) => dec(candle.low)).reduce(min)),
  close: candles.at(-1)?.close ?? '0',
  volume: text(sum(candles.map((candle) => dec(candle.volume)))),
});

const aggregated = (candles: readonly Candle[], interval: Interval): Candle[] =>
  [...Map.groupBy(candles, (candle) => openTimeOf(candle.time, interval))].map(([open, group]) => merged(group, open));

export interface KlineQuery {
  readonly interval: Interval;
  /** Open times, epoch ms, both included. */
  readonly startTime: number | null;
  readonly endTime: number | null;
  readonly limit: number;
}

/**
 * Candles that have opened by `now`, oldest first; the last one may be open still and is served as it stands. From
 * `startTime` on where given, else the latest.
 * @throws BinanceError -1120 for an interval that is no multiple of the market's own.
 */
export const klines = (market: SimulatedMarket, query: KlineQuery, now: number): Candle[] => {
  const { source } = market;
  const duration = intervalMs[source.interval];
  const multiple = intervalMs[query.interval] / duration;
  if (!Number.isInteger(multiple)) throw badInterval();
  const keep = query.startTime === null ? 'last' : 'first';
  const requested =
    query.endTime === null ? now : closeTimeOf(openTimeOf(query.endTime, query.interval), query.interval) - 1;
  const spare = multiple === 1 ? 0 : 1;
  const read = source.read({
    from:
      query.startTime === null
        ? 0
        : Math.ceil(query.startTime / intervalMs[query.interval]) * intervalMs[query.interval],
    to: Math.min(now, requested),
    limit: (query.limit + spare) * multiple,
    keep,
  });
  const seen = read.map((candle) =>
    candle.time + duration > now
      ? partialCandle(candle, now - candle.time, duration, dec(market.filters.tickSize))
      : candle,
  );
  const whole = multiple === 1 ? seen : aggregated(seen, query.interval);
  return keep === 'first' ? whole.slice(0, query.limit) : whole.slice(-query.limit);
};
