import type { Command } from 'commander';
import type { DatabasePool } from 'slonik';
import type { Environment } from '../../domain/orders/order.ts';
import { action } from '../action.ts';
import { actorOf } from '../arguments.ts';
import { assertCanAsk, confirmed } from '../confirm.ts';
import { exitCodes } from '../failure.ts';
import { withDatabase } from '../sessions.ts';
import { type EnvironmentChoice, assertReason, environmentsOf } from './environment-option.ts';
import { type StopOptions, withStopOptions } from './stop-options.ts';

interface FlattenOptions extends StopOptions {
  readonly yes?: boolean;
}

interface Scope {
  readonly environments: readonly Environment[];
  /** Never used, so that nothing can be held there. */
  readonly leftOut: readonly Environment[];
}

/** A single environment that is named is always taken. */
const scopeOf = async (pool: DatabasePool, choice: EnvironmentChoice): Promise<Scope> => {
  if (choice !== 'all') return { environments: [choice], leftOut: [] };
  const { isEverOpened } = await import('../../adapters/postgres/at-work.ts');
  const isLiveUsed = await isEverOpened(pool, 'live');
  return { environments: isLiveUsed ? environmentsOf('all') : ['paper'], leftOut: isLiveUsed ? [] : ['live'] };
};

const questionOf = async (pool: DatabasePool, { environments }: Scope): Promise<string> => {
  const { ordersAtWork, positionsHeld } = await import('../../adapters/postgres/at-work.ts');
  const parts = await Promise.all(
    environments.map(async (environment) => {
      const orders = await ordersAtWork(pool, environment);
      const positions = await positionsHeld(pool, environment);
      return `${environment} (orders at work: ${orders.length}, positions: ${positions.length})`;
    }),
  );
  return `Stop trading, cancel every order and close every position on ${parts.join(' and on ')}?`;
};

const leftOutText = (environment: Environment): string =>
  `${environment} was never used: nothing is held there, and it is not halted (mastertrade halt --environment ${environment} does that).`;

export const addFlattenCommand = (program: Command): void => {
  const flatten = program.command('flatten').description('stop trading, cancel every order and close every position');
  withStopOptions(flatten, 30)
    .option('--yes', 'do it without being asked')
    .action(
      action<FlattenOptions>(async ({ config, output }, { environment, reason, by, wait, yes = false }) => {
        assertReason(reason);
        if (!yes) assertCanAsk(output);
        const settings = await config();
        return await withDatabase(settings, async (pool) => {
          const scope = await scopeOf(pool, environment);
          if (!yes && !(await confirmed(await questionOf(pool, scope)))) {
            output.progress('Nothing was done.');
            return exitCodes.refused;
          }
          const { stopTrading } = await import('../emergency.ts');
          const { stoppedText } = await import('../emergency-text.ts');
          const { breakerActions } = await import('../../domain/breaker/policy.ts');
          const stopped = await stopTrading(
            { config: settings, pool, progress: output.progress },
            {
              environments: scope.environments,
              by: actorOf(by),
              reason,
              actions: breakerActions,
              waitMs: wait * 1_000,
            },
          );
          output.answer({ ...stopped, leftOut: scope.leftOut }, () =>
            [
              ...stopped.environments.map((each) => stoppedText(each, { each: true })),
              ...scope.leftOut.map(leftOutText),
            ].join('\n\n'),
          );
          return exitCodes.ok;
        });
      }),
    );
};
