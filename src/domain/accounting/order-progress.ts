import { type Quantity, dec, zero } from '../decimal.ts';
import { type OrderStatus, canMove, isTerminal } from '../orders/order.ts';

/** An end that a venue tells of, and how much of the order is filled by then, decimal text. */
export interface OrderEnding {
  readonly status: Extract<OrderStatus, 'cancelled' | 'rejected' | 'expired'>;
  readonly filledQuantity: string;
}

export interface OrderProgress {
  readonly status: OrderStatus;
  /** An end that waits for its trades; null where none is told of, or it has come. */
  readonly ending: OrderEnding | null;
}

/** Of two words about the end, the one that knows of more trades; the first where they know the same. */
const laterEnding = (kept: OrderEnding | null, told: OrderEnding | null): OrderEnding | null => {
  if (!kept || !told) return kept ?? told;
  return dec(told.filledQuantity).gt(dec(kept.filledQuantity)) ? told : kept;
};

const endingOf = ({ status, filledQuantity }: { status: OrderStatus; filledQuantity: string }): OrderEnding | null =>
  status === 'cancelled' || status === 'rejected' || status === 'expired' ? { status, filledQuantity } : null;

/**
 * Where an order stands after a report, whatever order reports come in. It is filled when its trades add up to its quantity,
 * and over when those that its end tells of are there; until then that end is remembered. Terminal stays terminal.
 * @param filled What its trades add up to.
 */
export const progressOf = (
  order: OrderProgress & { readonly quantity: Quantity },
  report: { readonly status: OrderStatus; readonly filledQuantity: string },
  filled: Quantity,
): OrderProgress => {
  if (isTerminal(order.status)) return { status: order.status, ending: null };
  const ending = laterEnding(order.ending, endingOf(report));
  const working = filled.gt(zero) ? 'partially_filled' : 'open';
  const isOver = ending !== null && filled.gte(dec(ending.filledQuantity));
  const said: OrderStatus = filled.gte(order.quantity) ? 'filled' : isOver ? ending.status : working;
  const status = canMove(order.status, said) ? said : order.status;
  return { status, ending: isTerminal(status) ? null : ending };
};
