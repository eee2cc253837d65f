import type { Account } from '../adapters/postgres/balances.ts';
import type { Mismatch } from '../adapters/postgres/reconciliation-alerts.ts';
import type { ReconciliationStore } from '../adapters/postgres/reconciliation-store.ts';
import type { Difference } from '../contracts/reconciliation.ts';
import type { BalanceDifference } from '../domain/orders/reconcile-balances.ts';
import type { BalanceLook } from './reconcile-balances.ts';
import type { Found } from './reconcile-orders.ts';

const balanceMismatch = (account: Account, found: BalanceDifference): Mismatch => ({
  key: `asset/${found.asset}`,
  title: `${found.asset} on ${account.exchange} (${account.environment}): our books and the venue differ by ${found.difference}`,
  message:
    `The venue holds ${found.venue} ${found.asset}, our books ${found.ours}: a difference of ${found.difference}. ` +
    'If money came from or went to the outside, record it with `mastertrade reconcile --record`.',
  entityType: 'system',
  entityId: `${account.environment}/${account.exchange}/${found.asset}`,
  metadata: { ...found },
});

export const balanceDifference = (found: BalanceDifference): Difference => ({
  subject: 'balance',
  id: found.asset,
  what: 'total',
  ours: found.ours,
  venue: found.venue,
  action: `alert: a difference of ${found.difference}, to be explained with --record`,
  settled: false,
});

/** Alerts what two looks have seen, resolves what is gone, and leaves alone what was moving. */
export const tellMismatches = async (
  reconciliation: ReconciliationStore,
  account: Account,
  last: { readonly orders: readonly Found[]; readonly balances: BalanceLook },
  lasting: readonly BalanceDifference[],
): Promise<void> => {
  const mismatches = [
    ...last.orders.flatMap(({ mismatch }) => mismatch ?? []),
    ...lasting.map((found) => balanceMismatch(account, found)),
  ];
  const scope = reconciliation.accountScope(account);
  for (const mismatch of mismatches) await reconciliation.raise(scope, mismatch);
  await reconciliation.resolve(scope, [
    ...mismatches.map(({ key }) => key),
    ...last.balances.moving.map((asset) => `asset/${asset}`),
    ...last.balances.differences.map(({ asset }) => `asset/${asset}`),
  ]);
  await reconciliation.resolveOrders(
    account,
    last.orders.flatMap(({ unpaid }) => unpaid ?? []),
  );
};

/** The rules of the books that do not hold, with an alert each where it may raise one. */
export const booksDifferences = async (
  reconciliation: ReconciliationStore,
  fix: boolean,
): Promise<readonly Difference[]> => {
  const violations = await reconciliation.checkBooks();
  const scope = reconciliation.booksScope;
  if (fix) {
    for (const { rule, entity, found, expected } of violations) {
      await reconciliation.raise(scope, {
        key: `${rule}/${entity}`,
        title: `The books do not hold: ${rule} of ${entity}`.slice(0, 255),
        message: `Found: ${found}. Expected: ${expected}.`,
        entityType: 'system',
        entityId: entity.slice(0, 100),
        metadata: { rule, entity, found, expected },
      });
    }
    await reconciliation.resolve(
      scope,
      violations.map(({ rule, entity }) => `${rule}/${entity}`),
    );
  }
  return violations.map(({ rule, entity, found, expected }) => ({
    subject: 'books',
    id: entity,
    what: rule,
    ours: found,
    venue: `expected: ${expected}`,
    action: 'alert: a person looks at it',
    settled: false,
  }));
};
