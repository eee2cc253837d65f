import type { Command } from 'commander';
import { action } from '../action.ts';
import { actorOf } from '../arguments.ts';
import { withDatabase } from '../sessions.ts';
import { assertReason, environmentsOf } from './environment-option.ts';
import { type StopOptions, withStopOptions } from './stop-options.ts';

export const addHaltCommand = (program: Command): void => {
  const halt = program
    .command('halt')
    .description('stop trading at once, with or without Temporal: entries are refused, working orders cancelled');
  withStopOptions(halt, 10).action(
    action<StopOptions>(async ({ config, output }, { environment, reason, by, wait }) => {
      assertReason(reason);
      const settings = await config();
      const { stopTrading } = await import('../emergency.ts');
      const { stoppedText } = await import('../emergency-text.ts');
      const stopped = await withDatabase(settings, (pool) =>
        stopTrading(
          { config: settings, pool, progress: output.progress },
          {
            environments: environmentsOf(environment),
            by: actorOf(by),
            reason,
            actions: null,
            waitMs: wait * 1_000,
          },
        ),
      );
      output.answer(stopped, () => stopped.environments.map((each) => stoppedText(each, { each: false })).join('\n\n'));
    }),
  );
};
