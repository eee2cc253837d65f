import type { Command } from 'commander';
import { action } from '../action.ts';
import { numberArgument } from '../arguments.ts';
import { exitCodes } from '../failure.ts';
import { facts } from '../output.ts';

interface UpOptions extends Readonly<Record<string, unknown>> {
  readonly worker: boolean;
  readonly postgresPort?: number;
  readonly temporalPort?: number;
  readonly uiPort?: number;
  readonly simulatorPort?: number;
}

const portArgument = (name: string) => numberArgument(name, 1, 65_535);

export const addUpCommand = (program: Command): void => {
  program
    .command('up')
    .description('start PostgreSQL, Temporal with its Web UI, the exchange simulator and a worker; Ctrl-C ends them')
    .option('--no-worker', 'start no worker')
    .option(
      '--postgres-port <port>',
      'port of PostgreSQL; free ones are found otherwise',
      portArgument('--postgres-port'),
    )
    .option('--temporal-port <port>', 'port of the Temporal server', portArgument('--temporal-port'))
    .option('--ui-port <port>', 'port of the Temporal Web UI', portArgument('--ui-port'))
    .option('--simulator-port <port>', 'port of the exchange simulator', portArgument('--simulator-port'))
    .addHelpText(
      'after',
      '\nWhatever the environment names (DATABASE_URL, TEMPORAL_ADDRESS, …) is used instead of its embedded part.',
    )
    .action(
      action<UpOptions>(async ({ output, config }, options) => {
        const { postgresPort, temporalPort, uiPort, simulatorPort } = options;
        const { home } = await config();
        const [{ startStack }, { superviseUntilSignal }, { externalParts }, { migrate }, { searchAttributes }] =
          await Promise.all([
            import('../../stack/stack.ts'),
            import('../../stack/control.ts'),
            import('../../stack/external-parts.ts'),
            import('../../adapters/postgres/migrate.ts'),
            import('../../contracts/search-attributes.ts'),
          ]);
        const stack = await startStack({
          home,
          external: externalParts(),
          searchAttributes,
          migrate: async (databaseUrl) => {
            await migrate(databaseUrl, { log: output.progress });
          },
          worker: options.worker,
          ports: {
            ...(postgresPort !== undefined && { postgres: postgresPort }),
            ...(temporalPort !== undefined && { temporal: temporalPort }),
            ...(uiPort !== undefined && { temporalUi: uiPort }),
            ...(simulatorPort !== undefined && { simulator: simulatorPort }),
          },
          log: output.progress,
        });
        const { describeDatabase } = await import('../../adapters/postgres/database-url.ts');
        const { databaseUrl, temporal, simulator } = stack.addresses;
        const addresses = {
          home,
          database: databaseUrl === null ? null : describeDatabase(databaseUrl),
          temporal: temporal?.address ?? null,
          webUi: temporal?.uiUrl ?? null,
          simulator: simulator?.url ?? null,
          worker: stack.processes.find(({ name }) => name === 'worker')?.pid ?? null,
        };
        output.answer(addresses, () => `${facts(addresses)}\nReady. Ctrl-C stops everything; nothing is lost.`);
        const end = await superviseUntilSignal(stack);
        if (end.reason === 'stopped') return exitCodes.ok;
        const { DomainError } = await import('../../domain/errors.ts');
        throw new DomainError('StackNotRunning', `the ${end.part} ended on its own, and the rest was stopped`, {
          next: `read ${end.logFile}, then run mastertrade up again`,
          details: { part: end.part, lastLines: end.lastLines.slice(-5) },
        });
      }),
    );
};
