import type { Command } from 'commander';
import { action } from '../../action.ts';
import { withDatabase } from '../../sessions.ts';
import { orderText, storedOrder } from './show.ts';

interface SettleOptions extends Readonly<Record<string, unknown>> {
  readonly reason: string;
  readonly by: string;
}

export const addSettleCommand = (order: Command): void => {
  order
    .command('settle <order>')
    .description('say that the venue never took an order that is unknown: its reservation is free again')
    .requiredOption('--reason <text>', "how you know, e.g. what the venue's own order history shows")
    .requiredOption('--by <user>', 'who says so, for the audit')
    .action(
      action<SettleOptions>(async ({ config, output }, { by, reason }, [reference = '']) => {
        const loaded = await config();
        const { orderId } = await storedOrder(loaded, reference);
        await withDatabase(loaded, async (pool) => {
          const { settleUnknown } = await import('../../../adapters/postgres/order-revision.ts');
          return await settleUnknown(pool, { orderId, actor: by, reason });
        });
        const stored = await storedOrder(loaded, orderId);
        output.answer(stored, () => orderText(stored));
      }),
    );
};
