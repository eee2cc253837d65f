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
  /** Limit; null for a market order, and for a stop that becomes one. */
  readonly price: string | null;
  /** Trigger of a STOP_LOSS, or of a TAKE_PROFIT that waits for one; null otherwise. */
  readonly stopPrice: string | null;
  readonly timeInForce: TimeInForce | null;
  /** Venue time in epoch ms at which it was marked `submitting`; the venue refuses it after the receive window. */
  readonly sentAt: number;
}

/** A stop and a target for one quantity, taken together or not at all: whichever trades first ends the other. */
export interface VenuePairRequest {
  readonly listClientOrderId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly quantity: string;
  /** `price` null: a market order once `stopPrice` is reached. */
  readonly stop: { readonly clientOrderId: string; readonly stopPrice: string; readonly price: string | null };
  readonly target: { readonly clientOrderId: string; readonly price: string };
  readonly sentAt: number;
}

/** What a venue says of one order, with every fill it knows. `filledQuantity` may run ahead of the fills. */
export interface VenueOrderReport {
  readonly clientOrderId: string;
  readonly exchangeOrderId: string;
  /** The venue's id of the pair that the order belongs to; absent of one that stands alone. */
  readonly orderListId?: string;
  readonly status: Extract<OrderStatus, 'open' | 'partially_filled' | 'filled' | 'cancelled' | 'rejected' | 'expired'>;
  readonly filledQuantity: string;
  /** Of an order that was given in quote: what it came to at its price. Absent where the quantity was given. */
  readonly quantity?: string;
  readonly fills: readonly Fill[];
  /** Venue time, epoch ms. */
  readonly reportedAt: number;
}

export interface VenueOrderRef {
  readonly symbol: string;
  readonly clientOrderId: string;
}

/** An order as the venue shows it, ours or not. Decimal text; `createdAt` in venue time, epoch ms. */
export interface VenueOrderTerms extends VenueOrderRef {
  readonly exchangeOrderId: string;
  readonly side: OrderSide;
  readonly type: OrderType;
  readonly quantity: string;
  readonly price: string | null;
  readonly stopPrice: string | null;
  readonly timeInForce: TimeInForce | null;
  /** The venue's id of the pair that it belongs to. */
  readonly orderListId: string | null;
  readonly createdAt: number;
}

export interface OpenVenueOrder extends VenueOrderTerms {
  readonly filledQuantity: string;
}

/** One of the account's trades, with the order it belongs to. */
export interface VenueTrade extends Fill {
  readonly exchangeOrderId: string;
}

/** Fees as fractions of the notional: 0.001 is 0.1 %. Decimal text. */
export interface FeeRates {
  readonly maker: string;
  readonly taker: string;
  /** What a short pays for what it borrows: per cent a day of what it was sold for. Absent where nothing is lent. */
  readonly borrowPct?: string;
}

/** What a slot of the rate limits is reserved for. */
export type SlotPurpose = 'order' | 'pair' | 'cancel';

/**
 * Where orders go. Every method throws `VenueFailure` for what the venue says or does not say, and `DomainError`
 * (`UnknownSymbol`) for a market it does not have.
 */
export interface Venue {
  /** `paper`, `simulator` or a ccxt exchange id. Stored in `orders.exchange`. */
  readonly id: string;
  readonly environment: Environment;
  /**
   * How a position's stop and target rest: as a pair of which one cancels the other; the stop alone, the target being
   * managed here; or not at all, where exits fill as if they had rested (paper).
   */
  readonly protection: 'pair' | 'stop' | 'as_if_rested';
  /** Venue time, epoch ms. On paper that is the market's own candle time. */
  now(symbol: string): Promise<number>;
  market(symbol: string): Promise<Market>;
  feeRates(symbol: string): Promise<FeeRates>;
  /**
   * Takes from the account's rate limits what one such call will need; the next `place`, `placePair` or `cancel` of this
   * process spends it and takes nothing again. Asked for before an order is marked `submitting`, so that none is marked
   * that may not leave yet. Unspent it lapses within seconds. @throws VenueFailure `wait` while nothing may be sent.
   */
  reserveSlot(purpose: SlotPurpose): Promise<void>;
  /** Sends once, never retries. */
  place(request: VenueOrderRequest): Promise<VenueOrderReport>;
  /** As `place`, for both orders of a pair. */
  placePair(request: VenuePairRequest): Promise<{ readonly stop: VenueOrderReport; readonly target: VenueOrderReport }>;
  /** Null where the venue says it has no such order (which may be wrong for some minutes). */
  find(ref: VenueOrderRef): Promise<VenueOrderReport | null>;
  /** Asks for cancellation and answers with the order as it then stands; a fill that raced the cancel wins. */
  cancel(ref: VenueOrderRef): Promise<VenueOrderReport | null>;
  /** Orders that are open at the venue now, ours or not. */
  openOrders(): Promise<readonly OpenVenueOrder[]>;
  /** An order of the account by the venue's own id, whoever sent it; null where the venue has none. */
  orderById(ref: {
    readonly symbol: string;
    readonly exchangeOrderId: string;
  }): Promise<{ readonly terms: VenueOrderTerms; readonly report: VenueOrderReport } | null>;
  /** The account's trades on a symbol from a trade id on (that one included; null: from the newest page), oldest first. */
  tradesFrom(query: { readonly symbol: string; readonly fromTradeId: string | null }): Promise<readonly VenueTrade[]>;
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
