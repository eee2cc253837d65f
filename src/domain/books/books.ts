import type { Trade } from '../accounting/trade.ts';
import type { Decimal } from '../decimal.ts';
import type { Environment, OrderKind, OrderSide, OrderStatus, PositionSide } from '../orders/order.ts';

/** What `checkBooks` proves, by name. */
export type BookRule =
  | 'filled_quantity'
  | 'average_fill_price'
  | 'commission'
  | 'status_and_fills'
  | 'venue_order_id'
  | 'trade_of_its_order'
  | 'trade_twice'
  | 'reservation'
  | 'position'
  | 'realized_pnl'
  | 'balance_sign'
  | 'balance_sum'
  | 'balance_locked'
  | 'balance_total'
  | 'audit_chain'
  | 'audit_transition'
  | 'breaker';

/** One statement of the books that does not hold. `entity` is `kind/key`: `order/<uuid>`, `balance/live/binance/USDT`. */
export interface Violation {
  readonly rule: BookRule;
  readonly entity: string;
  readonly found: string;
  readonly expected: string;
}

export interface BookOrder {
  readonly orderId: string;
  readonly strategyId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly environment: Environment;
  readonly exchange: string;
  readonly status: OrderStatus;
  readonly kind: OrderKind | null;
  readonly reduceOnly: boolean;
  readonly quantity: Decimal;
  readonly filledQuantity: Decimal;
  readonly averageFillPrice: Decimal | null;
  readonly commission: Decimal | null;
  readonly commissionAsset: string | null;
  readonly exchangeOrderId: string | null;
  readonly reservedAsset: string | null;
  readonly reservedAmount: Decimal | null;
  readonly base: string;
  readonly quote: string;
  /** What its market cannot sell, and what a short on paper that it opens borrows at, per cent a day. */
  readonly stepSize: Decimal;
  readonly minQuantity: Decimal;
  readonly minNotional: Decimal;
  readonly borrowPct: Decimal;
}

export interface BookTrade extends Trade {
  readonly orderId: string;
  readonly strategyId: string;
  readonly symbol: string;
  readonly environment: Environment;
  readonly exchange: string;
  /** As stored: rounded to the seed's two digits, and exact. */
  readonly realizedPnl: Decimal | null;
  readonly realizedPnlExact: Decimal | null;
  readonly borrowCost: Decimal;
  readonly dustQuantity: Decimal;
}

export interface BookPosition {
  readonly strategyId: string;
  readonly symbol: string;
  readonly environment: Environment;
  readonly exchange: string;
  readonly side: PositionSide;
  readonly quantity: Decimal;
  readonly entryPrice: Decimal;
  readonly entryFillPrice: Decimal | null;
  readonly costBasis: Decimal | null;
  readonly realizedPnl: Decimal | null;
  /** Quote that a short on paper locks; zero for everything else. */
  readonly collateral: Decimal;
}

export interface BookBalance {
  readonly environment: Environment;
  readonly exchange: string;
  readonly asset: string;
  readonly free: Decimal;
  readonly locked: Decimal;
  readonly total: Decimal;
}

/** Money from or to the outside, signed. */
export interface BookFlow {
  readonly environment: Environment;
  readonly exchange: string;
  readonly asset: string;
  readonly amount: Decimal;
}

/** One audit row of an order; `before` is null for the row that wrote it down first. Filled quantities as text or null. */
export interface OrderChange {
  readonly auditId: number;
  readonly orderId: string;
  /** Start of the transaction, epoch ms. */
  readonly at: number;
  readonly before: { readonly status: OrderStatus; readonly filled: string | null } | null;
  readonly after: { readonly status: OrderStatus; readonly filled: string | null };
}

/**
 * From when to when a breaker event was open. An audit id orders it exactly among the submissions, since both are
 * written under the lock of the trading state; where the event left none, its times in epoch ms decide.
 */
export interface BreakerSpan {
  readonly event: string;
  readonly environment: Environment;
  readonly from: { readonly auditId: number | null; readonly at: number };
  readonly to: { readonly auditId: number | null; readonly at: number } | null;
}

/** All that the books say, read in one snapshot. */
export interface Books {
  readonly orders: readonly BookOrder[];
  readonly trades: readonly BookTrade[];
  readonly positions: readonly BookPosition[];
  readonly balances: readonly BookBalance[];
  readonly flows: readonly BookFlow[];
  readonly changes: readonly OrderChange[];
  readonly breakers: readonly BreakerSpan[];
}
