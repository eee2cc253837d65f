import { dec, divide, max, min, sum, text, zero } from '../../domain/decimal.ts';
import { isInterval } from '../../domain/market/interval.ts';
import { badInterval } from '../binance-errors.ts';
import { amount, klineView, symbolView } from '../binance-shapes.ts';
import type { Exchange } from '../exchange.ts';
import { klines, priceAt, type SimulatedMarket } from '../market.ts';
import { touchPrice } from '../matching.ts';
import { integerParameter, limitParameter, type Route } from './route.ts';

const day = 86_400_000;
const bookLevels = 5;
const bookQuantity = '10';

const touches = (exchange: Exchange, market: SimulatedMarket, now: number) => {
  const last = priceAt(market, now);
  const tick = dec(market.filters.tickSize);
  const at = (side: 'BUY' | 'SELL') => touchPrice(last, side, exchange.rules, tick);
  return { last, tick, bid: at('SELL'), ask: at('BUY') };
};

const dayTicker = (exchange: Exchange, market: SimulatedMarket, now: number) => {
  const { last, bid, ask } = touches(exchange, market, now);
  const { interval } = market.source;
  const candles = klines(market, { interval, startTime: now - day, endTime: null, limit: 1440 }, now);
  const open = dec(candles[0]?.open ?? text(last));
  const volume = sum(candles.map((candle) => dec(candle.volume)));
  const quoteVolume = sum(candles.map((candle) => dec(candle.volume).times(dec(candle.close))));
  return {
    symbol: market.symbol,
    priceChange: amount(last.minus(open)),
    priceChangePercent: divide(last.minus(open).times(dec('100')), open, 3).toFixed(3),
    weightedAvgPrice: amount(volume.eq(zero) ? last : divide(quoteVolume, volume, 8)),
    prevClosePrice: amount(open),
    lastPrice: amount(last),
    lastQty: amount('0'),
    bidPrice: amount(bid),
    bidQty: amount(bookQuantity),
    askPrice: amount(ask),
    askQty: amount(bookQuantity),
    openPrice: amount(open),
    highPrice: amount(candles.map((candle) => dec(candle.high)).reduce(max, last)),
    lowPrice: amount(candles.map((candle) => dec(candle.low)).reduce(min, last)),
    volume: amount(volume),
    quoteVolume: amount(quoteVolume),
    openTime: now - day,
    closeTime: now,
    firstId: -1,
    lastId: -1,
    count: 0,
  };
};

const priceTicker = (market: SimulatedMarket, now: number) => ({
  symbol: market.symbol,
  price: amount(priceAt(market, now)),
});

/** One answer for `symbol`, or a list over all markets. */
const oneOrAll = <View>(exchange: Exchange, parameters: URLSearchParams, view: (market: SimulatedMarket) => View) =>
  parameters.has('symbol') ? view(exchange.market(parameters.get('symbol'))) : exchange.markets().map(view);

const open = { method: 'GET', signed: false } as const;

/** What so many levels weigh at most. */
const depthWeights = [
  [100, 5],
  [500, 25],
  [1000, 50],
] as const;

export const marketDataRoutes: readonly Route[] = [
  { ...open, path: '/api/v3/ping', weight: 1, handle: () => ({}) },
  {
    ...open,
    path: '/sapi/v1/system/status',
    weight: 1,
    handle: ({ faults }) =>
      faults.isUnderMaintenance() ? { status: 1, msg: 'system maintenance' } : { status: 0, msg: 'normal' },
  },
  { ...open, path: '/api/v3/time', weight: 1, handle: ({ now }) => ({ serverTime: now }) },
  {
    ...open,
    path: '/api/v3/exchangeInfo',
    weight: 20,
    handle: ({ exchange, rateLimits, parameters, now }) => ({
      timezone: 'UTC',
      serverTime: now,
      rateLimits,
      exchangeFilters: [],
      symbols: [oneOrAll(exchange, parameters, symbolView)].flat(),
    }),
  },
  {
    ...open,
    path: '/api/v3/ticker/24hr',
    weight: (parameters) => (parameters.has('symbol') ? 2 : 80),
    handle: ({ exchange, parameters, now }) =>
      oneOrAll(exchange, parameters, (market) => dayTicker(exchange, market, now)),
  },
  {
    ...open,
    path: '/api/v3/ticker/price',
    weight: (parameters) => (parameters.has('symbol') ? 2 : 4),
    handle: ({ exchange, parameters, now }) => oneOrAll(exchange, parameters, (market) => priceTicker(market, now)),
  },
  {
    ...open,
    path: '/api/v3/depth',
    weight(parameters) {
      const levels = limitParameter(parameters, 100, 5000);
      return depthWeights.find(([most]) => levels <= most)?.[1] ?? 250;
    },
    handle({ exchange, parameters, now }) {
      const { bid, ask, tick } = touches(exchange, exchange.market(parameters.get('symbol')), now);
      const levels = Array.from({ length: Math.min(bookLevels, limitParameter(parameters, 100, 5000)) }, (_, n) => n);
      return {
        lastUpdateId: now,
        bids: levels.map((level) => [amount(bid.minus(tick.times(dec(level)))), amount(bookQuantity)]),
        asks: levels.map((level) => [amount(ask.plus(tick.times(dec(level)))), amount(bookQuantity)]),
      };
    },
  },
  {
    ...open,
    path: '/api/v3/klines',
    weight: 2,
    handle({ exchange, parameters, now }) {
      const market = exchange.market(parameters.get('symbol'));
      const interval = parameters.get('interval') ?? '';
      if (!isInterval(interval)) throw badInterval();
      const query = {
        interval,
        startTime: integerParameter(parameters, 'startTime', null),
        endTime: integerParameter(parameters, 'endTime', null),
        limit: limitParameter(parameters, 500, 1000),
      };
      return klines(market, query, now).map((candle) => klineView(candle, interval));
    },
  },
];
