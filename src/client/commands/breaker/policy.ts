import { Option, type Command } from 'commander';
import { DomainError } from '../../../domain/errors.ts';
import type { Environment } from '../../../domain/orders/order.ts';
import { action } from '../../action.ts';
import { actorOf } from '../../arguments.ts';
import { utc } from '../../output.ts';
import { withDatabase } from '../../sessions.ts';

interface PolicyOptions extends Readonly<Record<string, unknown>> {
  readonly environment?: Environment;
  readonly set?: string;
  readonly by?: string;
}

const environments: readonly Environment[] = ['live', 'paper'];

export const addPolicyCommand = (breaker: Command): void => {
  breaker
    .command('policy')
    .description('show what makes a breaker fire and what it does then, or change it')
    .addOption(new Option('--environment <environment>', 'only paper, or only live').choices(['paper', 'live']))
    .option('--set <file>', 'a JSON file with the policy, or with what is to change of it')
    .option('--by <user>', 'who changes it, for the audit')
    .action(
      action<PolicyOptions>(async ({ config, output }, { environment, set, by }) => {
        if (set !== undefined && environment === undefined) {
          throw new DomainError('BadInput', '--set needs --environment', {
            next: 'say whose policy it is: --environment paper or --environment live',
          });
        }
        const { readPolicyFile } = await import('../../policy-file.ts');
        const change = set === undefined ? null : { policy: await readPolicyFile(set), source: set, by: actorOf(by) };
        const { setPolicy, showPolicy } = await import('../../../adapters/postgres/breaker/policies.ts');
        const found = await withDatabase(await config(), async (pool) =>
          Promise.all(
            (environment === undefined ? environments : [environment]).map(async (each) => ({
              environment: each,
              ...(change ? await setPolicy(pool, { environment: each, ...change }) : await showPolicy(pool, each)),
            })),
          ),
        );
        const policies = found.map(({ updatedAt, ...policy }) => ({ ...policy, updatedAt: utc(updatedAt) }));
        const { policyText } = await import('../../policy-text.ts');
        output.answer(policies, () => policies.map(policyText).join('\n\n'));
      }),
    );
};
