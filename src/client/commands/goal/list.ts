import type { Command } from 'commander';
import { action } from '../../action.ts';
import { table } from '../../output.ts';
import { withDatabase } from '../../sessions.ts';
import { shownGoal } from './stored-goal.ts';

const columns = {
  id: 'goalId',
  goal: 'type',
  target: 'target',
  environment: 'environment',
  priority: 'priority',
  status: 'status',
  adjusts: 'adjusts',
  'risk tolerance': 'riskTolerance',
  'max drawdown': 'maxDrawdown',
  'target date': 'targetDate',
};

export const addListCommand = (goal: Command): void => {
  goal
    .command('list')
    .description('list the goals, the highest priority first')
    .action(
      action(async ({ output, config }) => {
        const { listGoals } = await import('../../../adapters/postgres/goals/goal-rows.ts');
        const rows = (await withDatabase(await config(), (pool) => listGoals(pool))).map(shownGoal);
        output.answer(rows, () => table(rows, columns));
      }),
    );
};
