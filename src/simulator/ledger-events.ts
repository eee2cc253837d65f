import type { Candle } from '../domain/market/candle.ts';
import type { Interval } from '../domain/market/interval.ts';
import type { MarketFilters } from '../domain/market/market-filters.ts';
import type { OrderSide, TimeInForce } from '../domain/orders/order.ts';
import type { SimulatedOrderType } from './order-types.ts';

/** One execution in the ledger. Decimal text; `time` is epoch ms. */
export interface SimulatedTrade {
  readonly tradeId: number;
  readonly price: string;
  readonly quantity: string;
  readonly commission: string;
  readonly commissionAsset: string;
  readonly maker: boolean;
  readonly time: number;
}

export interface AcceptedOrder {
  readonly orderId: number;
  /** Only where the order is a leg of a list. */
  readonly orderListId?: number;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly side: OrderSide;
  readonly type: SimulatedOrderType;
  readonly timeInForce: TimeInForce;
  /** `'0'` where the order has no limit. */
  readonly price: string;
  /** Only where the order waits for it. */
  readonly stopPrice?: string;
  readonly quantity: string;
  /** Moved from free to locked when the order was accepted; `'0'` where the other leg of its list holds the lock. */
  readonly lockAsset: string;
  readonly lockAmount: string;
  readonly acceptedAt: number;
}

/** Two orders of which one trades at most. Its legs are accepted with it. */
export interface AcceptedList {
  readonly orderListId: number;
  readonly listClientOrderId: string;
  readonly symbol: string;
  readonly orderIds: readonly number[];
  readonly acceptedAt: number;
}

/** A market that was posted to the simulator while it ran. */
export interface LoadedMarket {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly filters: MarketFilters;
  readonly interval: Interval;
  readonly candles: readonly Candle[];
}

/** Everything that changes the exchange's state. The state is what these events add up to, in order. */
export type LedgerEvent =
  | { readonly type: 'opened'; readonly balances: Readonly<Record<string, string>> }
  | { readonly type: 'accepted'; readonly order: AcceptedOrder }
  | { readonly type: 'listed'; readonly list: AcceptedList }
  /** The lock of a list passes to this leg. */
  | { readonly type: 'locked'; readonly orderId: number; readonly amount: string }
  /** `release` leaves the lock for this fill. */
  | { readonly type: 'filled'; readonly orderId: number; readonly trade: SimulatedTrade; readonly release: string }
  /** The order's stop price was reached at `time`: from then on it works. */
  | { readonly type: 'triggered'; readonly orderId: number; readonly time: number }
  | { readonly type: 'ended'; readonly orderId: number; readonly status: 'CANCELED' | 'EXPIRED' }
  | { readonly type: 'clock'; readonly now: number }
  | { readonly type: 'market'; readonly market: LoadedMarket };

/** Events that become true together: one line of the ledger file. `at` is the exchange's time, epoch ms. */
export interface LedgerBatch {
  readonly at: number;
  readonly events: readonly LedgerEvent[];
}
