import type { OrderKind, OrderStatus } from './order.ts';

/** An order whose workflow does not run. */
export interface UncarriedOrder {
  readonly status: OrderStatus;
  readonly kind: OrderKind | null;
  readonly reduceOnly: boolean;
  /** Since its row last changed. */
  readonly ageMs: number;
}

/**
 * What becomes of an order that no workflow carries. One that may be at the venue is carried on. One that was surely never sent is
 * carried on where it only makes a position smaller; an entry's moment has passed, so it ends. Protective orders
 * follow their position, whatever carries that.
 * @param staleAfterMs how long one that is on its way is left alone
 */
export const recoveryOf = (order: UncarriedOrder, staleAfterMs: number): 'leave' | 'carry_on' | 'give_up' => {
  if (order.kind === null || order.kind === 'protection') return 'leave';
  switch (order.status) {
    case 'open':
    case 'partially_filled':
      return 'carry_on';
    case 'submitting':
      return order.ageMs < staleAfterMs ? 'leave' : 'carry_on';
    case 'pending':
      if (order.ageMs < staleAfterMs) return 'leave';
      return order.reduceOnly ? 'carry_on' : 'give_up';
    default:
      return 'leave';
  }
};
