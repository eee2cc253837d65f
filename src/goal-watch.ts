import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { type GoalRef, goalStart } from './client/goal-requests.ts';

/**
 * Starts the loop of each goal that is not over; one that runs stays as it is. Where that can't be done the worker works
 * without them, and says so.
 */
export const watchGoals = async (
  client: Client,
  goals: () => Promise<readonly GoalRef[]>,
  logger: Logger,
): Promise<void> => {
  try {
    for (const goal of await goals()) await client.workflow.start('goalLoop', goalStart(goal));
  } catch (error) {
    logger.error(
      { error: String(error) },
      "the goals' loops were not started: the next worker, or any change of a goal, starts them",
    );
  }
};
