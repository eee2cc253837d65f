import type { Command } from 'commander';
import type { DatabasePool } from 'slonik';
import type { IncidentView } from '../../contracts/breaker.ts';
import type { Environment } from '../../domain/orders/order.ts';
import { DomainError } from '../../domain/errors.ts';
import { action } from '../action.ts';
import { actorOf } from '../arguments.ts';
import { exitCodes } from '../failure.ts';
import { withDatabase } from '../sessions.ts';
import { type EnvironmentChoice, assertReason, environmentOption, environmentsOf } from './environment-option.ts';

interface ResumeOptions extends Readonly<Record<string, unknown>> {
  readonly environment: EnvironmentChoice;
  readonly reason?: string;
  readonly by?: string;
}

interface Refusal {
  readonly environment: Environment;
  readonly failure: DomainError;
}

/** Ends what was stopped by hand, where something was. @throws DomainError where nothing was ended anywhere */
const resumeAll = async (
  pool: DatabasePool,
  environments: readonly Environment[],
  request: { readonly by: string; readonly reason: string },
): Promise<{ readonly ended: readonly IncidentView[]; readonly refused: readonly Refusal[] }> => {
  const { resumeByHand } = await import('../../adapters/postgres/breaker/by-hand.ts');
  const ended: IncidentView[] = [];
  const refused: Refusal[] = [];
  for (const environment of environments) {
    try {
      ended.push(await resumeByHand(pool, { environment, ...request }));
    } catch (failure) {
      if (!(failure instanceof DomainError)) throw failure;
      refused.push({ environment, failure });
    }
  }
  const weightiest = refused.find(({ failure }) => failure.name !== 'NotFound') ?? refused[0];
  if (ended.length === 0 && weightiest) throw weightiest.failure;
  return { ended, refused };
};

export const addResumeCommand = (program: Command): void => {
  program
    .command('resume')
    .description('trade again where trading was stopped by hand; other incidents go on stopping it')
    .addOption(environmentOption('where'))
    .option('--reason <text>', 'why, for the audit')
    .option('--by <user>', 'who asks, for the audit')
    .action(
      action<ResumeOptions>(async ({ config, output }, { environment, reason = 'resumed by hand', by }) => {
        assertReason(reason);
        const settings = await config();
        const { endedRecord } = await import('../incident-record.ts');
        const { ended, refused } = await withDatabase(settings, async (pool) => {
          const all = await resumeAll(pool, environmentsOf(environment), { by: actorOf(by), reason });
          return { ...all, ended: await Promise.all(all.ended.map((event) => endedRecord(pool, event))) };
        });
        const { followsText, tellBreakers } = await import('../tell-breaker.ts');
        const told = await tellBreakers(
          settings,
          ended.map((each) => each.environment),
        );
        const { endedText } = await import('../incident-text.ts');
        const goesOn = ended.some(({ resumed }) => resumed.length > 0);
        const follows = goesOn ? followsText(told, 'the workflows of what goes on hear of it') : '';
        const left = refused.map(({ environment: where, failure }) => ({
          environment: where,
          error: failure.name,
          message: failure.message,
        }));
        output.answer({ told, environments: ended, refused: left }, () =>
          [
            ...ended.map(endedText),
            ...left.map(({ message }) => `Not resumed: ${message}.`),
            ...(follows === '' ? [] : [`${follows}.`]),
          ].join('\n'),
        );
        return left.every(({ error }) => error === 'NotFound') ? exitCodes.ok : exitCodes.refused;
      }),
    );
};
