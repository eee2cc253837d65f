import type { Command } from 'commander';
import type { DatabasePool } from 'slonik';
import type { Environment } from '../../domain/orders/order.ts';
import { action } from '../action.ts';
import { actorOf, numberArgument } from '../arguments.ts';
import { assertCanAsk, confirmed } from '../confirm.ts';
import { exitCodes } from '../failure.ts';
import { withDatabase } from '../sessions.ts';
import { type EnvironmentChoice, assertReason, environmentOption, environmentsOf } from './environment-option.ts';

interface FlattenOptions extends Readonly<Record<string, unknown>> {
  readonly environment: EnvironmentChoice;
  readonly reason: string;
  readonly by?: string;
  readonly wait: number;
  readonly yes?: boolean;
}

/** Of all, those that anything can be held in; a single one that is named is always taken. */
const heldIn = async (pool: DatabasePool, choice: EnvironmentChoice): Promise<readonly Environment[]> => {
  if (choice !== 'all') return [choice];
  const { isEverOpened } = await import('../../adapters/postgres/at-work.ts');
  return (await isEverOpened(pool, 'live')) ? environmentsOf('all') : ['paper'];
};

const questionOf = async (pool: DatabasePool, environments: readonly Environment[]): Promise<string> => {
  const { ordersAtWork, positionsHeld } = await import('../../adapters/postgres/at-work.ts');
  const parts = await Promise.all(
    environments.map(async (environment) => {
      const orders = await ordersAtWork(pool, environment);
      const positions = await positionsHeld(pool, environment);
      return `on ${environment} cancel ${orders.length} and close ${positions.length}`;
    }),
  );
  return `Halt trading, cancel the working orders and close the positions (${parts.join(', ')})?`;
};

export const addFlattenCommand = (program: Command): void => {
  program
    .command('flatten')
    .description('stop trading, cancel every order and close every position')
    .addOption(environmentOption('where'))
    .requiredOption('--reason <text>', 'why, for the audit')
    .option('--by <user>', 'who asks, for the audit')
    .option('--wait <seconds>', 'how long to wait for what follows', numberArgument('--wait', 0, 3_600), 30)
    .option('--yes', 'do it without being asked')
    .action(
      action<FlattenOptions>(async ({ config, output }, { environment, reason, by, wait, yes = false }) => {
        assertReason(reason);
        if (!yes) assertCanAsk(output);
        const settings = await config();
        return await withDatabase(settings, async (pool) => {
          const environments = await heldIn(pool, environment);
          if (!yes && !(await confirmed(await questionOf(pool, environments)))) {
            output.progress('Nothing was done.');
            return exitCodes.refused;
          }
          const { stopTrading } = await import('../emergency.ts');
          const { stoppedText } = await import('../emergency-text.ts');
          const { breakerActions } = await import('../../domain/breaker/policy.ts');
          const stopped = await stopTrading(
            { config: settings, pool, progress: output.progress },
            { environments, by: actorOf(by), reason, actions: breakerActions, waitMs: wait * 1_000 },
          );
          output.answer(stopped, () =>
            stopped.environments.map((each) => stoppedText(each, { each: true })).join('\n\n'),
          );
          return exitCodes.ok;
        });
      }),
    );
};
