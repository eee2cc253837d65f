import type { Client, WorkflowStartOptions } from '@temporalio/client';
import { goalChangedSignal } from '../contracts/goals.ts';
import { taskQueues } from '../contracts/task-queues.ts';
import { goalWorkflowId } from '../contracts/workflow-ids.ts';
import type { Goal } from '../domain/goals/goal.ts';

type GoalRef = Pick<Goal, 'goalId' | 'type'>;

/** How a goal's loop is started; where it runs, that is the run. */
export const goalStart = ({ goalId, type }: GoalRef): WorkflowStartOptions & { args: [{ goalId: number }] } => ({
  workflowId: goalWorkflowId(goalId),
  taskQueue: taskQueues.orchestration,
  args: [{ goalId }],
  workflowIdConflictPolicy: 'USE_EXISTING',
  staticSummary: `Goal ${type}`,
  staticDetails: 'Looks at the goal on every full hour: progress, and the risk that the next orders are sized by.',
  memo: { goalId },
});

/** What can be asked of the goals' loops. */
export interface GoalRequests {
  /**
   * Tells a goal's loop that its row was changed, and starts it where it does not run.
   * @throws DomainError `TemporalUnreachable`, after a few seconds
   */
  readonly goalChanged: (goal: GoalRef) => Promise<void>;
}

type Asked = <T>(what: string, work: () => Promise<T>) => Promise<T>;

/** A change that is stored already is not worth a long wait: the loop reads it on its next hour. */
const tellingMs = 3_000;

export const createGoalRequests = (client: Client, asked: Asked): GoalRequests => ({
  goalChanged: (goal) =>
    asked(`goal ${goal.goalId}`, () =>
      client.withDeadline(Date.now() + tellingMs, async () => {
        await client.workflow.signalWithStart('goalLoop', {
          ...goalStart(goal),
          signal: goalChangedSignal,
          signalArgs: [],
        });
      }),
    ),
});
