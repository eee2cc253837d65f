import { Option, type Command } from 'commander';
import type { Config } from '../../../config.ts';
import type { Environment } from '../../../domain/orders/order.ts';
import { action } from '../../action.ts';
import { withDatabase } from '../../sessions.ts';
import { eventArgument } from './event-argument.ts';

interface ShowOptions extends Readonly<Record<string, unknown>> {
  readonly environment?: Environment;
}

const environments: readonly Environment[] = ['live', 'paper'];

const allOf = async (config: Config, chosen: readonly Environment[]) => {
  const { readBreaker, lastEvents, shownDesk } = await import('../../breaker-desk.ts');
  return await withDatabase(config, async (pool) => ({
    environments: await Promise.all(chosen.map(async (each) => shownDesk(await readBreaker(pool, each)))),
    last: await lastEvents(pool, chosen),
  }));
};

export const addBreakerShowCommand = (breaker: Command): void => {
  breaker
    .command('show [event]')
    .description('show what is stopped and why, what is open and the last events; or all about one event')
    .addOption(new Option('--environment <environment>', 'only paper, or only live').choices(['paper', 'live']))
    .action(
      action<ShowOptions>(async ({ config, output }, { environment }, [reference]) => {
        if (reference !== undefined) {
          const eventId = eventArgument(reference);
          const { incidentRecord } = await import('../../incident-record.ts');
          const { incidentText } = await import('../../incident-text.ts');
          const record = await withDatabase(await config(), (pool) => incidentRecord(pool, eventId));
          output.answer(record, () => incidentText(record));
          return;
        }
        const all = await allOf(await config(), environment === undefined ? environments : [environment]);
        const { desksText } = await import('../../breaker-desk-text.ts');
        output.answer(all, () => desksText(all));
      }),
    );
};
