import type { Command } from 'commander';
import { action } from '../action.ts';

export const addMigrateCommand = (program: Command): void => {
  program
    .command('migrate')
    .description('bring the database up to date; one that already has the schema is adopted')
    .action(
      action(async ({ output, config }) => {
        const { databaseUrl } = await config();
        const { noDatabase } = await import('../database.ts');
        if (databaseUrl === null) throw noDatabase();
        const { migrate } = await import('../../adapters/postgres/migrate.ts');
        const { applied } = await migrate(databaseUrl, { log: output.progress });
        output.answer({ applied }, () =>
          applied.length === 0 ? 'The database is up to date.' : `Applied ${applied.length} migrations.`,
        );
      }),
    );
};
