import { randomUUID } from 'node:crypto';
import { v5 as uuidv5 } from 'uuid';
import type { OrderIntent } from '../../../contracts/order-intent.ts';
import { closeTimeOf, type Interval } from '../../../domain/market/interval.ts';
import { manualStrategyIds } from '../../../domain/orders/manual.ts';
import { type PlaceOptions, typeNames } from './place-options.ts';

/** The newest stored close of a symbol; `time` is its candle's open, epoch ms. */
export interface LastClose {
  readonly price: string;
  readonly time: number;
  readonly interval: Interval;
}

/**
 * The intent of an order by hand. Its id follows from the request's: the same request is the same order.
 * @param now epoch ms, for a symbol of which nothing is stored
 */
export const intentOf = (options: PlaceOptions, last: LastClose | null, now: number): OrderIntent => {
  const { environment, symbol, price = null, stopPrice = null } = options;
  const strategyId = manualStrategyIds[environment];
  const interval = last?.interval ?? '1m';
  return {
    orderId: uuidv5(options.requestId ?? randomUUID(), strategyId),
    strategyId,
    strategyVersion: 1,
    environment,
    symbol,
    interval,
    side: options.side === 'buy' ? 'BUY' : 'SELL',
    kind: 'manual',
    referencePrice: price ?? stopPrice ?? last?.price ?? '',
    candleTime: last?.time ?? now,
    decidedAt: last ? closeTimeOf(last.time, interval) : now,
    reason: `placed by ${options.by}`,
    terms: {
      type: typeNames[options.type],
      quantity: options.quantity,
      price,
      stopPrice,
      timeInForce: options.timeInForce ?? null,
      reduceOnly: options.reduceOnly === true,
    },
    requestedBy: options.by,
  };
};
