import type { Fill, OrderSide, OrderStatus, OrderType } from '../orders/order.ts';

/** How an order may fill on paper, by the seed's names. */
export type PaperOrderType = OrderType | 'STOP_LOSS' | 'TAKE_PROFIT';

export interface PaperOrder {
  readonly clientOrderId: string;
  readonly side: OrderSide;
  readonly type: PaperOrderType;
  /** Decimal text. */
  readonly quantity: string;
  /** Limit of a LIMIT, level of a STOP_LOSS or TAKE_PROFIT, decimal text; null for a market order. */
  readonly price: string | null;
  /** Quote that an entry may spend, fee included; null where that does not limit it. */
  readonly budget: string | null;
  readonly stepSize: string;
  /** Least that an entry takes, decimal text: less of it expires. */
  readonly minimum?: { readonly quantity: string; readonly notional: string };
  /** Whether it closes a position: what a bar's volume leaves of it goes on, while the rest of an entry expires. */
  readonly reduceOnly?: boolean;
  /** Market time from which candles count, and from which they no longer do: epoch ms. */
  readonly from: number;
  readonly cancelledAt: number | null;
  /** Time in force: the number of candles that may fill it; null or absent: good till cancelled. */
  readonly expireBars?: number | null;
}

export interface PaperCosts {
  /** Fractions of the notional, decimal text. */
  readonly maker: string;
  readonly taker: string;
  readonly slippageBps: number;
  readonly quote: string;
  /** Greatest share (fraction) of a candle's volume that one order takes of it; null or absent: no limit. */
  readonly volumeShare?: number | null;
}

export interface PaperOutcome {
  readonly status: Extract<OrderStatus, 'open' | 'partially_filled' | 'filled' | 'cancelled' | 'expired'>;
  readonly fills: readonly Fill[];
}
