import type { Command } from 'commander';
import { orderWorkflowId } from '../../../contracts/workflow-ids.ts';
import type { Config } from '../../../config.ts';
import { action } from '../../action.ts';
import { facts, table, utc } from '../../output.ts';
import { withDatabase } from '../../sessions.ts';

const fillColumns = {
  at: 'executedAt',
  quantity: 'quantity',
  price: 'price',
  commission: 'commission',
  asset: 'commissionAsset',
  'realized P&L': 'realizedPnl',
  trade: 'tradeId',
};
const auditColumns = { at: 'at', who: 'actor', what: 'action', from: 'from', to: 'to', note: 'note' };

const word = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** An order as stored: its row, its fills, each change of it, and the workflow that carries it. */
export const storedOrder = async (config: Config, reference: string) =>
  await withDatabase(config, async (pool) => {
    const { showOrder, trailOf } = await import('../../../adapters/postgres/order-trail.ts');
    const { metadata, sentAt, ...order } = await showOrder(pool, reference);
    const { fills, audit } = await trailOf(pool, order.orderId);
    return {
      ...order,
      sentAt: utc(sentAt),
      reason: metadata.reason,
      note: metadata.note,
      workflowId: orderWorkflowId(order.orderId),
      fills: fills.map((fill) => ({ ...fill, executedAt: utc(fill.executedAt) })),
      audit: audit.map(({ at, actor, action: what, from, to }) => ({
        at: utc(at),
        actor,
        action: what,
        from: word(from?.['status']),
        to: word(to?.['status']),
        note: word(to?.['note']),
      })),
    };
  });

export type StoredOrder = Awaited<ReturnType<typeof storedOrder>>;

export const orderText = ({ fills, audit, ...order }: StoredOrder): string =>
  [facts(order), `Fills:\n${table(fills, fillColumns)}`, `What happened to it:\n${table(audit, auditColumns)}`].join(
    '\n',
  );

export const addShowCommand = (order: Command): void => {
  order
    .command('show <order>')
    .description('show an order, its fills and every change of it')
    .action(
      action(async ({ output, config }, _options, [reference = '']) => {
        const stored = await storedOrder(await config(), reference);
        output.answer(stored, () => orderText(stored));
      }),
    );
};
