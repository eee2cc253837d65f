import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { isCancellation, setCurrentDetails } from '@temporalio/workflow';
import {
  type Difference,
  type ReconciliationRequest,
  type ReconciliationResult,
  reconciliationFailedKey,
} from '../contracts/reconciliation.ts';
import { database, reconcile } from './activity-proxies.ts';

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
  try {
    const result = await reconcile.reconcile(request);
    setCurrentDetails(describe(result));
    return result;
  } catch (error) {
    if (request.fix && !isCancellation(error)) await alarm(request, error);
    throw error;
  }
}

/** Refused because of how it is set up, which whoever asked is told. */
const refusals = new Set(['LiveTradingDisabled', 'VenueMismatch']);

/** An account that cannot be compared is a person's business; the next run that succeeds resolves it. */
const alarm = async ({ environment, venue }: ReconciliationRequest, error: unknown): Promise<void> => {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure && refusals.has(cause.type ?? '')) return;
  await database.raiseAlert({
    type: 'reconciliation_failed',
    severity: 'error',
    title: `${environment} on ${venue} could not be compared with our books`,
    message: cause instanceof Error ? cause.message : String(cause),
    entityType: 'system',
    entityId: `${environment}/${venue}`,
    dedupeKey: reconciliationFailedKey(environment, venue),
  });
};
