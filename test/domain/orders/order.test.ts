import { describe, expect, it } from 'vitest';
import { type OrderStatus, canMove, isTerminal, orderStatuses } from '../../../src/domain/orders/order.ts';

/** Written out, so that a change of the table has to be meant. */
const expected: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
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

describe('where an order can go', () => {
  it.each(orderStatuses.flatMap((from) => orderStatuses.map((to) => [from, to] as const)))('%s → %s', (from, to) => {
    expect(canMove(from, to)).toBe(expected[from].includes(to));
  });

  it('is nowhere from a terminal status, and an unknown one is not terminal', () => {
    expect(orderStatuses.filter(isTerminal)).toEqual(['filled', 'cancelled', 'rejected', 'expired']);
  });

  it('is never back to pending once the venue has answered', () => {
    expect(orderStatuses.filter((from) => canMove(from, 'pending'))).toEqual(['submitting']);
    expect(orderStatuses.filter((from) => canMove(from, 'submitting'))).toEqual(['pending']);
  });
});
