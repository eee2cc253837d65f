import { Option, type Command } from 'commander';
import { strategyStatuses, type StrategyStatus } from '../../../domain/lifecycle/transitions.ts';
import { action } from '../../action.ts';
import { numberArgument } from '../../arguments.ts';
import { table, utc } from '../../output.ts';
import { withDatabase } from '../../sessions.ts';

interface ListOptions extends Readonly<Record<string, unknown>> {
  readonly status?: StrategyStatus;
  readonly limit: number;
}

const columns = {
  id: 'strategyId',
  name: 'name',
  market: 'symbol',
  interval: 'interval',
  status: 'status',
  version: 'version',
  policy: 'policy',
  created: 'createdAt',
};

export const addListCommand = (strategy: Command): void => {
  strategy
    .command('list')
    .description('list strategies, newest first')
    .addOption(new Option('--status <status>', 'only those in this status').choices(strategyStatuses))
    .option('--limit <number>', 'at most so many', numberArgument('--limit', 1), 100)
    .action(
      action<ListOptions>(async ({ output, config }, { status, limit }) => {
        const { listStrategies } = await import('../../../adapters/postgres/strategies.ts');
        const strategies = await withDatabase(await config(), (pool) =>
          listStrategies(pool, { limit, ...(status !== undefined && { status }) }),
        );
        const rows = strategies.map(({ definition, createdAt, ...strategy }) => ({
          strategyId: strategy.strategyId,
          name: definition.name,
          symbol: definition.symbol,
          interval: definition.interval,
          status: strategy.status,
          version: strategy.version,
          policy: strategy.policy,
          createdAt: utc(createdAt),
        }));
        output.answer(rows, () => table(rows, columns));
      }),
    );
};
