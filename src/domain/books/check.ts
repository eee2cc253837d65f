import { auditViolations } from './audit-rules.ts';
import { balanceViolations } from './balance-rules.ts';
import type { Books, Violation } from './books.ts';
import { orderViolations } from './order-rules.ts';
import { positionViolations } from './position-rules.ts';

/** Every statement of the books that does not hold; none where they are right. */
export const violationsOf = (books: Books): readonly Violation[] => [
  ...orderViolations(books),
  ...positionViolations(books),
  ...balanceViolations(books),
  ...auditViolations(books),
];
