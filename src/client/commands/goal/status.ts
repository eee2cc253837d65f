import type { Command } from 'commander';
import type { GoalStatusChange } from '../../../adapters/postgres/goals/goal-status.ts';
import { action } from '../../action.ts';
import { actorOf } from '../../arguments.ts';
import { withDatabase } from '../../sessions.ts';
import { changedText, findGoal, shownGoal } from './stored-goal.ts';

interface StatusOptions extends Readonly<Record<string, unknown>> {
  readonly by?: string;
}

const commands: Readonly<Record<string, { readonly to: GoalStatusChange['to']; readonly description: string }>> = {
  pause: { to: 'paused', description: 'neither judge nor adjust by a goal until it is resumed' },
  resume: { to: 'active', description: 'go on with a goal that is paused' },
  cancel: { to: 'cancelled', description: 'give a goal up; setting it anew is the only way back' },
};

export const addStatusCommands = (goal: Command): void => {
  for (const [name, { to, description }] of Object.entries(commands)) {
    goal
      .command(`${name} <goal>`)
      .description(description)
      .option('--by <user>', 'who asks, for the audit')
      .action(
        action<StatusOptions>(async ({ output, config }, { by }, [reference = '']) => {
          const loaded = await config();
          const { changeGoalStatus } = await import('../../../adapters/postgres/goals/goal-status.ts');
          const changed = await withDatabase(loaded, async (pool) => {
            const { goalId } = await findGoal(pool, reference);
            return await changeGoalStatus(pool, { goalId, to, by: actorOf(by) });
          });
          const { tellGoal } = await import('../../tell-goal.ts');
          const told = await tellGoal(loaded, changed);
          output.answer({ ...shownGoal(changed), loop: told }, () => changedText(changed, [], told));
        }),
      );
  }
};
