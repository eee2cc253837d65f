import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { PortfolioSnapshot, SkippedSnapshot, SnapshotRequest } from '../contracts/portfolio.ts';
import type { Environment } from '../domain/orders/order.ts';

const skippedBy = (error: unknown): string | null =>
  error instanceof ActivityFailure && error.cause instanceof ApplicationFailure && error.cause.type === 'NoHistory'
    ? error.cause.message
    : null;

/** Takes a snapshot under this run's own id; an environment that nobody has used yet is no failure. */
export const takeSnapshot = async <Taken extends Pick<PortfolioSnapshot, 'equity' | 'unpriced'>>(
  environment: Environment,
  take: (request: SnapshotRequest) => Promise<Taken>,
): Promise<Taken | SkippedSnapshot> => {
  const { workflowId, firstExecutionRunId } = workflowInfo();
  try {
    const taken = await take({ environment, snapshotId: `${workflowId}/${firstExecutionRunId}` });
    const missing = taken.unpriced.length === 0 ? '' : `; without a price: ${taken.unpriced.join(', ')}`;
    setCurrentDetails(`${environment} is worth **${taken.equity}** US dollars${missing}`);
    return taken;
  } catch (error) {
    const skipped = skippedBy(error);
    if (skipped === null) throw error;
    setCurrentDetails(`Skipped: ${skipped}`);
    return { skipped };
  }
};
