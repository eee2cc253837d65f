import { Option, type Command } from 'commander';
import { gatePolicies } from '../../../domain/lifecycle/gates.ts';
import { action } from '../../action.ts';
import { actorOf } from '../../arguments.ts';
import { withDatabase, withTrading, type StrategyOptions } from '../../sessions.ts';

interface CreateOptions extends StrategyOptions {
  readonly policy: string;
}

export const addCreateCommand = (strategy: Command): void => {
  strategy
    .command('create <file>')
    .description('check a strategy file, store it as a draft and start its workflow')
    .addOption(
      new Option('--policy <name>', 'what its gates ask for').choices(Object.keys(gatePolicies)).default('production'),
    )
    .option('--by <user>', 'who asks, for the audit')
    .action(
      action<CreateOptions>(async (context, options, [file = '']) => {
        const { readStrategyFile } = await import('../../../adapters/files/strategy-json.ts');
        const definition = await readStrategyFile(file);
        const config = await context.config();
        const { createStrategy } = await import('../../../adapters/postgres/strategies.ts');
        const { name, symbol, interval } = definition;
        const { strategyId } = await withTrading(config, async (trading) => {
          const created = await withDatabase(config, (pool) =>
            createStrategy(pool, { definition, policy: options.policy, by: actorOf(options.by) }),
          );
          await trading.startStrategy({ ...created, name, symbol, interval });
          return created;
        });
        const answer = { strategyId, name, symbol, interval, status: 'draft', version: 1, policy: options.policy };
        context.output.answer(
          answer,
          () => `Created ${name} (${strategyId}) as a draft.\nNext: mastertrade strategy backtest ${strategyId}`,
        );
      }),
    );
};
