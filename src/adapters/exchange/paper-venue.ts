import type { MarketDataSource, Venue, VenueOrderReport, VenueOrderTerms } from '../../contracts/venue.ts';
import { dec, divide, sum, text } from '../../domain/decimal.ts';
import { paperOutcome } from '../../domain/fills/paper-fills.ts';
import type { PaperCosts, PaperOrder, PaperOutcome } from '../../domain/fills/paper-order.ts';
import { pairOutcome } from '../../domain/fills/paper-pair.ts';
import type { Candle } from '../../domain/market/candle.ts';
import { closeTimeOf } from '../../domain/market/interval.ts';
import type { Fill } from '../../domain/orders/order.ts';
import type { OrderRecord } from '../postgres/orders.ts';

/** What the paper venue reads; PostgreSQL stands behind it. */
export interface PaperBooks {
  orderByClientId(clientOrderId: string): Promise<OrderRecord | null>;
  openOrders(): Promise<readonly OrderRecord[]>;
  /** Both orders of a pair. */
  ordersOfList(orderListId: string): Promise<readonly OrderRecord[]>;
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
  /** `received`: an entry that buys pays in what it buys, as on an exchange without a fee asset; everything else pays in quote. */
  readonly feeIn?: 'quote' | 'received';
  readonly slippageBps: number;
  /** What one order takes of a candle's volume at most, per cent; null: no limit. */
  readonly volumeLimitPct: number | null;
  /** Of what a short was sold for, per cent a day; absent: nothing. */
  readonly borrowPct?: number;
}

/** Market time (epoch ms) from which no candle fills the order: its cancel, or its time in force once that is over. */
const restsUntil = ({ cancelRequestedAt, expireAt }: OrderRecord['metadata'], now: number): number | null => {
  const expiredAt = expireAt !== null && expireAt <= now ? expireAt : null;
  if (cancelRequestedAt === null || expiredAt === null) return cancelRequestedAt ?? expiredAt;
  return Math.min(cancelRequestedAt, expiredAt);
};

const idPrefix = 'paper-';

/** Market time from which candles fill the order, epoch ms. */
const startOf = ({ sentAt, metadata: { decidedAt, protection } }: OrderRecord): number =>
  protection?.candleTime ?? Math.max(sentAt ?? decidedAt, decidedAt);

/** What it waits for, by its own terms; or those of the protective order that an exit stands for. */
const levelsOf = ({
  type,
  price,
  stopPrice,
  timeInForce,
  metadata: { protection },
}: OrderRecord): Pick<PaperOrder, 'type' | 'price' | 'stopPrice' | 'timeInForce'> => {
  if (protection === null) return { type, price, stopPrice, timeInForce };
  return protection.type === 'STOP_LOSS'
    ? { type: protection.type, price: null, stopPrice: protection.price }
    : { type: protection.type, price: protection.price, stopPrice: null };
};

const termsOf = (order: OrderRecord): VenueOrderTerms => ({
  symbol: order.symbol,
  clientOrderId: order.clientOrderId,
  exchangeOrderId: `${idPrefix}${order.clientOrderId}`,
  side: order.side,
  type: order.type,
  quantity: order.quantity,
  price: order.price,
  stopPrice: order.stopPrice,
  timeInForce: order.timeInForce,
  orderListId: order.orderListId,
  createdAt: order.sentAt ?? order.metadata.decidedAt,
});

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

  const paperOrderOf = (order: OrderRecord, now: number): PaperOrder => {
    const { side, quantity, clientOrderId, reduceOnly, metadata } = order;
    // A strategy enters by the backtest's rules, a person by the market's.
    const isStrategys = order.kind !== 'manual';
    const hasMinimum = isStrategys && (volumeShare !== null || metadata.stake !== null);
    return {
      ...levelsOf(order),
      clientOrderId,
      side,
      quantity,
      budget: metadata.budget,
      stake: metadata.stake,
      maxQuantity: metadata.maxQuantity,
      stepSize: metadata.stepSize,
      ...(hasMinimum ? { minimum: { quantity: metadata.minQuantity, notional: metadata.minNotional } } : {}),
      reduceOnly,
      staysInBook: !isStrategys,
      from: startOf(order),
      cancelledAt: restsUntil(metadata, now),
    };
  };

  /** By the order's candles alone, and where it is one of a pair by what they did to the other. */
  const outcomeOf = async (
    order: OrderRecord,
    candles: readonly Candle[],
    now: number,
    costs: PaperCosts,
  ): Promise<PaperOutcome> => {
    const own = paperOrderOf(order, now);
    const other = await siblingOf(order);
    if (other === null) return paperOutcome(own, candles, costs);
    const against = paperOrderOf(other, now);
    const isStop = order.type === 'STOP_LOSS';
    const pair = pairOutcome(isStop ? { stop: own, target: against } : { stop: against, target: own }, candles, costs);
    return isStop ? pair.stop : pair.target;
  };

  const siblingOf = async ({ orderListId, orderId }: OrderRecord): Promise<OrderRecord | null> => {
    if (orderListId === null) return null;
    return (await books.ordersOfList(orderListId)).find((other) => other.orderId !== orderId) ?? null;
  };

  const reportOf = async (order: OrderRecord): Promise<VenueOrderReport> => {
    const { interval, base, quote, protection } = order.metadata;
    const paysInBase = settings.feeIn === 'received' && order.side === 'BUY' && !order.reduceOnly;
    const from = startOf(order);
    const candles = await books.candlesFrom({ symbol: order.symbol, interval, from });
    const last = candles.at(-1);
    const reportedAt = last ? closeTimeOf(last.time, interval) : from;
    const outcome = await outcomeOf(order, candles, reportedAt, {
      maker: fee,
      taker: fee,
      slippageBps,
      quote,
      feeFrom: paysInBase ? base : null,
      volumeShare,
    });
    return {
      clientOrderId: order.clientOrderId,
      exchangeOrderId: `${idPrefix}${order.clientOrderId}`,
      ...(order.orderListId === null ? {} : { orderListId: order.orderListId }),
      status: outcome.status,
      ...(outcome.quantity === undefined ? {} : { quantity: outcome.quantity }),
      filledQuantity: text(sum(outcome.fills.map((fill) => dec(fill.quantity)))),
      fills: protection === null ? outcome.fills : outcome.fills.map(insideItsCandle),
      reportedAt,
    };
  };

  const find: Venue['find'] = async ({ clientOrderId }) => {
    const order = await books.orderByClientId(clientOrderId);
    return order ? await reportOf(order) : null;
  };

  const place = async (ref: Parameters<Venue['find']>[0]): Promise<VenueOrderReport> => {
    const report = await find(ref);
    if (!report) throw new TypeError(`paper order ${ref.clientOrderId} was placed before its row was written`);
    return report;
  };

  return {
    id: 'paper',
    environment: 'paper',
    protection: 'as_if_rested',
    now: async (symbol) => (await books.marketTime(symbol)) ?? 0,
    market: (symbol) => markets.market(symbol),
    feeRates: async () =>
      await Promise.resolve({ maker: fee, taker: fee, borrowPct: text(dec(settings.borrowPct ?? 0)) }),
    reserveSlot: () => Promise.resolve(),
    place,
    placePair: async ({ symbol, stop, target }) => ({
      stop: await place({ symbol, clientOrderId: stop.clientOrderId }),
      target: await place({ symbol, clientOrderId: target.clientOrderId }),
    }),
    find,
    // The row already says from when on fills no longer count.
    cancel: find,
    openOrders: async () =>
      (await books.openOrders()).map((order) => ({ ...termsOf(order), filledQuantity: order.filledQuantity })),
    orderById: async ({ exchangeOrderId }) => {
      if (!exchangeOrderId.startsWith(idPrefix)) return null;
      const order = await books.orderByClientId(exchangeOrderId.slice(idPrefix.length));
      return order && { terms: termsOf(order), report: await reportOf(order) };
    },
    // Nobody else trades on paper: every trade follows from one of our rows, and `find` gives it.
    tradesFrom: async () => await Promise.resolve([]),
    balances: () => books.balances(),
  };
};
