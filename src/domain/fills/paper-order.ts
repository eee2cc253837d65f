import type { Fill, OrderSide, OrderStatus, OrderType, TimeInForce } from '../orders/order.ts';

export interface PaperOrder {
  readonly clientOrderId: string;
  readonly side: OrderSide;
  readonly type: OrderType;
  /** Decimal text. */
  readonly quantity: string;
  /** Limit of a LIMIT or a TAKE_PROFIT, or of what becomes one once `stopPrice` is reached; decimal text. */
  readonly price: string | null;
  /** Trigger of a STOP_LOSS, or of a TAKE_PROFIT that waits for one; decimal text. */
  readonly stopPrice?: string | null;
  /** IOC and FOK fill where they start to work or expire; FOK whole. Null or absent: good till cancelled. */
  readonly timeInForce?: TimeInForce | null;
  /** Quote that an entry may spend, fee included; null where that does not limit it. */
  readonly budget: string | null;
  /** Quote that an entry spends at whatever price it fills, fee included: its quantity follows from that. Absent or null: it is given. */
  readonly stake?: string | null;
  /** Greatest quantity of what a stake comes to, decimal text; absent or `'0'`: no limit. */
  readonly maxQuantity?: string;
  readonly stepSize: string;
  /** Least that an entry takes, decimal text: less of it expires. */
  readonly minimum?: { readonly quantity: string; readonly notional: string };
  /** Whether it closes a position: what a bar's volume leaves of it goes on, while the rest of an entry expires. */
  readonly reduceOnly?: boolean;
  /** Whether what a bar's volume leaves of it at a limit stays in the book, though it opens a position. */
  readonly staysInBook?: boolean;
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
  /** The base asset where the fee is taken from what is bought; absent: fees are quote. */
  readonly feeFrom?: string | null;
  /** Greatest share (fraction) of a candle's volume that one order takes of it; null or absent: no limit. */
  readonly volumeShare?: number | null;
}

export interface PaperOutcome {
  /** What a stake came to, decimal text; absent until it fills, and where the quantity was given. */
  readonly quantity?: string;
  readonly status: Extract<OrderStatus, 'open' | 'partially_filled' | 'filled' | 'cancelled' | 'expired'>;
  readonly fills: readonly Fill[];
}
