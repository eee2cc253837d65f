import type { Command } from 'commander';
import { action } from '../action.ts';

export const addDownCommand = (program: Command): void => {
  program
    .command('down')
    .description('stop what up has started and wait until it is gone; nothing is lost')
    .action(
      action(async ({ output, config }) => {
        const { home } = await config();
        const { stopStack } = await import('../../stack/control.ts');
        const pid = await stopStack(home);
        output.answer({ stopped: true, home, pid }, () => `Stopped. Everything is kept in ${home}.`);
      }),
    );
};
