import type { Candle } from '../domain/market/candle.ts';
import type { Interval } from '../domain/market/interval.ts';
import type { Market } from '../domain/market/market-filters.ts';
import type { Environment, Fill, OrderSide, OrderStatus, OrderType, TimeInForce } from '../domain/orders/order.ts';

/** An order as it is handed to a venue: checked, sized and rounded already. Decimal text. */
export interface VenueOrderRequest {
  /** 32 hex characters, derived from the intent. */
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly type: OrderType;
  readonly quantity: string;
  /** Null for a market order. */
  readonly price: string | null;
  readonly timeInForce: TimeInForce | null;
  /** Venue time in epoch ms at which it was marked `submitting`; the venue refuses it after the receive window. */
  readonly sentAt: number;
}

/** What a venue says of one order, with every fill it knows. `filledQuantity` may run ahead of the fills. */
export interface VenueOrderReport {
  readonly clientOrderId: string;
  readonly exchangeOrderId: string;
  readonly status: Extract<OrderStatus, 'open' | 'partially_filled' | 'filled' | 'cancelled' | 'rejected' | 'expired'>;
  readonly filledQuantity: string;
  readonly fills: readonly Fill[];
  /** Venue time, epoch ms. */
  readonly reportedAt: number;
}

export interface VenueOrderRef {
  readonly symbol: string;
  readonly clientOrderId: string;
}

export interface OpenVenueOrder extends VenueOrderRef {
  readonly filledQuantity: string;
}

/** Fees as fractions of the notional: 0.001 is 0.1 %. Decimal text. */
export interface FeeRates {
  readonly maker: string;
  readonly taker: string;
}

/**
 * Where orders go. Every method throws `VenueFailure` for what the venue says or does not say, and `DomainError`
 * (`UnknownSymbol`) for a market it does not have.
 */
export interface Venue {
  /** `paper`, `simulator` or a ccxt exchange id. Stored in `orders.exchange`. */
  readonly id: string;
  readonly environment: Environment;
  /** Venue time, epoch ms. On paper that is the market's own candle time. */
  now(symbol: string): Promise<number>;
  market(symbol: string): Promise<Market>;
  feeRates(symbol: string): Promise<FeeRates>;
  /** Sends once, never retries. */
  place(request: VenueOrderRequest): Promise<VenueOrderReport>;
  /** Null where the venue says it has no such order (which may be wrong for some minutes). */
  find(ref: VenueOrderRef): Promise<VenueOrderReport | null>;
  /** Asks for cancellation and answers with the order as it then stands; a fill that raced the cancel wins. */
  cancel(ref: VenueOrderRef): Promise<VenueOrderReport | null>;
  /** Orders that are open at the venue now. */
  openOrders(): Promise<readonly OpenVenueOrder[]>;
  /** Total balance by asset, decimal text, zero balances left out. */
  balances(): Promise<Readonly<Record<string, string>>>;
}

/** Where closed candles come from. */
export interface MarketDataSource {
  /** A ccxt exchange id, or `simulator`. */
  readonly id: string;
  /** Venue time, epoch ms. */
  now(): Promise<number>;
  market(symbol: string): Promise<Market>;
  /** Closed candles with open time ≥ `from`, oldest first, at most `limit`; never the open candle. */
  candles(query: { symbol: string; interval: Interval; from: number; limit: number }): Promise<readonly Candle[]>;
}
