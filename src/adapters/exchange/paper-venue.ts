import type { MarketDataSource, Venue, VenueOrderReport } from '../../contracts/venue.ts';
import { dec, divide, sum, text } from '../../domain/decimal.ts';
import { paperOutcome } from '../../domain/fills/paper-fills.ts';
import type { PaperOrder } from '../../domain/fills/paper-order.ts';
import type { Candle } from '../../domain/market/candle.ts';
import { closeTimeOf } from '../../domain/market/interval.ts';
import type { Fill } from '../../domain/orders/order.ts';
import type { OrderRecord } from '../postgres/orders.ts';

/** What the paper venue reads; PostgreSQL stands behind it. */
export interface PaperBooks {
  orderByClientId(clientOrderId: string): Promise<OrderRecord | null>;
  openOrders(): Promise<readonly OrderRecord[]>;
  candlesFrom(query: {
    symbol: string;
    interval: OrderRecord['metadata']['interval'];
    from: number;
  }): Promise<readonly Candle[]>;
  /** Total by asset, decimal text. */
  balances(): Promise<Readonly<Record<string, string>>>;
  /** Newest stored close over all intervals of a symbol, epoch ms; null where there is none. */
  marketTime(symbol: string): Promise<number | null>;
}

export interface PaperSettings {
  readonly feePct: number;
  readonly slippageBps: number;
  /** What one order takes of a candle's volume at most, per cent; null: no limit. */
  readonly volumeLimitPct: number | null;
}

/** Market time (epoch ms) from which no candle fills the order: its cancel, or its time in force once that is over. */
const restsUntil = ({ cancelRequestedAt, expireAt }: OrderRecord['metadata'], now: number): number | null => {
  const expiredAt = expireAt !== null && expireAt <= now ? expireAt : null;
  if (cancelRequestedAt === null || expiredAt === null) return cancelRequestedAt ?? expiredAt;
  return Math.min(cancelRequestedAt, expiredAt);
};

/** A protective fill comes after the entry, also on the entry's own candle, whose open time both would have. */
const insideItsCandle = (fill: Fill): Fill => ({ ...fill, executedAt: fill.executedAt + 1 });

/**
 * A venue without a venue: an order's fills follow from its row and the stored candles, so nothing is kept besides
 * them and every answer can be given again.
 */
export const createPaperVenue = (
  books: PaperBooks,
  markets: Pick<MarketDataSource, 'market'>,
  settings: PaperSettings,
): Venue => {
  const fee = text(divide(dec(settings.feePct), dec('100'), 12));
  const { slippageBps, volumeLimitPct } = settings;
  const volumeShare = volumeLimitPct === null ? null : volumeLimitPct / 100;

  /** Under a volume limit, an entry may come to less than the market takes. */
  const minimumOf = async (symbol: string): Promise<Pick<PaperOrder, 'minimum'>> => {
    if (volumeShare === null) return {};
    const { minQuantity, minNotional } = (await markets.market(symbol)).filters;
    return { minimum: { quantity: minQuantity, notional: minNotional } };
  };

  const reportOf = async (order: OrderRecord): Promise<VenueOrderReport> => {
    const { interval, decidedAt, quote, stepSize, budget, protection } = order.metadata;
    const from = protection?.candleTime ?? Math.max(order.sentAt ?? decidedAt, decidedAt);
    const candles = await books.candlesFrom({ symbol: order.symbol, interval, from });
    const last = candles.at(-1);
    const reportedAt = last ? closeTimeOf(last.time, interval) : from;
    const { side, type, quantity, price, clientOrderId, reduceOnly } = order;
    const outcome = paperOutcome(
      {
        clientOrderId,
        side,
        type: protection?.type ?? type,
        quantity,
        price: protection?.price ?? price,
        budget,
        stepSize,
        ...(await minimumOf(order.symbol)),
        reduceOnly,
        from,
        cancelledAt: restsUntil(order.metadata, reportedAt),
      },
      candles,
      { maker: fee, taker: fee, slippageBps, quote, volumeShare },
    );
    return {
      clientOrderId: order.clientOrderId,
      exchangeOrderId: `paper-${order.clientOrderId}`,
      status: outcome.status,
      filledQuantity: text(sum(outcome.fills.map((fill) => dec(fill.quantity)))),
      fills: protection === null ? outcome.fills : outcome.fills.map(insideItsCandle),
      reportedAt,
    };
  };

  const find: Venue['find'] = async ({ clientOrderId }) => {
    const order = await books.orderByClientId(clientOrderId);
    return order ? await reportOf(order) : null;
  };

  return {
    id: 'paper',
    environment: 'paper',
    now: async (symbol) => (await books.marketTime(symbol)) ?? 0,
    market: (symbol) => markets.market(symbol),
    feeRates: async () => await Promise.resolve({ maker: fee, taker: fee }),
    reserveSlot: () => Promise.resolve(),
    place: async (request) => {
      const report = await find(request);
      if (!report) throw new TypeError(`paper order ${request.clientOrderId} was placed before its row was written`);
      return report;
    },
    find,
    // The row already says from when on fills no longer count.
    cancel: find,
    openOrders: async () =>
      (await books.openOrders()).map(({ symbol, clientOrderId, filledQuantity }) => ({
        symbol,
        clientOrderId,
        filledQuantity,
      })),
    balances: () => books.balances(),
  };
};
