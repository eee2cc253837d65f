import { describe, expect, it } from 'vitest';
import { type OrderProgress, progressOf } from '../../../src/domain/accounting/order-progress.ts';
import { dec } from '../../../src/domain/decimal.ts';
import { type OrderStatus, orderStatuses } from '../../../src/domain/orders/order.ts';

const order = (status: OrderStatus, ending: OrderProgress['ending'] = null) => ({ status, ending, quantity: dec('1') });
const said = (status: OrderStatus, filledQuantity: string) => ({ status, filledQuantity });

describe('where an order stands after a report', () => {
  it.each([
    ['submitting', 'open', '0', '0', 'open'],
    ['submitting', 'filled', '1', '0', 'open'],
    ['open', 'filled', '1', '0.4', 'partially_filled'],
    ['partially_filled', 'open', '0.4', '0.4', 'partially_filled'],
    ['partially_filled', 'partially_filled', '0.4', '1', 'filled'],
    ['submitting', 'rejected', '0', '0', 'rejected'],
    ['partially_filled', 'cancelled', '0.4', '0.4', 'cancelled'],
    ['unknown', 'expired', '0', '0', 'expired'],
  ] as const)('%s, told %s with %s filled, %s of it known: %s', (from, word, filled, known, to) => {
    expect(progressOf(order(from), said(word, filled), dec(known))).toEqual({ status: to, ending: null });
  });

  it('remembers an end until its trades are there, whatever is said meanwhile', () => {
    const first = progressOf(order('open'), said('cancelled', '0.4'), dec('0'));
    expect(first).toEqual({ status: 'open', ending: { status: 'cancelled', filledQuantity: '0.4' } });
    const second = progressOf(order('open', first.ending), said('partially_filled', '0.3'), dec('0.3'));
    expect(second).toEqual({ status: 'partially_filled', ending: first.ending });
    expect(progressOf(order('partially_filled', second.ending), said('open', '0'), dec('0.4'))).toEqual({
      status: 'cancelled',
      ending: null,
    });
  });

  it('of two ends keeps the one that knows of more trades', () => {
    const ending = { status: 'cancelled', filledQuantity: '0.4' } as const;
    expect(progressOf(order('open', ending), said('expired', '0.7'), dec('0.5'))).toEqual({
      status: 'partially_filled',
      ending: { status: 'expired', filledQuantity: '0.7' },
    });
    expect(progressOf(order('open', ending), said('expired', '0.2'), dec('0.3')).ending).toEqual(ending);
  });

  it.each(['filled', 'cancelled', 'expired', 'rejected'] as const)('%s stays so', (end) => {
    for (const word of orderStatuses) {
      expect(progressOf(order(end), said(word, '1'), dec('1')).status).toBe(end);
    }
  });
});
