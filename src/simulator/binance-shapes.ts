import { type Decimal, dec, rounding, text } from '../domain/decimal.ts';
import type { Candle } from '../domain/market/candle.ts';
import { closeTimeOf, type Interval } from '../domain/market/interval.ts';
import type { SimulatedTrade } from './ledger-events.ts';
import { isOpen, type SimulatedOrder } from './ledger-state.ts';
import type { SimulatedMarket } from './market.ts';
import { orderTypes } from './order-types.ts';

/** Eight digits after the point, as Binance writes amounts. */
export const amount = (value: Decimal | string): string => dec(value).toFixed(8, rounding.down);

/** An order as GET order, openOrders and allOrders show it. */
export const orderView = (order: SimulatedOrder) => ({
  symbol: order.symbol,
  orderId: order.orderId,
  orderListId: order.orderListId ?? -1,
  clientOrderId: order.clientOrderId,
  price: amount(order.price),
  origQty: amount(order.quantity),
  executedQty: amount(order.executedQuantity),
  cummulativeQuoteQty: amount(order.executedQuote),
  status: order.status,
  timeInForce: order.timeInForce,
  type: order.type,
  side: order.side,
  stopPrice: amount(order.stopPrice ?? '0'),
  icebergQty: amount('0'),
  time: order.acceptedAt,
  updateTime: order.updatedAt,
  isWorking: order.workingSince !== null,
  workingTime: order.workingSince ?? -1,
  origQuoteOrderQty: amount('0'),
  selfTradePreventionMode: 'NONE',
});

export type ResponseType = 'ACK' | 'RESULT' | 'FULL';

/** The answer to POST order: ACK names the order, RESULT shows it, FULL adds its fills. */
export const placedView = (order: SimulatedOrder, response: ResponseType) => {
  const { symbol, orderId, orderListId, clientOrderId } = orderView(order);
  if (response === 'ACK') return { symbol, orderId, orderListId, clientOrderId, transactTime: order.acceptedAt };
  const { time: _time, updateTime: _updateTime, isWorking: _isWorking, ...view } = orderView(order);
  const result = { ...view, transactTime: order.acceptedAt };
  if (response === 'RESULT') return result;
  return {
    ...result,
    fills: order.trades.map((trade) => ({
      price: amount(trade.price),
      qty: amount(trade.quantity),
      commission: amount(trade.commission),
      commissionAsset: trade.commissionAsset,
      tradeId: trade.tradeId,
    })),
  };
};

/** The answer to DELETE order: `clientOrderId` is the cancel's own. */
export const cancelledView = (order: SimulatedOrder, cancelId: string) => {
  const { time: _time, updateTime: _updateTime, isWorking: _isWorking, ...view } = orderView(order);
  return { ...view, origClientOrderId: order.clientOrderId, clientOrderId: cancelId, transactTime: order.updatedAt };
};

export const tradeView = (order: SimulatedOrder, trade: SimulatedTrade) => ({
  symbol: order.symbol,
  id: trade.tradeId,
  orderId: order.orderId,
  orderListId: order.orderListId ?? -1,
  price: amount(trade.price),
  qty: amount(trade.quantity),
  quoteQty: amount(dec(trade.price).times(dec(trade.quantity))),
  commission: amount(trade.commission),
  commissionAsset: trade.commissionAsset,
  time: trade.time,
  isBuyer: order.side === 'BUY',
  isMaker: trade.maker,
  isBestMatch: true,
});

/** One row of /klines. The taker columns assume that half the volume bought. */
export const klineView = (candle: Candle, interval: Interval) => {
  const volume = dec(candle.volume);
  const quoteVolume = volume.times(dec(candle.close));
  const half = dec('0.5');
  return [
    candle.time,
    amount(candle.open),
    amount(candle.high),
    amount(candle.low),
    amount(candle.close),
    amount(volume),
    closeTimeOf(candle.time, interval) - 1,
    amount(quoteVolume),
    0,
    amount(volume.times(half)),
    amount(quoteVolume.times(half)),
    '0',
  ];
};

const filtersView = ({ filters }: SimulatedMarket) => [
  {
    filterType: 'PRICE_FILTER',
    minPrice: amount(filters.tickSize),
    maxPrice: amount('1000000'),
    tickSize: amount(filters.tickSize),
  },
  {
    filterType: 'LOT_SIZE',
    minQty: amount(filters.minQuantity),
    maxQty: amount(filters.maxQuantity),
    stepSize: amount(filters.stepSize),
  },
  { filterType: 'MARKET_LOT_SIZE', minQty: amount('0'), maxQty: amount(filters.maxQuantity), stepSize: amount('0') },
  {
    filterType: 'NOTIONAL',
    minNotional: amount(filters.minNotional),
    applyMinToMarket: true,
    maxNotional: amount('9000000'),
    applyMaxToMarket: false,
    avgPriceMins: 5,
  },
];

export const symbolView = (market: SimulatedMarket) => ({
  symbol: market.symbol,
  status: 'TRADING',
  baseAsset: market.base,
  baseAssetPrecision: 8,
  quoteAsset: market.quote,
  quotePrecision: 8,
  quoteAssetPrecision: 8,
  baseCommissionPrecision: 8,
  quoteCommissionPrecision: 8,
  orderTypes,
  icebergAllowed: false,
  ocoAllowed: true,
  quoteOrderQtyMarketAllowed: false,
  allowTrailingStop: false,
  cancelReplaceAllowed: false,
  isSpotTradingAllowed: true,
  isMarginTradingAllowed: false,
  filters: filtersView(market),
  permissions: [],
  permissionSets: [['SPOT']],
  defaultSelfTradePreventionMode: 'NONE',
  allowedSelfTradePreventionModes: ['NONE'],
});

/** An order with everything the ledger knows of it: the oracle of tests. Decimal text without padding. */
export const ledgerView = (order: SimulatedOrder) => ({
  ...order,
  open: isOpen(order),
  lockedAmount: text(dec(order.lockedAmount)),
});
