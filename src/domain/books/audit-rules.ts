import { dec } from '../decimal.ts';
import { canMove } from '../orders/order.ts';
import type { BookOrder, Books, BreakerSpan, OrderChange, Violation } from './books.ts';
import { groupBy, shown } from './compare.ts';

const same = (a: string | null, b: string | null): boolean => (a === null || b === null ? a === b : dec(a).eq(dec(b)));

const state = ({ status, filled }: OrderChange['after']): string => `${status}, ${shown(filled)} filled`;

/** Every change has its row, each begins where the last ended, and every status follows the table of transitions. */
const ofOneOrder = (order: BookOrder, changes: readonly OrderChange[]): readonly Violation[] => {
  const entity = `order/${order.orderId}`;
  const [first] = changes;
  if (!first || first.before !== null) {
    return [
      { rule: 'audit_chain', entity, found: first ? 'no first row' : 'no row', expected: 'a row that created it' },
    ];
  }
  const violations: Violation[] = [];
  let last = first.after;
  for (const { before, after, auditId } of changes.slice(1)) {
    if (before?.status !== last.status || (last.filled !== null && !same(before.filled, last.filled))) {
      const found = `audit row ${auditId} begins at ${before ? state(before) : 'nothing'}`;
      violations.push({ rule: 'audit_chain', entity, found, expected: state(last) });
    }
    if (before && before.status !== after.status && !canMove(before.status, after.status)) {
      const found = `audit row ${auditId} goes from ${before.status} to ${after.status}`;
      violations.push({ rule: 'audit_transition', entity, found, expected: `what follows ${before.status}` });
    }
    last = after;
  }
  const ends = last.status === order.status && (last.filled === null || dec(last.filled).eq(order.filledQuantity));
  if (!ends) {
    const expected = state({ status: order.status, filled: shown(order.filledQuantity) });
    violations.push({ rule: 'audit_chain', entity, found: `the audit ends at ${state(last)}`, expected });
  }
  return violations;
};

const isDuring = ({ auditId, at }: OrderChange, { from, to }: BreakerSpan): boolean => {
  const after = from.auditId === null ? at > from.at : auditId > from.auditId;
  const before = to === null || (to.auditId === null ? at < to.at : auditId < to.auditId);
  return after && before;
};

const breakerViolations = ({ orders, changes, breakers }: Books): readonly Violation[] => {
  const orderOf = new Map(orders.map((order) => [order.orderId, order]));
  return changes
    .filter(({ before, after }) => after.status === 'submitting' && before?.status !== 'submitting')
    .flatMap((change) => {
      const order = orderOf.get(change.orderId);
      if (!order || order.reduceOnly) return [];
      const open = breakers.find((span) => span.environment === order.environment && isDuring(change, span));
      if (!open) return [];
      const found = `submitting (audit row ${change.auditId}) while ${open.event} was open`;
      return [{ rule: 'breaker', entity: `order/${order.orderId}`, found, expected: 'no entry' } as const];
    });
};

/** The audit of every order against the table of transitions, its row, and the breaker events. */
export const auditViolations = (books: Books): readonly Violation[] => {
  const changesBy = groupBy(books.changes, (change) => change.orderId);
  return [
    ...books.orders.flatMap((order) => ofOneOrder(order, changesBy.get(order.orderId) ?? [])),
    ...breakerViolations(books),
  ];
};
