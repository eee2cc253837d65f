import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { goalStart } from './client/goal-requests.ts';
import type { Goal } from './domain/goals/goal.ts';

/**
 * Starts the loop of each goal that is not over; one that runs stays as it is. Where that can't be done the worker works
 * without them, and says so.
 */
export const watchGoals = async (
  client: Client,
  listGoals: () => Promise<readonly Goal[]>,
  logger: Logger,
): Promise<void> => {
  try {
    const goals = (await listGoals()).filter(({ status }) => status === 'active' || status === 'paused');
    for (const goal of goals) await client.workflow.start('goalLoop', goalStart(goal));
  } catch (error) {
    logger.error(
      { error: String(error) },
      'the loops of the goals were not all started: the next worker does, or a change of the goal',
    );
  }
};
