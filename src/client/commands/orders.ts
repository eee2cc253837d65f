import { Option, type Command } from 'commander';
import { orderStatuses, type Environment, type OrderStatus } from '../../domain/orders/order.ts';
import { action } from '../action.ts';
import { numberArgument } from '../arguments.ts';
import { table, utc } from '../output.ts';
import { withDatabase } from '../sessions.ts';

interface OrdersOptions extends Readonly<Record<string, unknown>> {
  readonly strategy?: string;
  readonly status?: OrderStatus;
  readonly environment?: Environment;
  readonly limit: number;
}

const columns = {
  id: 'orderId',
  environment: 'environment',
  market: 'symbol',
  side: 'side',
  type: 'type',
  status: 'status',
  quantity: 'quantity',
  filled: 'filledQuantity',
  'average price': 'averageFillPrice',
  sent: 'sentAt',
  note: 'note',
};

export const addOrdersCommand = (program: Command): void => {
  program
    .command('orders')
    .description('list orders, newest first')
    .option('--strategy <strategy>', 'only those of a strategy, by id or name')
    .addOption(new Option('--status <status>', 'only those in this status').choices(orderStatuses))
    .addOption(new Option('--environment <environment>', 'only paper, or only live').choices(['paper', 'live']))
    .option('--limit <number>', 'at most so many', numberArgument('--limit', 1), 100)
    .action(
      action<OrdersOptions>(async ({ output, config }, { strategy, status, environment, limit }) => {
        const { listOrders } = await import('../../adapters/postgres/orders.ts');
        const { showStrategy } = await import('../../adapters/postgres/strategies.ts');
        const orders = await withDatabase(await config(), async (pool) => {
          const of = strategy === undefined ? undefined : await showStrategy(pool, strategy);
          return listOrders(pool, {
            limit,
            ...(of && { strategyId: of.strategyId }),
            ...(status !== undefined && { status }),
            ...(environment !== undefined && { environment }),
          });
        });
        const rows = orders.map(({ metadata, sentAt, ...order }) => ({
          ...order,
          sentAt: utc(sentAt),
          reason: metadata.reason,
          note: metadata.note,
        }));
        output.answer(rows, () => table(rows, columns));
      }),
    );
};
