import { Option, type Command } from 'commander';
import { DomainError } from '../../../domain/errors.ts';
import { action } from '../../action.ts';
import { actorOf } from '../../arguments.ts';
import { withDatabase } from '../../sessions.ts';
import { changedText, shownGoal } from './stored-goal.ts';
import { addTermOptions, anyNumber, givenBounds, givenTerms, type TermOptions } from './terms.ts';

interface SetOptions extends TermOptions {
  readonly adjust?: 'on' | 'off';
  readonly by?: string;
}

export const addSetCommand = (goal: Command): void => {
  const command = goal
    .command('set')
    .description('set the goal of a type, in the place of the one that was there: a new period begins');
  addTermOptions(command)
    .option('--priority <number>', 'whose word counts first; 1 is the highest', anyNumber('--priority'))
    .option(
      '--risk-tolerance <fraction>',
      'of equity that a raised stake may lose at its stop, such as 0.02',
      anyNumber('--risk-tolerance'),
    )
    .option('--strategies <number>', 'how many hold something at a time unless adjusted', anyNumber('--strategies'))
    .option('--strategies-ceiling <number>', 'the most that raising makes of them', anyNumber('--strategies-ceiling'))
    .addOption(new Option('--adjust <how>', 'whether it may adjust risk, or only watches').choices(['on', 'off']))
    .option('--by <user>', 'who asks, for the audit')
    .action(
      action<SetOptions>(async ({ output, config }, options) => {
        const { type, target, adjust, by } = options;
        if (target === undefined) {
          throw new DomainError('BadInput', 'no --target was given', {
            next: 'give --target, in per cent of the month or in US dollars',
          });
        }
        const loaded = await config();
        const { setGoal } = await import('../../../adapters/postgres/goals/set-goal.ts');
        const bounds = givenBounds(options);
        const request = {
          type,
          target,
          ...givenTerms(options),
          ...(adjust !== undefined && { adjusts: adjust === 'on' }),
          ...(bounds && { bounds }),
          by: actorOf(by),
        };
        const { goal: changed, replaced, notes } = await withDatabase(loaded, (pool) => setGoal(pool, request));
        const { tellGoal } = await import('../../tell-goal.ts');
        const told = await tellGoal(loaded, changed);
        const answer = { ...shownGoal(changed), replaced: replaced && shownGoal(replaced), notes, loop: told };
        output.answer(answer, () => changedText(changed, notes, told));
      }),
    );
};
