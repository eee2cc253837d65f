import type { Command } from 'commander';
import { action } from '../action.ts';
import { actorOf, numberArgument } from '../arguments.ts';
import { withDatabase } from '../sessions.ts';
import { type EnvironmentChoice, assertReason, environmentOption, environmentsOf } from './environment-option.ts';

interface HaltOptions extends Readonly<Record<string, unknown>> {
  readonly environment: EnvironmentChoice;
  readonly reason: string;
  readonly by?: string;
  readonly wait: number;
}

export const addHaltCommand = (program: Command): void => {
  program
    .command('halt')
    .description('stop trading at once, with or without Temporal: entries are refused, working orders cancelled')
    .addOption(environmentOption('where'))
    .requiredOption('--reason <text>', 'why, for the audit')
    .option('--by <user>', 'who asks, for the audit')
    .option('--wait <seconds>', 'how long to wait for what follows', numberArgument('--wait', 0, 3_600), 10)
    .action(
      action<HaltOptions>(async ({ config, output }, { environment, reason, by, wait }) => {
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
        output.answer(stopped, () =>
          stopped.environments.map((each) => stoppedText(each, { each: false })).join('\n\n'),
        );
      }),
    );
};
