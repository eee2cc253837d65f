import type { MarketDataSource } from '../../contracts/venue.ts';
import type { Candle } from '../../domain/market/candle.ts';
import { closeTimeOf, intervalMs } from '../../domain/market/interval.ts';
import { parseKlines } from './binance-replies.ts';
import type { CcxtClient } from './ccxt-client.ts';
import { createMarketCatalogue } from './market-catalogue.ts';

const maxPerRequest = 1_000;

/**
 * Closed candles over the exchange's public klines, read raw because ccxt turns them into floats. Pages of 1000 until
 * `limit` is reached or the venue has no more. A candle is closed when the venue's clock says so.
 */
export const createCcxtMarketData = ({ client, id }: { client: CcxtClient; id: string }): MarketDataSource => {
  const catalogue = createMarketCatalogue(client);
  return {
    id,
    now: () => client.clock.now(),
    market: (symbol) => catalogue.market(symbol),
    candles: async ({ symbol, interval, from, limit }) => {
      await catalogue.market(symbol);
      const now = await client.clock.now();
      const found = new Map<number, Candle>();
      let startTime = from;
      while (found.size < limit && closeTimeOf(startTime, interval) <= now) {
        const wanted = Math.min(maxPerRequest, limit - found.size + 1);
        const params = { symbol, interval, startTime, limit: wanted };
        const page = await client.call('fetchOHLCV', 'public', async (exchange) =>
          parseKlines(await exchange.publicGetKlines(params)),
        );
        for (const [time, open, high, low, close, volume] of page)
          if (time >= from && closeTimeOf(time, interval) <= now)
            found.set(time, { time, open, high, low, close, volume });
        const next = Math.max(startTime, ...page.map(([time]) => time + intervalMs[interval]));
        if (page.length < wanted || next === startTime) break;
        startTime = next;
      }
      return [...found.values()].sort((a, b) => a.time - b.time).slice(0, limit);
    },
  };
};
