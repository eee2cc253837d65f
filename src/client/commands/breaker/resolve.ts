import type { Command } from 'commander';
import { action } from '../../action.ts';
import { withDatabase, withTrading } from '../../sessions.ts';
import { assertReason } from '../environment-option.ts';
import { eventArgument } from './event-argument.ts';

interface ResolveOptions extends Readonly<Record<string, unknown>> {
  readonly by: string;
  readonly reason: string;
  readonly early?: boolean;
}

export const addResolveCommand = (breaker: Command): void => {
  breaker
    .command('resolve <event>')
    .description('end an incident: what only it has paused goes on')
    .requiredOption('--by <user>', 'a user with the admin role')
    .requiredOption('--reason <text>', 'why, for the audit')
    .option('--early', 'also before what made it fire is over')
    .action(
      action<ResolveOptions>(async ({ config, output }, { by, reason, early = false }, [reference = '']) => {
        const eventId = eventArgument(reference);
        assertReason(reason);
        const settings = await config();
        const { endedRecord, openIncident } = await import('../../incident-record.ts');
        const event = await withDatabase(settings, (pool) => openIncident(pool, eventId));
        const ended = await withTrading(settings, (trading) => trading.resolveIncident(event, { by, reason, early }));
        const { endedText } = await import('../../incident-text.ts');
        const answer = await withDatabase(settings, (pool) => endedRecord(pool, ended));
        output.answer(answer, () => endedText(answer));
      }),
    );
};
