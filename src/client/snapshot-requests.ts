import type { Client } from '@temporalio/client';
import type { PortfolioSnapshot, RiskSnapshot, SkippedSnapshot } from '../contracts/portfolio.ts';
import { taskQueues } from '../contracts/task-queues.ts';
import { portfolioSnapshotWorkflowId, riskSnapshotWorkflowId } from '../contracts/workflow-ids.ts';
import { DomainError } from '../domain/errors.ts';
import type { Environment } from '../domain/orders/order.ts';

/** Both snapshots of an environment, as they were written. */
export interface TakenSnapshots {
  readonly portfolio: PortfolioSnapshot;
  readonly risk: RiskSnapshot;
}

export interface SnapshotRequests {
  /**
   * Takes both snapshots of an environment now; one that is under way is joined.
   * @throws DomainError `NoHistory` where it has no account, `PriceMissing` where nothing that it holds has a price
   */
  readonly snapshot: (environment: Environment) => Promise<TakenSnapshots>;
}

type Asked = <T>(what: string, work: () => Promise<T>) => Promise<T>;

const taken = <T extends object>(result: T | SkippedSnapshot): T => {
  if (!('skipped' in result)) return result;
  throw new DomainError('NoHistory', result.skipped, {
    next: 'run a strategy on a market in this environment, or place an order there',
  });
};

export const createSnapshotRequests = (client: Client, askedOfWorker: Asked): SnapshotRequests => {
  const run = async <T extends object>(workflow: string, workflowId: string, environment: Environment): Promise<T> => {
    const handle = await client.workflow.start<(input: { environment: Environment }) => Promise<T | SkippedSnapshot>>(
      workflow,
      {
        workflowId,
        taskQueue: taskQueues.orchestration,
        args: [{ environment }],
        workflowIdConflictPolicy: 'USE_EXISTING',
      },
    );
    return taken(await handle.result());
  };
  return {
    snapshot: (environment) =>
      askedOfWorker(`the snapshot of ${environment}`, async () => ({
        portfolio: await run('portfolioSnapshot', portfolioSnapshotWorkflowId(environment), environment),
        risk: await run('riskSnapshot', riskSnapshotWorkflowId(environment), environment),
      })),
  };
};
