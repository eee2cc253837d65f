import type { Command } from 'commander';
import { action } from '../action.ts';
import { exitCodes } from '../failure.ts';
import { facts, table } from '../output.ts';

export const addStatusCommand = (program: Command): void => {
  program
    .command('status')
    .description('show what runs and where; exits with 3 when the stack does not run')
    .action(
      action(async ({ output, config }) => {
        const { home, databaseUrl, temporal, simulator, marketData, live } = await config();
        const { stackStatus } = await import('../../stack/control.ts');
        const { describeDatabase } = await import('../../adapters/postgres/database-url.ts');
        const stack = await stackStatus(home);
        const processes = stack.state === 'running' ? stack.processes : [];
        const addresses = {
          state: stack.state,
          home,
          database: databaseUrl === null ? null : describeDatabase(databaseUrl),
          temporal: temporal.address,
          namespace: temporal.namespace,
          webUi: temporal.uiUrl,
          simulator: simulator?.url ?? null,
          marketData: marketData.exchange,
          live: `${live.venue}${live.enabled ? '' : ' (off)'}${live.sandbox ? ' (sandbox)' : ''}`,
        };
        output.answer({ ...addresses, processes }, () => {
          const shown = table(processes, { part: 'name', process: 'pid', alive: 'alive' });
          return processes.length > 0 ? `${facts(addresses)}\n${shown}` : facts(addresses);
        });
        return stack.state === 'running' ? exitCodes.ok : exitCodes.environment;
      }),
    );
};
