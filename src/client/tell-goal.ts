import type { Config } from '../config.ts';
import type { Goal } from '../domain/goals/goal.ts';
import { goalTitle } from '../domain/goals/goal-text.ts';
import { failureOf } from './failure.ts';
import type { Told } from './tell-breaker.ts';

const connectWithinMs = 2_000;

/** Tells a goal's loop of a change that the database has already. Never throws: what was written stands, whatever becomes of this. */
export const tellGoal = async (config: Pick<Config, 'temporal'>, goal: Goal): Promise<Told> => {
  try {
    const { createTradingClient } = await import('./typed-client.ts');
    const trading = await createTradingClient({ config, connectTimeoutMs: connectWithinMs });
    try {
      await trading.goalChanged({ goalId: goal.goalId, title: goalTitle(goal) });
      if (await trading.hasWorker()) return { temporal: 'told', note: '' };
      return {
        temporal: 'no worker',
        note: 'no worker runs: the goal is looked at as soon as one does (mastertrade up)',
      };
    } finally {
      await trading.close();
    }
  } catch (error) {
    const { message } = failureOf(error);
    return {
      temporal: 'unreachable',
      note: `${message}: the change is stored, and the goal's loop reads it on its next full hour, or when a worker starts`,
    };
  }
};
