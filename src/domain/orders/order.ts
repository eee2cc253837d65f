export type Environment = 'paper' | 'live';
export type OrderSide = 'BUY' | 'SELL';
/**
 * The seed's four. A STOP_LOSS waits for `stopPrice`, then is a market order, or where it has a `price` a limit order there. A
 * TAKE_PROFIT with a `price` alone rests there as a maker; with a `stopPrice` it waits for that as a stop does.
 */
export const orderTypes = ['MARKET', 'LIMIT', 'STOP_LOSS', 'TAKE_PROFIT'] as const;
export type OrderType = (typeof orderTypes)[number];
/** Why an order is: to open, to close, to rest and close if the market goes there, or by a person's own terms. */
export const orderKinds = ['entry', 'exit', 'protection', 'manual'] as const;
export type OrderKind = (typeof orderKinds)[number];
export type PositionSide = 'LONG' | 'SHORT';
/** Good till cancelled, immediate or cancel, fill or kill. */
export type TimeInForce = 'GTC' | 'IOC' | 'FOK';

/**
 * `pending` is written and not sent; `submitting` may be at the venue; `open` rests there; `unknown` could not be
 * found at the venue within the horizon and waits for a person.
 */
export const orderStatuses = [
  'pending',
  'submitting',
  'open',
  'partially_filled',
  'filled',
  'cancelled',
  'rejected',
  'expired',
  'unknown',
] as const;
export type OrderStatus = (typeof orderStatuses)[number];

/** Where an order can go from each status. A terminal status has no way out. */
export const orderTransitions: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  pending: ['submitting', 'cancelled', 'rejected'],
  submitting: ['pending', 'open', 'partially_filled', 'filled', 'cancelled', 'rejected', 'expired', 'unknown'],
  open: ['partially_filled', 'filled', 'cancelled', 'rejected', 'expired'],
  partially_filled: ['filled', 'cancelled', 'expired'],
  filled: [],
  cancelled: [],
  rejected: [],
  expired: [],
  unknown: ['open', 'partially_filled', 'filled', 'cancelled', 'rejected', 'expired'],
};

export const isTerminal = (status: OrderStatus): boolean => orderTransitions[status].length === 0;
export const canMove = (from: OrderStatus, to: OrderStatus): boolean => orderTransitions[from].includes(to);

/** One execution as the venue reports it. Decimal text; `executedAt` is epoch ms in venue time. */
export interface Fill {
  readonly tradeId: string;
  readonly price: string;
  readonly quantity: string;
  readonly commission: string;
  readonly commissionAsset: string;
  readonly executedAt: number;
}
