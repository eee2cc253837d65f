import { setCurrentDetails } from '@temporalio/workflow';
import type { Difference, ReconciliationRequest, ReconciliationResult } from '../contracts/reconciliation.ts';
import { reconcile } from './activity-proxies.ts';

const cells = (values: readonly string[]): string =>
  `| ${values.map((value) => value.replaceAll('|', '\\|')).join(' | ')} |`;

const row = ({ what, id, ours, venue, action, settled }: Difference): string =>
  cells([`${what} ${id}`, ours, venue, settled ? `${action} ✓` : action]);

const describe = (result: ReconciliationResult): string => {
  const { orders, trades, balances } = result.compared;
  const summary =
    result.skipped ??
    `${orders} orders, ${trades} trades and ${balances} balances compared: **${result.found} differences**, ${result.left} left`;
  if (result.differences.length === 0) return summary;
  const table = [
    cells(['what', 'our books', 'the venue', result.fix ? 'done' : 'would be done']),
    '| --- | --- | --- | --- |',
    ...result.differences.map(row),
  ];
  return [summary, table.join('\n')].join('\n\n');
};

/**
 * Compares an account with its venue, or on paper the books with themselves, once. What it books, adopts and alerts is idempotent by
 * the rows, so that another run at the same time changes nothing that this one does not.
 */
export async function reconciliation(request: ReconciliationRequest): Promise<ReconciliationResult> {
  setCurrentDetails(`Comparing ${request.environment} on ${request.venue}`);
  const result = await reconcile.reconcile(request);
  setCurrentDetails(describe(result));
  return result;
}
